import { DoraError } from '../../shared/errors';

/** How many facts this process may have in memory, over all its data sources. The one that would exceed that is refused; the others go on. */
export class FactBudget {
  private readonly held = new Map<string, number>();

  constructor(private readonly limit: number) {}

  /** Notes how many facts a data source has. @throws DoraError DATA_SOURCE_TOO_LARGE when they are too many; it then counts for none. */
  hold(key: string, facts: number): void {
    this.held.delete(key);
    const others = [...this.held.values()].reduce((sum, count) => sum + count, 0);
    if (facts + others > this.limit) {
      const rest = others > 0 ? `, of which other data sources use ${others}` : '';
      throw new DoraError('DATA_SOURCE_TOO_LARGE', `This data source has ${facts} facts or more, and memory is for ${this.limit}${rest}.`);
    }
    this.held.set(key, facts);
  }

  release(key: string): void {
    this.held.delete(key);
  }
}
