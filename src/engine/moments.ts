import type { Instant, PullRequest } from './model';

/** Git was first published in April 2005: an author date before its first commit is a clock that was never set. */
export const FIRST_POSSIBLE_AUTHOR_DATE: Instant = Date.UTC(2005, 3, 7);

/** The moments of a change up to its merge, as found, not yet put in order; null where a moment never came. */
export interface Moments {
  firstCommitAt: Instant;
  openedAt: Instant;
  firstReviewAt: Instant | null;
  approvedAt: Instant | null;
  mergedAt: Instant;
  /** Author dates that no clock can have shown: before git existed, or after the merge. */
  ignoredClocks: number;
}

/** METRICS: lead time, "firstCommitAt … approvedAt". */
export function momentsOf(pull: PullRequest): Moments {
  const { mergedAt, createdAt } = pull;
  let firstCommitAt = createdAt;
  let ignoredClocks = 0;
  for (const commit of pull.commits) {
    if (commit.authoredAt > mergedAt || commit.authoredAt < FIRST_POSSIBLE_AUTHOR_DATE) {
      ignoredClocks += 1;
    } else if (commit.authoredAt < firstCommitAt) {
      firstCommitAt = commit.authoredAt;
    }
  }
  // Becoming ready as the first draft event means born a draft; a draft that is made later takes nothing back.
  const drafts = pull.draftEvents.length > 1 ? [...pull.draftEvents].sort((a, b) => a.at - b.at) : pull.draftEvents;
  const openedAt = drafts.length > 0 && drafts[0].to === 'ready' ? drafts[0].at : createdAt;

  let firstReviewAt: Instant | null = null;
  let lastRequestAt = -Infinity;
  for (const review of pull.reviews) {
    if (review.at > mergedAt) {
      continue;
    }
    // A deleted account is somebody else than the author.
    const byAuthor = review.author !== null && pull.author !== null && review.author.login === pull.author.login;
    const byPerson = review.author === null || !review.author.isBot;
    if (!byAuthor && byPerson && (firstReviewAt === null || review.at < firstReviewAt)) {
      firstReviewAt = review.at;
    }
    if (review.state === 'changes-requested' && review.at > lastRequestAt) {
      lastRequestAt = review.at;
    }
  }
  let approvedAt: Instant | null = null;
  for (const review of pull.reviews) {
    if (review.state === 'approved' && review.at <= mergedAt && review.at > lastRequestAt && (approvedAt === null || review.at < approvedAt)) {
      approvedAt = review.at;
    }
  }
  return { firstCommitAt, openedAt, firstReviewAt, approvedAt, mergedAt, ignoredClocks };
}

/** Stages of a change, in order; they partition its lead time. */
export const STAGES = ['commit to open', 'first response', 'rework', 'merge', 'deploy'] as const;
export type Stage = (typeof STAGES)[number];

/**
 * Boundaries of the stages in milliseconds: first commit, opened, first response, approved, merged, deployed. Each is
 * min(max(it, the one before), deployedAt); a moment that never came stands where the next one does. Written into `out`.
 */
export function stageBoundaries(
  firstCommitAt: Instant,
  openedAt: Instant,
  firstReviewAt: Instant,
  approvedAt: Instant,
  mergedAt: Instant,
  deployedAt: Instant,
  out: Float64Array
): void {
  // NaN stands for a moment that never came.
  const approved = Number.isNaN(approvedAt) ? mergedAt : approvedAt;
  const reviewed = Number.isNaN(firstReviewAt) ? approved : firstReviewAt;
  out[0] = Math.min(firstCommitAt, deployedAt);
  out[1] = Math.min(Math.max(openedAt, out[0]), deployedAt);
  out[2] = Math.min(Math.max(reviewed, out[1]), deployedAt);
  out[3] = Math.min(Math.max(approved, out[2]), deployedAt);
  out[4] = Math.min(Math.max(mergedAt, out[3]), deployedAt);
  out[5] = deployedAt;
}
