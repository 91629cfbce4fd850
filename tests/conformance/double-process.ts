import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const DOUBLES = join(import.meta.dirname ?? __dirname, '..', 'doubles');

/** A double in its own process, steered over HTTP. `Fault` is what it can be told to do wrong, `Entry` and `Summary` what it notes. */
export abstract class DoubleProcess<Fault, Entry, Summary> {
  protected constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  journal(): Promise<{ summary: Summary; requests: Entry[] }> {
    return this.ask('GET', '/_journal');
  }

  async clearJournal(): Promise<void> {
    await this.ask('DELETE', '/_journal');
  }

  async addFaults(...faults: Fault[]): Promise<void> {
    await this.ask('POST', '/_control/faults', faults);
  }

  async clearFaults(): Promise<void> {
    await this.ask('DELETE', '/_control/faults');
  }

  async setLatency(ms: number): Promise<void> {
    await this.ask('POST', '/_control/latency', { ms });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await ended;
    }
  }

  protected async ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const answer: unknown = await response.json();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    }
    return answer as Answer;
  }
}

/**
 * Starts a double with a scenario under Bun, which tests and the playground run under too.
 * @returns the process and its first line, which is JSON
 */
export async function startDouble<Ready>(name: 'github' | 'aws', scenario: object): Promise<{ child: ChildProcess; ready: Ready }> {
  if (!process.versions.bun) {
    throw new Error('The doubles run under Bun.');
  }
  const folder = mkdtempSync(join(tmpdir(), 'dora-double-'));
  const file = join(folder, 'scenario.json');
  writeFileSync(file, JSON.stringify(scenario));
  const child = spawn(process.execPath, [join(DOUBLES, name, 'main.ts'), '--scenario', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  // Whatever ends this process must not leave the double behind.
  process.once('exit', () => child.kill('SIGKILL'));
  let words = '';
  child.stderr.on('data', (part: Buffer) => {
    words += part.toString('utf8');
  });
  try {
    const line = await Promise.race([
      once(createInterface({ input: child.stdout }), 'line').then(([first]) => String(first)),
      once(child, 'exit').then(() => Promise.reject(new Error(`The double of ${name} did not start:\n${words}`))),
    ]);
    return { child, ready: JSON.parse(line) as Ready };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
