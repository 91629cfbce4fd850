import { z } from 'zod';
import type { DeploymentRecord, IncidentRecord, Instant, Outcome } from '../../engine/model';
import { DoraError } from '../../shared/errors';
import { fieldPath } from '../../shared/validation';
import { incidentOf } from '../opscenter/mapping';

/** The parts of an EventBridge event that this product reads. */
const envelope = z.object({
  source: z.string(),
  'detail-type': z.string(),
  account: z.string(),
  // It becomes part of links.
  region: z.string().regex(/^[a-z0-9-]{1,50}$/, 'is not an AWS region'),
  time: z.iso.datetime({ offset: true }),
  detail: z.record(z.string(), z.unknown()),
});

const executionDetail = z.object({
  pipeline: z.string().regex(/^[A-Za-z0-9.@_-]{1,100}$/, 'is not the name of a pipeline'),
  'execution-id': z.string().regex(/^[\w-]{1,100}$/, 'is not the id of an execution'),
  state: z.string(),
  'start-time': z.iso.datetime({ offset: true }).optional(),
  'execution-trigger': z.object({ 'trigger-type': z.string().optional() }).optional(),
});

const opsItemDetail = z.object({
  'ops-item-id': z.string().regex(/^oi-[0-9a-f]{12}$/, 'is not the id of an OpsItem'),
  status: z.string().optional(),
  title: z.string().optional(),
  source: z.string().optional(),
  severity: z.union([z.string(), z.number()]).transform(String).optional(),
  category: z.string().optional(),
  'ops-item-type': z.string().optional(),
  'created-time': z.iso.datetime({ offset: true }).optional(),
  'operational-data': z.record(z.string(), z.object({ value: z.string().optional() })).optional(),
});

export type AwsEvent =
  | { kind: 'execution'; id: string; at: Instant; state: string; startedAt: Instant; deployment: DeploymentRecord | null }
  | { kind: 'opsitem'; at: Instant; opsItemId: string; resolved: boolean; incident: IncidentRecord | null }
  /** Another state change of the same services, of no interest here. */
  | { kind: 'ignored' };

const STATES = new Map<string, Outcome>([
  ['SUCCEEDED', 'succeeded'],
  ['FAILED', 'failed'],
]);

/** An event as EventBridge delivers it. @throws DoraError BODY_INVALID naming the field. */
export function parseAwsEvent(json: unknown): AwsEvent {
  const event = parse(envelope, json, '');
  const at = Date.parse(event.time);
  if (event.source === 'aws.codepipeline' && event['detail-type'] === 'CodePipeline Pipeline Execution State Change') {
    const detail = parse(executionDetail, event.detail, 'detail');
    const startedAt = Math.min(detail['start-time'] ? Date.parse(detail['start-time']) : at, at);
    return { kind: 'execution', id: `codepipeline:${detail['execution-id']}`, at, state: detail.state, startedAt, deployment: execution(detail, event.region, startedAt, at) };
  }
  if (event.source === 'aws.ssm' && /^OpsItem (?:Create|Update)$/i.test(event['detail-type'])) {
    const detail = parse(opsItemDetail, event.detail, 'detail');
    return {
      kind: 'opsitem',
      at,
      opsItemId: detail['ops-item-id'],
      resolved: detail.status === 'Resolved' || detail.status === 'Closed',
      incident: opsItem(detail, event.region, at, /create$/i.test(event['detail-type'])),
    };
  }
  return { kind: 'ignored' };
}

function parse<Schema extends z.ZodType>(schema: Schema, json: unknown, within: string): z.infer<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) {
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  const field = fieldPath(within ? [within, ...issue.path] : issue.path);
  throw new DoraError('BODY_INVALID', field ? `${field}: ${issue.message}` : 'The body is not an EventBridge event.', { field: field || 'body' });
}

/** Events tell no revision: the next poll of the pipeline brings it. */
function execution(detail: z.infer<typeof executionDetail>, region: string, startedAt: Instant, finishedAt: Instant): DeploymentRecord | null {
  const outcome = STATES.get(detail.state);
  if (outcome === undefined) {
    return null;
  }
  const { pipeline, 'execution-id': id } = detail;
  return {
    id: `codepipeline:${id}`,
    origin: 'codepipeline',
    outcome,
    declared: /Rollback$/.test(detail['execution-trigger']?.['trigger-type'] ?? '') ? 'rollback' : null,
    startedAt,
    finishedAt,
    revisions: [],
    ref: null,
    environment: null,
    pipeline,
    pipelineTitle: null,
    account: null,
    region,
    service: null,
    prerelease: false,
    stages: [],
    title: `${pipeline} ${id}`,
    url: `https://${region}.console.aws.amazon.com/codesuite/codepipeline/pipelines/${encodeURIComponent(pipeline)}/executions/${id}/timeline?region=${region}`,
    references: [],
  };
}

function opsItem(detail: z.infer<typeof opsItemDetail>, region: string, at: Instant, created: boolean): IncidentRecord | null {
  const createdAt = detail['created-time'] ? Date.parse(detail['created-time']) : created ? at : null;
  if (createdAt === null) {
    return null;
  }
  return incidentOf(
    {
      OpsItemId: detail['ops-item-id'],
      CreatedTime: new Date(createdAt),
      LastModifiedTime: new Date(at),
      Title: detail.title,
      Source: detail.source,
      Severity: detail.severity,
      Category: detail.category,
      OpsItemType: detail['ops-item-type'],
      Status: detail.status === 'Resolved' || detail.status === 'Closed' || detail.status === 'Open' ? detail.status : undefined,
      OperationalData: Object.fromEntries(Object.entries(detail['operational-data'] ?? {}).map(([key, { value }]) => [key, { Value: value }])),
    },
    { account: null, region },
    null
  );
}
