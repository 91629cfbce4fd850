import { readFileSync } from 'node:fs';
import { buildSchema, execute, GraphQLError, parse, validate, type DocumentNode, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { packageFile } from '../package-file';
import type { QueryContext } from './context';
import { asGitHubError, TypedError, type GitHubError } from './errors';
import { resolvers, type Resolver } from './resolvers';
import { analyse, type StaticCost } from './statics';

let loaded: GraphQLSchema | null = null;

/** GitHub's own published schema. */
export function gitHubSchema(): GraphQLSchema {
  loaded ??= buildSchema(readFileSync(packageFile('@octokit/graphql-schema/schema.graphql'), 'utf8'), { assumeValid: true, assumeValidSDL: true });
  return loaded;
}

export interface GraphQLRequest {
  query: string;
  variables: Record<string, unknown>;
  operationName: string | null;
}

export interface Prepared {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  cost: StaticCost;
}

export interface GraphQLAnswer {
  data?: Record<string, unknown> | null;
  errors?: GitHubError[];
}

const documents = new Map<string, DocumentNode | readonly GraphQLError[]>();

function parsed(query: string): DocumentNode | readonly GraphQLError[] {
  let document = documents.get(query);
  if (!document) {
    try {
      const ast = parse(query);
      const errors = validate(gitHubSchema(), ast);
      document = errors.length > 0 ? errors : ast;
    } catch (error) {
      document = [error instanceof GraphQLError ? error : new GraphQLError(String(error))];
    }
    if (documents.size > 500) {
      documents.clear();
    }
    documents.set(query, document);
  }
  return document;
}

/** Parses, validates against the schema and prices a query; answers GitHub's errors when it must not run. */
export function prepare(request: GraphQLRequest): Prepared | { errors: GitHubError[] } {
  const document = parsed(request.query);
  if (!('kind' in document)) {
    return {
      errors: document.map((error) => ({
        ...asGitHubError(error),
        ...(/^Syntax Error/.test(error.message) ? { message: error.message.replace(/^Syntax Error: /, 'Parse error on ') } : { extensions: validationCode(error) }),
      })),
    };
  }
  const operations = document.definitions.filter((definition): definition is OperationDefinitionNode => definition.kind === 'OperationDefinition');
  const operation = request.operationName === null ? operations[0] : operations.find((candidate) => candidate.name?.value === request.operationName);
  if (!operation || (request.operationName === null && operations.length > 1)) {
    return { errors: [{ message: request.operationName === null ? 'An operation name is required' : `No operation named "${request.operationName}"` }] };
  }
  if (operation.operation !== 'query') {
    return { errors: [{ type: 'NOT_MODELLED', message: 'the double only reads' }] };
  }
  const variables: Record<string, unknown> = {};
  for (const definition of operation.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    if (name in request.variables) {
      variables[name] = request.variables[name];
    } else if (definition.defaultValue?.kind === 'IntValue') {
      variables[name] = Number(definition.defaultValue.value);
    } else if (definition.defaultValue?.kind === 'BooleanValue') {
      variables[name] = definition.defaultValue.value;
    }
  }
  try {
    return { document, operation, cost: analyse(gitHubSchema(), document, operation, variables) };
  } catch (error) {
    if (error instanceof TypedError) {
      return { errors: [asGitHubError(error)] };
    }
    throw error;
  }
}

function validationCode(error: GraphQLError): Record<string, unknown> {
  const field = /Cannot query field "(\w+)" on type "(\w+)"/.exec(error.message);
  if (field) {
    return { code: 'undefinedField', typeName: field[2], fieldName: field[1] };
  }
  return { code: /argument/i.test(error.message) ? 'argumentLiteralsIncompatible' : 'invalidQuery' };
}

/** Fields of connections, edges and page infos are plain properties; every other field has a resolver or is refused. */
const PLAIN = /(Connection|Edge|PageInfo|RateLimit)$/;

export function run(prepared: Prepared, request: GraphQLRequest, context: QueryContext): GraphQLAnswer {
  const result = execute({
    schema: gitHubSchema(),
    document: prepared.document,
    operationName: request.operationName,
    variableValues: request.variables,
    contextValue: context,
    rootValue: {},
    fieldResolver: (source: Record<string, unknown>, args: Record<string, unknown>, queryContext: QueryContext, info) => {
      const resolver = resolvers[info.parentType.name]?.[info.fieldName] as Resolver<unknown> | undefined;
      if (resolver) {
        return resolver(source, args, queryContext, info);
      }
      if (PLAIN.test(info.parentType.name) && info.fieldName in source) {
        return source[info.fieldName];
      }
      throw new TypedError('NOT_MODELLED', `the double does not model ${info.parentType.name}.${info.fieldName}`);
    },
    typeResolver: (value: { kind: string }) => value.kind,
  });
  if (result instanceof Promise) {
    throw new Error('resolvers must answer at once');
  }
  const answer: GraphQLAnswer = {};
  if (result.data !== undefined) {
    answer.data = result.data ?? null;
  }
  if (result.errors) {
    answer.errors = result.errors.map(asGitHubError);
  }
  return answer;
}
