import { z } from 'zod';
import { DoraError } from '../../shared/errors';
import { fieldPath } from '../../shared/validation';

/** Webhook events after which a repository may have something new; every other event is accepted and ignored. */
const TELLING = new Set(['pull_request', 'push', 'deployment_status', 'workflow_run', 'release', 'issues', 'issue_comment', 'create', 'repository']);

const time = z.iso.datetime({ offset: true });
const nodeId = z.string().min(1).max(500);

const envelope = z.object({
  action: z.string().optional(),
  repository: z.object({ full_name: z.string(), node_id: nodeId.optional() }).optional(),
});

const labels = z.array(z.object({ name: z.string() })).nullish();

const pullRequest = z.object({
  number: z.int(),
  title: z.string(),
  body: z.string().nullish(),
  html_url: z.string(),
  user: z.object({ login: z.string(), type: z.string().optional() }).nullish(),
  labels,
  base: z.object({ ref: z.string() }),
  head: z.object({ ref: z.string() }),
  created_at: time,
  updated_at: time,
  merged_at: time.nullish(),
  merge_commit_sha: z.string().nullish(),
});

const issue = z.object({
  node_id: nodeId,
  number: z.int(),
  title: z.string(),
  body: z.string().nullish(),
  html_url: z.string(),
  state: z.string().optional(),
  state_reason: z.string().nullish(),
  labels,
  created_at: time,
  closed_at: time.nullish(),
  updated_at: time,
});

const release = z.object({
  node_id: nodeId,
  tag_name: z.string(),
  name: z.string().nullish(),
  draft: z.boolean(),
  prerelease: z.boolean(),
  created_at: time,
  updated_at: time.nullish(),
  published_at: time.nullish(),
  html_url: z.string(),
});

const workflowRun = z.object({
  id: z.int(),
  name: z.string().nullable(),
  /** Older servers leave out both. */
  path: z.string().optional(),
  display_title: z.string().optional(),
  event: z.string(),
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
  run_attempt: z.int().optional(),
  head_branch: z.string().nullable(),
  head_sha: z.string(),
  html_url: z.string(),
  created_at: time,
  run_started_at: time.optional(),
  updated_at: time,
});

const deployment = z.object({
  node_id: nodeId,
  sha: z.string(),
  ref: z.string().nullish(),
  task: z.string().nullish(),
  environment: z.string().nullish(),
  description: z.string().nullish(),
  created_at: time,
});

const deploymentStatus = z.object({
  node_id: nodeId,
  state: z.string(),
  created_at: time,
  log_url: z.string().nullish(),
  environment_url: z.string().nullish(),
});

/** The parts of webhooks that become facts, by the name of the event. */
const DETAILS = {
  pull_request: z.object({ action: z.string(), pull_request: pullRequest }),
  issues: z.object({ action: z.string(), issue }),
  release: z.object({ action: z.string(), release }),
  workflow_run: z.object({ action: z.string(), workflow_run: workflowRun, workflow: z.object({ path: z.string() }).nullish() }),
  deployment_status: z.object({ deployment, deployment_status: deploymentStatus }),
};

export type WebhookPullRequest = z.infer<typeof pullRequest>;
export type WebhookIssue = z.infer<typeof issue>;
export type WebhookRelease = z.infer<typeof release>;
export type WebhookRun = z.infer<typeof workflowRun>;
export type WebhookDeployment = z.infer<typeof deployment>;
export type WebhookDeploymentStatus = z.infer<typeof deploymentStatus>;

/** What a webhook of a repository tells. */
export type WebhookDetail =
  | ({ event: 'pull_request' } & z.infer<typeof DETAILS.pull_request>)
  | ({ event: 'issues' } & z.infer<typeof DETAILS.issues>)
  | ({ event: 'release' } & z.infer<typeof DETAILS.release>)
  | ({ event: 'workflow_run' } & z.infer<typeof DETAILS.workflow_run>)
  | ({ event: 'deployment_status' } & z.infer<typeof DETAILS.deployment_status>);

export interface WebhookOfRepository {
  /** `owner/name` */
  name: string;
  /** GitHub's node id; null in hand-made bodies. */
  id: string | null;
}

/**
 * The repository that a GitHub webhook tells of, or null when nothing new follows from it.
 * @param event the `X-GitHub-Event` header
 * @throws DoraError BODY_INVALID naming the field.
 */
export function repositoryOfWebhook(event: string, json: unknown): WebhookOfRepository | null {
  const { repository } = parse(envelope, json);
  return TELLING.has(event) && repository ? { name: repository.full_name, id: repository.node_id ?? null } : null;
}

/**
 * The fact, or part of one, that a webhook holds; null for events that only say where to look.
 * @throws DoraError BODY_INVALID naming the field.
 */
export function detailOfWebhook(event: string, json: unknown): WebhookDetail | null {
  switch (event) {
    case 'pull_request':
      return { event, ...parse(DETAILS[event], json) };
    case 'issues':
      return { event, ...parse(DETAILS[event], json) };
    case 'release':
      return { event, ...parse(DETAILS[event], json) };
    case 'workflow_run':
      return { event, ...parse(DETAILS[event], json) };
    case 'deployment_status':
      return { event, ...parse(DETAILS[event], json) };
    default:
      return null;
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, json: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) {
    return parsed.data;
  }
  const [{ path, message }] = parsed.error.issues;
  const field = fieldPath(path);
  throw new DoraError('BODY_INVALID', field ? `${field}: ${message}` : 'The body is not a GitHub webhook.', { field: field || 'body' });
}
