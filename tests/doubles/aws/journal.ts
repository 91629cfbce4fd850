import type { Instant } from '../github/clock';

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

export class Journal {
  private entries: JournalEntry[] = [];
  private next = 0;

  constructor(private readonly limit = 100_000) {}

  add(entry: Omit<JournalEntry, 'index'>): void {
    this.entries.push({ index: this.next, ...entry });
    this.next += 1;
    if (this.entries.length > this.limit) {
      this.entries.splice(0, this.entries.length - this.limit);
    }
  }

  clear(): void {
    this.entries = [];
  }

  list(): readonly JournalEntry[] {
    return this.entries;
  }

  summary(): JournalSummary {
    const count = (keys: string[]): Record<string, number> => {
      const counts: Record<string, number> = {};
      for (const key of keys) {
        counts[key] = (counts[key] ?? 0) + 1;
      }
      return counts;
    };
    return {
      calls: this.entries.length,
      byOperation: count(this.entries.map(({ operation }) => operation)),
      errors: count(this.entries.flatMap(({ error }) => (error === null ? [] : [error]))),
      maxConcurrent: this.entries.reduce((most, { concurrent }) => Math.max(most, concurrent), 0),
    };
  }
}
