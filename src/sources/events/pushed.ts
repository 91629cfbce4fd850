import { z } from 'zod';
import type { DeploymentRecord, IncidentRecord, Instant } from '../../engine/model';
import { DoraError } from '../../shared/errors';
import { fieldPath } from '../../shared/validation';
import { referencesOf } from '../references';
import { type EventFields, fieldsOf, type MergedEvent } from './merge';

const text = z.string().trim().min(1).max(1_000);
/** Part of a key of the store. */
const id = text.max(250);
const url = z.url({ protocol: /^https?$/ }).max(2_000);

/** Thirteen digits: fewer are seconds, and what is stored is read by the same rule again. */
const FIRST_MOMENT = 1_000_000_000_000;
const LAST_MOMENT = 9_999_999_999_999;

/** ISO 8601 with a zone, or milliseconds since the epoch; stored as milliseconds. */
const moment = z
  .union([z.iso.datetime({ offset: true }).transform((at) => Date.parse(at)), z.int()])
  .refine((at) => at >= FIRST_MOMENT && at <= LAST_MOMENT, 'is not a moment from September 2001 to 2286, as ISO 8601 with a zone or in milliseconds');

const deploymentEvent = z.object({
  id,
  service: text,
  sha: z
    .string()
    .regex(/^[0-9a-fA-F]{7,64}$/, 'is not a commit SHA')
    .transform((sha) => sha.toLowerCase())
    .nullish(),
  status: z.enum(['succeeded', 'failed']),
  startedAt: moment.nullish(),
  finishedAt: moment,
  environment: text.nullish(),
  repository: text.nullish(),
  url: url.nullish(),
});

const incidentEvent = z
  .object({
    id,
    service: text.nullish(),
    title: text.nullish(),
    openedAt: moment.nullish(),
    resolvedAt: moment.nullish(),
    severity: z.union([text, z.number().transform(String)]).nullish(),
    deploymentId: text.nullish(),
    sha: z
      .string()
      .regex(/^[0-9a-fA-F]{7,64}$/, 'is not a commit SHA')
      .transform((sha) => sha.toLowerCase())
      .nullish(),
    url: url.nullish(),
  })
  .refine(({ openedAt, resolvedAt }) => openedAt != null || resolvedAt != null, { path: ['openedAt'], message: 'is missing' });

export interface PushedEvent {
  id: string;
  fields: EventFields;
  rank: Instant;
}

/** @throws DoraError BODY_INVALID naming the field. */
export function parseDeploymentEvent(json: unknown): PushedEvent {
  const { id, ...fields } = parse(deploymentEvent, json);
  return { id, fields: withoutAbsent(fields), rank: fields.finishedAt };
}

/** A later event may bring only what changed, such as `{ id, resolvedAt }`. @throws DoraError BODY_INVALID naming the field. */
export function parseIncidentEvent(json: unknown): PushedEvent {
  const { id, ...fields } = parse(incidentEvent, json);
  return { id, fields: withoutAbsent(fields), rank: fields.resolvedAt ?? fields.openedAt ?? 0 };
}

function parse<Schema extends z.ZodType>(schema: Schema, json: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) {
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  const field = fieldPath(issue.path);
  throw new DoraError('BODY_INVALID', field ? `${field}: ${issue.message}` : 'The body is not a JSON object.', { field: field || 'body' });
}

function withoutAbsent(fields: Record<string, string | number | null | undefined>): EventFields {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, value]])));
}

/** The deployment that all events of one id tell of. */
export function pushedDeployment(id: string, merged: MergedEvent): DeploymentRecord {
  const fields = deploymentEvent.omit({ id: true }).parse(fieldsOf(merged));
  return {
    id: `events:${id}`,
    origin: 'events',
    outcome: fields.status,
    declared: null,
    startedAt: Math.min(fields.startedAt ?? fields.finishedAt, fields.finishedAt),
    finishedAt: fields.finishedAt,
    revisions: [{ repository: null, repositoryName: fields.repository ?? null, sha: fields.sha ?? null }],
    ref: null,
    environment: fields.environment ?? null,
    pipeline: null,
    pipelineTitle: null,
    account: null,
    region: null,
    service: fields.service,
    prerelease: false,
    stages: [],
    title: `${fields.service} ${id}`,
    url: fields.url ?? null,
    references: [],
  };
}

/** The incident that all events of one id tell of; null until one of them tells when it opened. */
export function pushedIncident(id: string, merged: MergedEvent): IncidentRecord | null {
  const parsed = incidentEvent.safeParse({ id, ...fieldsOf(merged) });
  if (!parsed.success || parsed.data.openedAt == null) {
    return null;
  }
  const { data } = parsed;
  const openedAt = parsed.data.openedAt;
  return {
    id: `events:${id}`,
    origin: 'events',
    title: data.title ?? id,
    url: data.url ?? null,
    openedAt,
    resolvedAt: data.resolvedAt ?? null,
    resolvedBy: data.resolvedAt == null ? null : 'given',
    severity: data.severity ?? null,
    category: null,
    status: data.resolvedAt == null ? 'open' : 'resolved',
    type: null,
    reportedBy: null,
    repository: null,
    number: null,
    labels: [],
    account: null,
    region: null,
    service: data.service ?? null,
    deploymentId: data.deploymentId ?? null,
    pipelines: [],
    references: [...(data.sha ? [{ relation: 'root-cause' as const, target: data.sha }] : []), ...referencesOf({ title: data.title })],
    operationalData: {},
  };
}

