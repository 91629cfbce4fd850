import { readFileSync } from 'node:fs';
import Ajv, { type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { packageFile } from '../package-file';

/**
 * GitHub's own description of its REST interface. Answers of the double are held against it, so that a test never
 * learns from something that GitHub would not say; requests are held against its parameters.
 */
interface Operation {
  operationId: string;
  parameters?: unknown[];
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}
interface Parameter {
  name: string;
  in: string;
  schema?: { type?: string; enum?: unknown[]; format?: string };
}
interface Description {
  paths: Record<string, Record<string, Operation>>;
  components: { parameters: Record<string, Parameter>; schemas: Record<string, unknown> };
}

let description: Description | null = null;
const validators = new Map<string, ValidateFunction | null>();
const components = new Map<string, { schema: unknown; uses: string[] }>();

const ajv = new Ajv({ strict: false, validateFormats: true, inlineRefs: false, code: { optimize: false } });
addFormats(ajv);
// Some of GitHub's "uri" values are templates or empty, and bots have addresses with brackets.
ajv.addFormat('uri', true);
ajv.addFormat('email', true);

function load(): Description {
  description ??= JSON.parse(readFileSync(packageFile('@octokit/openapi/generated/api.github.com.json'), 'utf8')) as Description;
  return description;
}

const REFERENCE = '#/components/schemas/';

/** OpenAPI 3.0 as JSON Schema: `nullable` becomes a type, references lead to `$defs`. Notes what it refers to. */
function jsonSchema(value: unknown, uses: Set<string>): unknown {
  if (Array.isArray(value)) {
    return value.map((element) => jsonSchema(element, uses));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const schema: Record<string, unknown> = {};
  for (const [key, below] of Object.entries(value)) {
    if (key === '$ref' && typeof below === 'string' && below.startsWith(REFERENCE)) {
      uses.add(below.slice(REFERENCE.length));
      schema.$ref = `#/$defs/${below.slice(REFERENCE.length)}`;
    } else if (key !== 'nullable' && key !== 'example' && key !== 'description') {
      schema[key] = key === 'enum' || key === 'required' ? below : jsonSchema(below, uses);
    } else if (key !== 'nullable' && typeof below === 'object') {
      // A property of that name, not a remark.
      schema[key] = jsonSchema(below, uses);
    }
  }
  if ((value as { nullable?: unknown }).nullable !== true) {
    return schema;
  }
  if (typeof schema.type === 'string') {
    const choices = Array.isArray(schema.enum) && !schema.enum.includes(null) ? { enum: [...(schema.enum as unknown[]), null] } : {};
    return { ...schema, ...choices, type: [schema.type, 'null'] };
  }
  return { anyOf: [schema, { type: 'null' }] };
}

function component(name: string): { schema: unknown; uses: string[] } {
  let found = components.get(name);
  if (!found) {
    const uses = new Set<string>();
    found = { schema: jsonSchema(load().components.schemas[name], uses), uses: [...uses] };
    components.set(name, found);
  }
  return found;
}

/** A schema with everything that it refers to. */
function compile(schema: object): ValidateFunction {
  const open = new Set<string>();
  const root = jsonSchema(schema, open) as object;
  const $defs: Record<string, unknown> = {};
  for (const name of open) {
    const { schema: definition, uses } = component(name);
    $defs[name] = definition;
    uses.forEach((used) => open.add(used));
  }
  return ajv.compile({ ...root, $defs });
}

function operation(method: string, template: string): Operation | null {
  return load().paths[template]?.[method.toLowerCase()] ?? null;
}

/** GitHub's id of an operation, such as `repos/get`. */
export function operationId(method: string, template: string): string | null {
  return operation(method, template)?.operationId ?? null;
}

/** What is wrong with an answer by GitHub's description; null when nothing is. */
export function answerFault(method: string, template: string, status: number, body: unknown): string | null {
  const key = `${method} ${template} ${status}`;
  if (!validators.has(key)) {
    const schema = operation(method, template)?.responses[String(status)]?.content?.['application/json']?.schema;
    validators.set(key, schema ? compile(schema) : null);
  }
  const validator = validators.get(key);
  if (!validator || validator(body)) {
    return null;
  }
  return ajv.errorsText(validator.errors?.slice(0, 5), { dataVar: 'answer' });
}

/** What is wrong with the query of a request: parameters that GitHub knows must have values that it allows. Unknown ones it ignores. */
export function queryFault(method: string, template: string, query: URLSearchParams): { field: string; message: string } | null {
  for (const given of operation(method, template)?.parameters ?? []) {
    const parameter = '$ref' in (given as object) ? load().components.parameters[(given as { $ref: string }).$ref.split('/').pop()!] : (given as Parameter);
    const value = parameter?.in === 'query' ? query.get(parameter.name) : null;
    if (!parameter || value === null) {
      continue;
    }
    const { type, enum: choices, format } = parameter.schema ?? {};
    if (choices && !choices.includes(value)) {
      return { field: parameter.name, message: `${parameter.name} must be one of ${choices.join(', ')}` };
    }
    if (type === 'integer' && !/^-?\d+$/.test(value)) {
      return { field: parameter.name, message: `${parameter.name} must be a whole number` };
    }
    // `created` is called a time there, but takes ranges.
    if (type === 'string' && format === 'date-time' && parameter.name !== 'created' && !Number.isFinite(Date.parse(value))) {
      return { field: parameter.name, message: `${parameter.name} must be a time` };
    }
  }
  return null;
}
