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

/** A snapshot on its way back into an engine. */
export interface Restoration {
  /** @throws Error when the piece is none of this program's: then the engine is as it was, and facts are to be applied. */
  take(piece: Uint8Array): void;
  /** Replaces all facts of the engine at its end, by steps of a few milliseconds. @throws Error when pieces are missing */
  finish(): Generator<void, void>;
}

/** An engine that can write its facts down and take them back faster than it takes facts. */
export interface Snapshots {
  /** The facts in pieces of about a megabyte, for the same program later. Answers false when facts changed meanwhile: then it is worth nothing. */
  snapshot(): Generator<Uint8Array, boolean>;
  /** Begins to take a snapshot back; facts and answers stay as they are until it is finished. */
  restore(): Restoration;
}

/**
 * Facts of one data source in memory, and the answers they give. Pure: no I/O, no clock; the same facts, settings, query,
 * range and `now` give the same answer, in whatever order the facts came.
 */
export interface DoraEngine extends Partial<Snapshots> {
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
