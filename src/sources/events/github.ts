import { z } from 'zod';
import { DoraError } from '../../shared/errors';
import { fieldPath } from '../../shared/validation';

/** Webhook events after which a repository may have something new; every other event is accepted and ignored. */
const TELLING = new Set(['pull_request', 'push', 'deployment_status', 'workflow_run', 'release', 'issues', 'issue_comment', 'create', 'repository']);

const payload = z.object({
  action: z.string().optional(),
  repository: z.object({ full_name: z.string() }).optional(),
  zen: z.string().optional(),
});

/**
 * The repository that a GitHub webhook tells of, or null when nothing new follows from it.
 * Webhooks carry only part of a fact (no reviews, no commit list, no tag's SHA): the source asks GitHub for the whole.
 * @param event the `X-GitHub-Event` header
 * @throws DoraError BODY_INVALID naming the field.
 */
export function repositoryOfWebhook(event: string, json: unknown): string | null {
  const parsed = payload.safeParse(json);
  if (!parsed.success) {
    const field = fieldPath(parsed.error.issues[0].path);
    throw new DoraError('BODY_INVALID', field ? `${field}: ${parsed.error.issues[0].message}` : 'The body is not a GitHub webhook.', { field: field || 'body' });
  }
  return TELLING.has(event) ? (parsed.data.repository?.full_name ?? null) : null;
}
