import { HOUR_MS } from '../../shared/duration';
import type { Logger } from '../../sources/source';
import type { Store } from '../../store/store';
import type { Registry } from './registry';

/** Looked for this many times within the grace time, and not more often than each second. */
const LOOKS = 4;
const OFTENEST_MS = 1_000;

/**
 * Removes what belongs to data sources that are gone. Grafana tells nobody of a deletion, so the sign is that nobody has
 * asked for so long: no panel, no alert rule, no editor.
 */
export class Housekeeping {
  private readonly timer: NodeJS.Timeout | null;

  constructor(
    private readonly store: Store,
    private readonly registry: Registry,
    graceMs: number | null,
    private readonly forgotten: (key: string) => Promise<void>,
    private readonly log: Logger,
  ) {
    this.timer = graceMs === null ? null : setInterval(() => void this.look(graceMs), Math.max(OFTENEST_MS, Math.min(HOUR_MS, graceMs / LOOKS)));
    this.timer?.unref();
  }

  stop(): void {
    if (this.timer) {
      clearInterval(this.timer);
    }
  }

  private async look(graceMs: number): Promise<void> {
    try {
      await this.registry.dropUnasked(graceMs);
      for (const key of await this.store.forgetUnasked(graceMs)) {
        await this.forgotten(key);
        this.log.info('Facts of a data source that nobody asks for were removed', { dataSource: key });
      }
    } catch (error) {
      this.log.warn('Data sources that nobody asks for could not be removed', { error });
    }
  }
}
