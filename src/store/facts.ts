import { z } from 'zod';
import type { Commit, Coverage, DeploymentRecord, FactBatch, IncidentRecord, PullRequest, Repository } from '../engine/model';
import { fieldPath } from '../shared/validation';
import type { JsonValue } from './store';

/** PostgreSQL indexes identities and keys of up to 2,704 bytes; a character has up to three of them. */
const LONGEST_KEY = 800;

/**
 * The facts of the model as something that can be checked. What a provider answers is only believed to have its shape: a
 * number in the place of a title would be stored, and every query that meets it would fail until somebody removed it.
 */
const text = z.string();
const identity = text.max(LONGEST_KEY);
/** A commit's identity is made of two. */
const half = text.max(LONGEST_KEY / 2 - 1);
/** What JavaScript's dates hold, in whole milliseconds. */
const instant = z.int().min(-8.64e15).max(8.64e15);
const actor = z.object({ login: text, isBot: z.boolean() }).nullable();
const references = z.array(z.object({ relation: z.enum(['reverts', 'root-cause', 'fixes', 'mentions']), target: text }));
const outcome = z.enum(['succeeded', 'failed']);

const repository: z.ZodType<Repository> = z.object({
  id: identity,
  name: text,
  formerNames: z.array(text),
  url: text,
  defaultBranch: text.nullable(),
  branchHeads: z.record(text, text),
  createdAt: instant.nullable(),
  archived: z.boolean(),
});

const pullRequest: z.ZodType<PullRequest> = z.object({
  id: identity,
  repository: text,
  number: z.int(),
  title: text,
  url: text,
  author: actor,
  labels: z.array(text),
  baseBranch: text,
  headBranch: text,
  createdAt: instant,
  mergedAt: instant,
  updatedAt: instant,
  mergeSha: text.nullable(),
  draftEvents: z.array(z.object({ to: z.enum(['ready', 'draft']), at: instant })),
  reviews: z.array(z.object({ author: actor, state: z.enum(['approved', 'changes-requested', 'commented', 'dismissed']), at: instant })),
  commits: z.array(z.object({ sha: text, authoredAt: instant, isMerge: z.boolean() })),
  commitsComplete: z.boolean(),
  references,
  files: z.array(text).nullable(),
});

const commit: z.ZodType<Commit> = z.object({
  repository: half,
  sha: half,
  parents: z.array(text),
  authoredAt: instant,
  committedAt: instant,
  author: actor,
  headline: text,
  references,
});

const deployment: z.ZodType<DeploymentRecord> = z.object({
  id: identity,
  origin: z.enum(['releases', 'tags', 'workflow-runs', 'github-deployments', 'codepipeline', 'events']),
  outcome,
  declared: z.enum(['rollback', 'retry']).nullable(),
  startedAt: instant,
  finishedAt: instant,
  revisions: z.array(z.object({ repository: text.nullable(), repositoryName: text.nullable(), sha: text.nullable() })),
  ref: text.nullable(),
  environment: text.nullable(),
  pipeline: text.nullable(),
  pipelineTitle: text.nullable(),
  account: text.nullable(),
  region: text.nullable(),
  service: text.nullable(),
  prerelease: z.boolean(),
  stages: z.array(z.object({ name: text, attempt: z.int(), outcome: outcome.nullable(), startedAt: instant.nullable(), finishedAt: instant.nullable() })),
  title: text,
  url: text.nullable(),
  references,
});

const incident: z.ZodType<IncidentRecord> = z.object({
  id: identity,
  origin: z.enum(['github-issues', 'opsitems', 'events']),
  title: text,
  url: text.nullable(),
  openedAt: instant,
  updatedAt: instant.optional(),
  resolvedAt: instant.nullable(),
  resolvedBy: z.enum(['closed', 'operational-data', 'resolved-event', 'last-modified', 'given']).nullable(),
  severity: text.nullable(),
  category: text.nullable(),
  status: text.nullable(),
  type: text.nullable(),
  reportedBy: text.nullable(),
  repository: text.nullable(),
  number: z.int().nullable(),
  labels: z.array(text),
  account: text.nullable(),
  region: text.nullable(),
  service: text.nullable(),
  deploymentId: text.nullable(),
  pipelines: z.array(text),
  references,
  operationalData: z.record(text, text),
});

const coverage: z.ZodType<Coverage> = z.object({
  kind: z.enum(['pull-requests', 'commits', 'releases', 'tags', 'workflow-runs', 'github-deployments', 'codepipeline', 'events', 'github-issues', 'opsitems']),
  scope: identity,
  from: instant.nullable(),
  complete: z.boolean(),
});

const removed: z.ZodType<NonNullable<FactBatch['removed']>[number]> = z.object({ kind: z.enum(['pullRequests', 'deployments', 'incidents', 'repositories']), id: identity });

const SHAPES: { [Kind in keyof FactBatch]-?: z.ZodType } = {
  repositories: repository,
  pullRequests: pullRequest,
  commits: commit,
  deployments: deployment,
  incidents: incident,
  coverage,
  removed,
};

/** @throws TypeError naming the first fact and field that are not as the model says, or a key that is too long. */
export function assertWritable(batch: FactBatch, state: Record<string, JsonValue>): void {
  for (const kind of Object.keys(SHAPES) as Array<keyof FactBatch>) {
    for (const [index, fact] of (batch[kind] ?? []).entries()) {
      const checked = SHAPES[kind].safeParse(fact);
      if (!checked.success) {
        const [issue] = checked.error.issues;
        throw new TypeError(`${fieldPath([kind, index, ...issue.path])}: ${issue.message}`);
      }
    }
  }
  for (const key of Object.keys(state)) {
    if (key.length > LONGEST_KEY) {
      throw new TypeError(`${key.slice(0, 100)}…: longer than ${LONGEST_KEY} characters`);
    }
  }
}
