import {
  getNamedType, isCompositeType, isInterfaceType, isObjectType, type DocumentNode, type FieldNode, type FragmentDefinitionNode, type GraphQLCompositeType,
  type GraphQLSchema, type OperationDefinitionNode, type SelectionSetNode, type ValueNode,
} from 'graphql';
import { TypedError } from './errors';

/** What GitHub works out about a query before it runs it. */
export interface StaticCost {
  /** Points: one request for each time that a connection would have to be fetched, divided by 100, at least 1. */
  cost: number;
  /** Nodes that it could answer at most; 500,000 are allowed. */
  nodeCount: number;
  /** Lists that the query pages through, each once. */
  walks: Array<{ connection: string; after: string | null; size: number }>;
  /** What the query names at its root: `owner/name`, owners' logins and node ids. */
  names: string[];
}

export const MAX_PAGE = 100;
export const MAX_NODES = 500_000;

type Variables = Readonly<Record<string, unknown>>;

function valueOf(node: ValueNode, variables: Variables): unknown {
  switch (node.kind) {
    case 'Variable':
      return variables[node.name.value];
    case 'IntValue':
      return Number(node.value);
    case 'BooleanValue':
    case 'StringValue':
      return node.value;
    case 'ListValue':
      return node.values.map((value) => valueOf(value, variables));
    default:
      return null;
  }
}

function argument(field: FieldNode, name: string, variables: Variables): unknown {
  const given = field.arguments?.find((candidate) => candidate.name.value === name);
  return given ? (valueOf(given.value, variables) ?? undefined) : undefined;
}

/**
 * Checks page sizes as GitHub does (`first` or `last` on every connection, 1–100) and works out cost and nodes.
 * Throws GitHub's own errors.
 */
export function analyse(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Variables): StaticCost {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === 'FragmentDefinition') {
      fragments.set(definition.name.value, definition);
    }
  }
  let requests = 0;
  let nodeCount = 0;
  const walks: StaticCost['walks'] = [];
  const names: string[] = [];

  const visit = (type: GraphQLCompositeType, selections: SelectionSetNode, multiplier: number, path: string[]): void => {
    for (const selection of selections.selections) {
      if (!isIncluded(selection.directives, variables)) {
        continue;
      }
      if (selection.kind === 'InlineFragment') {
        const narrowed = selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : type;
        if (isCompositeType(narrowed)) {
          visit(narrowed, selection.selectionSet, multiplier, path);
        }
        continue;
      }
      if (selection.kind === 'FragmentSpread') {
        const fragment = fragments.get(selection.name.value);
        const narrowed = fragment && schema.getType(fragment.typeCondition.name.value);
        if (fragment && isCompositeType(narrowed)) {
          visit(narrowed, fragment.selectionSet, multiplier, path);
        }
        continue;
      }
      if (!(isObjectType(type) || isInterfaceType(type))) {
        continue;
      }
      const definition = type.getFields()[selection.name.value];
      if (!definition) {
        continue;
      }
      const named = getNamedType(definition.type);
      if (path.length === 0) {
        const [owner, name, login, id, ids] = ['owner', 'name', 'login', 'id', 'ids'].map((key) => argument(selection, key, variables));
        names.push(...[owner !== undefined && name !== undefined ? `${String(owner)}/${String(name)}` : undefined, login, id, ids].flat().filter((value): value is string => typeof value === 'string'));
      }
      const at = [...path, selection.alias?.value ?? selection.name.value];
      let below = multiplier;
      if (named.name.endsWith('Connection') && definition.args.some((arg) => arg.name === 'first')) {
        const size = pageSize(selection, variables, at);
        const cursor = argument(selection, 'after', variables) ?? argument(selection, 'before', variables);
        walks.push({ connection: selection.name.value, after: typeof cursor === 'string' ? cursor : null, size });
        requests += multiplier;
        below = multiplier * size;
        nodeCount += below;
      } else if (named.name === 'Node' && selection.name.value === 'nodes') {
        const ids = argument(selection, 'ids', variables);
        below = multiplier * Math.max(1, Array.isArray(ids) ? ids.length : 1);
        nodeCount += below;
      }
      if (selection.selectionSet && isCompositeType(named)) {
        visit(named, selection.selectionSet, below, at);
      }
    }
  };

  const root = schema.getRootType(operation.operation);
  if (root) {
    visit(root, operation.selectionSet, 1, []);
  }
  if (nodeCount > MAX_NODES) {
    throw new TypedError(
      'MAX_NODE_LIMIT_EXCEEDED',
      `This query requests up to ${nodeCount.toLocaleString('en-US')} possible nodes which exceeds the maximum limit of ${MAX_NODES.toLocaleString('en-US')}.`
    );
  }
  return { cost: Math.max(1, Math.round(requests / 100)), nodeCount, walks, names };
}

function isIncluded(directives: FieldNode['directives'], variables: Variables): boolean {
  for (const directive of directives ?? []) {
    const condition = directive.arguments?.[0];
    const value = condition ? valueOf(condition.value, variables) : undefined;
    if ((directive.name.value === 'include' && value === false) || (directive.name.value === 'skip' && value === true)) {
      return false;
    }
  }
  return true;
}

function pageSize(field: FieldNode, variables: Variables, path: string[]): number {
  const first = argument(field, 'first', variables);
  const last = argument(field, 'last', variables);
  const name = field.name.value;
  const nodes = [field];
  const fail = (type: 'MISSING_PAGINATION_BOUNDARIES' | 'INVALID_PAGINATION' | 'EXCESSIVE_PAGINATION', message: string): never => {
    const error = new TypedError(type, message, { nodes });
    Object.defineProperty(error, 'path', { value: path, enumerable: true });
    throw error;
  };
  if (first === undefined && last === undefined) {
    return fail('MISSING_PAGINATION_BOUNDARIES', `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`);
  }
  if (first !== undefined && last !== undefined) {
    return fail('INVALID_PAGINATION', `Passing both \`first\` and \`last\` to paginate the \`${name}\` connection is not supported.`);
  }
  const [size, which] = first === undefined ? [Number(last), 'last'] : [Number(first), 'first'];
  if (size < 0) {
    return fail('INVALID_PAGINATION', `\`${which}\` on the \`${name}\` connection cannot be less than zero.`);
  }
  if (size > MAX_PAGE) {
    return fail('EXCESSIVE_PAGINATION', `Requesting ${size} records on the \`${name}\` connection exceeds the \`${which}\` limit of ${MAX_PAGE} records.`);
  }
  return size;
}
