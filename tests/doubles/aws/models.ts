import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the service models of the Python package `botocore` are kept once they were fetched: never a part of the project. */
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/aws-models', import.meta.url));

export const SERVICES = ['codepipeline', 'ssm', 'sts', 'cloudwatch'] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface Shape {
  type: string;
  members?: Record<string, { shape: string }>;
  member?: { shape: string };
  key?: { shape: string };
  value?: { shape: string };
  required?: string[];
  enum?: string[];
  min?: number;
  max?: number;
  pattern?: string;
}

export interface ServiceModel {
  metadata: { protocol: string; protocols?: string[]; jsonVersion?: string; targetPrefix?: string; apiVersion: string };
  operations: Record<string, { input?: { shape: string }; output?: { shape: string; resultWrapper?: string }; errors?: Array<{ shape: string }> }>;
  shapes: Record<string, Shape>;
}

export type Models = Record<ServiceName, ServiceModel>;

const modelFile = (service: ServiceName): string => join(CACHE, `${service}.json`);

/** The models from the cache; null when they were never fetched. */
export function cachedModels(): Models | null {
  if (!SERVICES.every((service) => existsSync(modelFile(service)))) {
    return null;
  }
  return Object.fromEntries(SERVICES.map((service) => [service, JSON.parse(readFileSync(modelFile(service), 'utf8')) as ServiceModel])) as Models;
}

/** Takes the four models out of a wheel that pip downloaded. */
const EXTRACT = `
import glob, gzip, sys, zipfile
archive = zipfile.ZipFile(sorted(glob.glob(sys.argv[1] + '/botocore-*.whl'))[-1])
for service in sys.argv[2:]:
    name = sorted(n for n in archive.namelist() if n.startswith(f'botocore/data/{service}/') and 'service-2.json' in n)[-1]
    data = archive.read(name)
    open(f'{sys.argv[1]}/{service}.json', 'wb').write(gzip.decompress(data) if name.endswith('.gz') else data)
`;

/** The models, fetched with pip when they are not there yet; a reason in words when that cannot be. */
export function fetchModels(): Models | { missing: string } {
  const cached = cachedModels();
  if (cached) {
    return cached;
  }
  try {
    mkdirSync(CACHE, { recursive: true });
    execFileSync('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--disable-pip-version-check', '--dest', CACHE, 'botocore'], { stdio: 'pipe', timeout: 120_000 });
    execFileSync('python3', ['-c', EXTRACT, CACHE, ...SERVICES], { stdio: 'pipe', timeout: 60_000 });
  } catch (error) {
    return { missing: `botocore's service models cannot be had here: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}` };
  }
  return cachedModels() ?? { missing: "botocore's wheel had no such models" };
}

/**
 * What of a value breaks a model, as `path: words`. Times are `Date`s here, whatever the wire has.
 */
export function problemsOf(model: ServiceModel, shapeName: string, value: unknown, path = ''): string[] {
  const shape = model.shapes[shapeName];
  const at = path === '' ? shapeName : path;
  if (!shape) {
    return [`${at}: no shape ${shapeName}`];
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
  switch (shape.type) {
    case 'structure': {
      if (!isObject) {
        return [`${at}: not a structure`];
      }
      const members = shape.members ?? {};
      const missing = (shape.required ?? []).filter((name) => (value as Record<string, unknown>)[name] === undefined).map((name) => `${at}.${name}: missing`);
      return [
        ...missing,
        ...Object.entries(value as Record<string, unknown>).flatMap(([name, member]) =>
          member === undefined ? [] : members[name] ? problemsOf(model, members[name].shape, member, `${at}.${name}`) : [`${at}.${name}: unknown`]
        ),
      ];
    }
    case 'list':
      return Array.isArray(value)
        ? [...rangeProblems(shape, value.length, at), ...value.flatMap((member, index) => problemsOf(model, shape.member!.shape, member, `${at}[${index}]`))]
        : [`${at}: not a list`];
    case 'map':
      return isObject
        ? Object.entries(value as Record<string, unknown>).flatMap(([key, member]) => [
            ...problemsOf(model, shape.key!.shape, key, `${at} key`),
            ...problemsOf(model, shape.value!.shape, member, `${at}.${key}`),
          ])
        : [`${at}: not a map`];
    case 'string':
      if (typeof value !== 'string') {
        return [`${at}: not a string`];
      }
      return [
        ...rangeProblems(shape, value.length, at),
        ...(shape.enum && !shape.enum.includes(value) ? [`${at}: ${value} is none of ${shape.enum.join(', ')}`] : []),
        ...(shape.pattern && !expression(shape.pattern).test(value) ? [`${at}: ${value} does not match ${shape.pattern}`] : []),
      ];
    case 'integer':
    case 'long':
      return typeof value === 'number' && Number.isInteger(value) ? rangeProblems(shape, value, at) : [`${at}: not a whole number`];
    case 'double':
    case 'float':
      return typeof value === 'number' ? [] : [`${at}: not a number`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${at}: not a boolean`];
    case 'timestamp':
      return value instanceof Date && !Number.isNaN(value.getTime()) ? [] : [`${at}: not a time`];
    default:
      return [`${at}: unknown type ${shape.type}`];
  }
}

function rangeProblems(shape: Shape, size: number, at: string): string[] {
  return [...(shape.min !== undefined && size < shape.min ? [`${at}: less than ${shape.min}`] : []), ...(shape.max !== undefined && size > shape.max ? [`${at}: more than ${shape.max}`] : [])];
}

const expressions = new Map<string, RegExp>();

function expression(pattern: string): RegExp {
  let compiled = expressions.get(pattern);
  if (!compiled) {
    // A few patterns are written for Java.
    compiled = pattern.includes('\\u10000') ? /[\s\S]*/ : new RegExp(pattern.startsWith('^') ? pattern : `^(?:${pattern})$`, 'su');
    expressions.set(pattern, compiled);
  }
  return compiled;
}

/** Turns the numbers and texts of a wire into `Date`s wherever the model has a time. */
export function withTimes(model: ServiceModel, shapeName: string, value: unknown): unknown {
  const shape = model.shapes[shapeName];
  if (!shape || value === null || value === undefined) {
    return value;
  }
  if (shape.type === 'timestamp') {
    return typeof value === 'number' ? new Date(value * 1000) : typeof value === 'string' ? new Date(value) : value;
  }
  if (shape.type === 'list' && Array.isArray(value)) {
    return value.map((member) => withTimes(model, shape.member!.shape, member));
  }
  if ((shape.type === 'structure' || shape.type === 'map') && typeof value === 'object' && !(value instanceof Date)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => {
        const of = shape.type === 'map' ? shape.value?.shape : shape.members?.[name]?.shape;
        return [name, of === undefined ? member : withTimes(model, of, member)];
      })
    );
  }
  return value;
}
