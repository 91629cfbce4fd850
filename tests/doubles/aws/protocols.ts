import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from './call';
import type { ServiceName } from './models';

/** The wire formats that the clients of AWS in use here and boto3 speak to these services; CloudWatch and CodePipeline have CBOR beside them. */
export type Protocol = 'json-1.0' | 'json-1.1' | 'query';

export interface Request {
  service: ServiceName;
  operation: string;
  protocol: Protocol;
  input: Record<string, unknown>;
}

export interface Response {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

const TARGETS: Record<string, { service: ServiceName; json: Protocol }> = {
  CodePipeline_20150709: { service: 'codepipeline', json: 'json-1.1' },
  AmazonSSM: { service: 'ssm', json: 'json-1.1' },
  GraniteServiceVersion20100801: { service: 'cloudwatch', json: 'json-1.0' },
};
const CONTENT: Record<Protocol, string> = {
  'json-1.0': 'application/x-amz-json-1.0',
  'json-1.1': 'application/x-amz-json-1.1',
  query: 'text/xml',
};
const STS_NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** Reads a request in whichever format it speaks. Throws an `AwsError` for one that no service takes. */
export function readRequest(headers: IncomingHttpHeaders, body: Buffer): Request {
  const target = /^([A-Za-z0-9_]+)\.([A-Za-z]+)$/.exec(String(headers['x-amz-target'] ?? ''));
  if (target) {
    const known = TARGETS[target[1]];
    if (!known || headers['content-type'] !== CONTENT[known.json]) {
      throw new AwsError('UnknownOperationException', `unknown ${target[0]} as ${headers['content-type']}`);
    }
    try {
      return { service: known.service, operation: target[2], protocol: known.json, input: JSON.parse(body.toString('utf8') || '{}') as Record<string, unknown> };
    } catch {
      throw new AwsError('SerializationException', 'The body is not JSON.');
    }
  }
  if (String(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')) {
    const { Action: operation = '', Version: version, ...input } = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
    if (version !== '2011-06-15') {
      throw new AwsError('NoSuchVersion', `unknown version ${String(version)}`);
    }
    return { service: 'sts', operation, protocol: 'query', input };
  }
  throw new AwsError('UnknownOperationException', 'This is a request of no service that is known here.', 404);
}

export function writeAnswer(protocol: Protocol, operation: string, output: Record<string, unknown>): Response {
  switch (protocol) {
    case 'query':
      return xml(200, `<${operation}Response xmlns="${STS_NAMESPACE}"><${operation}Result>${members(output)}</${operation}Result><ResponseMetadata><RequestId>double</RequestId></ResponseMetadata></${operation}Response>`);
    default:
      return { status: 200, headers: { 'content-type': CONTENT[protocol] }, body: Buffer.from(JSON.stringify(seconds(output))) };
  }
}

export function writeError(protocol: Protocol, service: ServiceName | null, { code, message, status }: AwsError): Response {
  if (protocol === 'query') {
    return xml(
      status,
      `<ErrorResponse xmlns="${STS_NAMESPACE}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message></Error><RequestId>double</RequestId></ErrorResponse>`
    );
  }
  // CloudWatch keeps the codes that its older protocol had beside the new ones.
  const headers: Record<string, string> = { 'content-type': CONTENT[protocol], ...(service === 'cloudwatch' ? { 'x-amzn-query-error': `${code};${status < 500 ? 'Sender' : 'Receiver'}` } : {}) };
  const body = { __type: code, message };
  return { status, headers: { ...headers, 'x-amzn-errortype': code }, body: Buffer.from(JSON.stringify(body)) };
}

function xml(status: number, text: string): Response {
  return { status, headers: { 'content-type': CONTENT.query }, body: Buffer.from(text) };
}

const escaped = (text: string): string => text.replace(/[<>&"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

function members(value: Record<string, unknown>): string {
  return Object.entries(value)
    .map(([name, member]) => `<${name}>${member instanceof Date ? member.toISOString() : typeof member === 'object' && member !== null ? members(member as Record<string, unknown>) : escaped(String(member))}</${name}>`)
    .join('');
}

/** Times as these formats have them: seconds since the epoch. */
function seconds(value: unknown): unknown {
  if (value instanceof Date) {
    return value.getTime() / 1000;
  }
  if (Array.isArray(value)) {
    return value.map(seconds);
  }
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, seconds(member)])) : value;
}
