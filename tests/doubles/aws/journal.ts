import type { Instant } from '../shared/clock';
import { Journal, occurrences } from '../shared/journal';

/** One request as the double saw and answered it. */
export interface JournalEntry {
  index: number;
  /** The double's clock. */
  at: Instant;
  /** Such as `codepipeline:ListPipelineExecutions`. */
  operation: string;
  protocol: string;
  account: string | null;
  region: string | null;
  pipeline: string | null;
  /** Whether it asked for a later page. */
  laterPage: boolean;
  input: Record<string, unknown>;
  /** Facts in the answer. */
  items: number;
  /** 0 when the connection was cut. */
  status: number;
  /** Code of the error; null for a good answer. */
  error: string | null;
  accessKey: string | null;
  faults: string[];
  /** Requests under way when it came, itself among them. */
  concurrent: number;
}

export interface JournalSummary {
  calls: number;
  byOperation: Record<string, number>;
  errors: Record<string, number>;
  maxConcurrent: number;
}

export class AwsJournal extends Journal<JournalEntry, JournalSummary> {
  constructor() {
    super(summarise);
  }
}

function summarise(entries: readonly JournalEntry[]): JournalSummary {
  return {
    calls: entries.length,
    byOperation: occurrences(entries.map(({ operation }) => operation)),
    errors: occurrences(entries.flatMap(({ error }) => (error === null ? [] : [error]))),
    maxConcurrent: entries.reduce((most, { concurrent }) => Math.max(most, concurrent), 0),
  };
}
