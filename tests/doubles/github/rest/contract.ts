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
  components: { parameters: Record<string, Parameter> };
}

let description: Description | null = null;
let ajv: Ajv | null = null;
const validators = new Map<string, ValidateFunction | null>();

function load(): Description {
  if (!description) {
    const text = readFileSync(packageFile('@octokit/openapi/generated/api.github.com.json'), 'utf8');
    description = JSON.parse(text, (_, value: unknown) => jsonSchema(value)) as Description;
    ajv = new Ajv({ strict: false, validateFormats: true, inlineRefs: false, code: { optimize: false } });
    addFormats(ajv);
    // Some of GitHub's "uri" values are templates or empty.
    ajv.addFormat('uri', true);
    // Bots have addresses with brackets.
    ajv.addFormat('email', true);
    ajv.addSchema({ $id: 'github', ...description });
  }
  return description;
}

/** OpenAPI 3.0 writes `nullable`; JSON Schema wants null among the types. */
function jsonSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || (value as { nullable?: unknown }).nullable !== true) {
    return value;
  }
  const { nullable, ...rest } = value as Record<string, unknown>;
  void nullable;
  if (typeof rest.type === 'string') {
    const choices = Array.isArray(rest.enum) && !rest.enum.includes(null) ? { enum: [...(rest.enum as unknown[]), null] } : {};
    return { ...rest, ...choices, type: [rest.type, 'null'] };
  }
  return { anyOf: [rest, { type: 'null' }] };
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
    const found = operation(method, template)?.responses[String(status)];
    const has = found?.content?.['application/json']?.schema !== undefined;
    const escaped = template.replace(/~/g, '~0').replace(/\//g, '~1').replace(/\{/g, '%7B').replace(/\}/g, '%7D');
    validators.set(key, has ? ajv!.compile({ $ref: `github#/paths/${escaped}/${method.toLowerCase()}/responses/${status}/content/application~1json/schema` }) : null);
  }
  const validator = validators.get(key);
  if (!validator || validator(body)) {
    return null;
  }
  return ajv!.errorsText(validator.errors?.slice(0, 5), { dataVar: 'answer' });
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
