import type { Instant } from '../../engine/model';
import { isDueAgain } from './seldom';

/** The latest word on one of a repository's newest deployments, as "anything new?" has it. */
export interface DeploymentWord {
  id: string;
  createdAt: Instant;
  /** Moment of its latest status; of its creation where it has none. */
  at: Instant;
  /** That it became inactive is the latest, because another one followed. */
  inactive: boolean;
}

/** What is kept between passes to notice that a deployment went on after it was read. */
export interface Watch {
  /** Latest words of the newest deployments when their lists were last read: id → moment. */
  seen: Record<string, Instant>;
  /** When those without an end were last asked for. */
  askedAt: Instant;
}

export const UNWATCHED: Watch = { seen: {}, askedAt: 0 };

/**
 * Ids of deployments to be read again: those of which there is another word than was read, and those without an end that are
 * too old to be among the newest, the older the more seldom. Pure.
 * @param words of the newest deployments; later ones than `newest` come with the list itself
 * @param open those without an end: id → when they were made
 * @param newest the newest deployment that is stored; null: none is
 * @param succeeded that they became inactive is no news of these
 */
export function toReadAgain(words: readonly DeploymentWord[], open: Readonly<Record<string, Instant>>, newest: Instant | null, succeeded: ReadonlySet<string>, watch: Watch, now: Instant): string[] {
  const isNews = ({ id, at, inactive }: DeploymentWord): boolean => watch.seen[id] !== at && !(inactive && succeeded.has(id));
  const changed = words.filter((word) => newest !== null && word.createdAt <= newest && isNews(word)).map(({ id }) => id);
  const told = new Set(words.map(({ id }) => id));
  const others = Object.entries(open).filter(([id]) => !told.has(id));
  const isDue = others.some(([, madeAt]) => isDueAgain(madeAt, watch.askedAt, now));
  return [...changed, ...(isDue || changed.length > 0 ? others.map(([id]) => id) : [])];
}
