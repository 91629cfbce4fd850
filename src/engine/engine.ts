import type { DoraQuery } from '../shared/query';
import type { Settings } from '../shared/settings';
import type { Answer } from './answer';
import type { FactBatch, Instant } from './model';

/** [from, to) in milliseconds since the epoch. */
export interface TimeRange {
  from: Instant;
  to: Instant;
}

/** What editors offer to choose from; sorted, without repeats. */
export interface Catalogue {
  teams: string[];
  services: Array<{ team: string; service: string }>;
  repositories: string[];
  environments: string[];
}

/**
 * Facts of one data source in memory, and the answers they give. Pure: no I/O, no clock; the same facts, settings, query,
 * range and `now` give the same answer, in whatever order the facts came.
 */
export interface DoraEngine {
  /** Takes new settings; teams are linked anew when next asked for. */
  configure(settings: Settings): void;
  /** Takes facts that were written or loaded; upserts by identity. */
  apply(batch: FactBatch): void;
  /**
   * Links what is not linked yet in steps of a few milliseconds each, so that a host can let other work in between.
   * An answer that is asked for earlier links the rest itself.
   */
  link(): Generator<void, void>;
  /** @throws DoraError TEAM_UNKNOWN, RANGE_INVALID, RANGE_TOO_LONG */
  answer(query: DoraQuery, range: TimeRange, now: Instant): Answer;
  catalogue(): Catalogue;
}
