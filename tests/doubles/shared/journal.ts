/** The requests that a double saw, oldest first, each with its number, and what they sum up to. */
export class Journal<Entry extends { index: number }, Summary> {
  private entries: Entry[] = [];
  private next = 0;

  constructor(
    private readonly summarise: (entries: readonly Entry[]) => Summary,
    private readonly limit = 100_000
  ) {}

  add(entry: Omit<Entry, 'index'>): void {
    this.entries.push({ index: this.next, ...entry } as Entry);
    this.next += 1;
    if (this.entries.length > this.limit) {
      this.entries.splice(0, this.entries.length - this.limit);
    }
  }

  clear(): void {
    this.entries = [];
  }

  list(): readonly Entry[] {
    return this.entries;
  }

  summary(): Summary {
    return this.summarise(this.entries);
  }
}

/** How often each text occurs. */
export function occurrences(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) {
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}
