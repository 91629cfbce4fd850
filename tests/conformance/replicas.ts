import type { DataSourceUnderTest } from './plugin';
import { PluginProcess, type QueryOutcome } from './plugin';

const POLL_MS = 10;

/** Several plugin processes on one store, as one Grafana installation with several replicas has them. */
export class Replicas {
  readonly running: PluginProcess[] = [];
  /** Those that have ended, too. */
  private readonly everyone: PluginProcess[] = [];
  private readonly stopped = new Set<PluginProcess>();

  private constructor(
    private readonly environment: Record<string, string>,
    /** The data source as each replica is asked for it; they differ in their token alone, so that their calls can be told apart. */
    readonly sources: readonly DataSourceUnderTest[],
  ) {}

  static async start(sources: readonly DataSourceUnderTest[], environment: Record<string, string>): Promise<Replicas> {
    const replicas = new Replicas(environment, sources);
    for (let index = 0; index < sources.length; index += 1) {
      await replicas.restart(index);
    }
    return replicas;
  }

  /** A process in the place of the one before, which has ended. It hears of the data source at once. */
  async restart(index: number): Promise<void> {
    this.running[index] = await PluginProcess.start({ environment: this.environment });
    this.everyone.push(this.running[index]);
    await this.running[index].resource(this.sources[index], 'GET', 'sync');
  }

  isHolder(index: number): boolean {
    const process = this.running[index];
    const last = process.logs.findLast(({ '@message': message }) => /^This process (synchronises|does not)/.test(message));
    return process.alive && !this.stopped.has(process) && last?.['@message'] === 'This process synchronises';
  }

  /** Waits until one of them synchronises, other than `except`; answers which and when it began. */
  async holder(timeoutMs: number, except = -1): Promise<{ index: number; at: number }> {
    for (const deadline = performance.now() + timeoutMs; performance.now() < deadline; ) {
      const index = this.running.findIndex((_, one) => one !== except && this.isHolder(one));
      if (index >= 0) {
        const log = this.running[index].logs.findLast(({ '@message': message }) => message === 'This process synchronises');
        return { index, at: Date.parse(log?.['@timestamp'] ?? '') };
      }
      await pause(POLL_MS);
    }
    throw new Error(`No process took over within ${timeoutMs} ms.`);
  }

  async kill(index: number): Promise<void> {
    this.stopped.add(this.running[index]);
    await this.running[index].kill('SIGKILL');
  }

  pause(index: number): void {
    this.stopped.add(this.running[index]);
    this.running[index].child.kill('SIGSTOP');
  }

  goOn(index: number): void {
    this.running[index].child.kill('SIGCONT');
    this.stopped.delete(this.running[index]);
  }

  /** Asks one that is neither dead nor paused; null when there is none, or when it died meanwhile. */
  async query(index: number, model: object, range: { from: number; to: number }): Promise<QueryOutcome | null> {
    const process = this.running[index];
    if (!process.alive || this.stopped.has(process)) {
      return null;
    }
    try {
      return await process.query(this.sources[index], model, range);
    } catch (error) {
      if (process.alive && !this.stopped.has(process)) {
        throw error;
      }
      return null;
    }
  }

  /** How many times any of them began to synchronise. A busy machine may let a short lease run out without a strike. */
  holds(): number {
    return this.everyone.flatMap(({ logs }) => logs).filter(({ '@message': message }) => message === 'This process synchronises').length;
  }

  logs(): string {
    return JSON.stringify(this.everyone.flatMap(({ logs, strayLines }) => [logs, strayLines]));
  }

  async stop(): Promise<void> {
    for (const process of this.running) {
      process.child.kill('SIGCONT');
      await process.kill();
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
