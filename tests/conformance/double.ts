import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ScenarioFile } from '../doubles/github/config';
import type { Fault } from '../doubles/github/faults';
import type { JournalEntry, JournalSummary } from '../doubles/github/journal';
import type { TokenSpec } from '../doubles/github/access';
import type { OrganisationSpec, Step } from '../doubles/github/steps';

const MAIN = join(import.meta.dirname ?? __dirname, '..', 'doubles', 'github', 'main.ts');

export interface WorldRow {
  repository: string;
  pullRequests: number;
  merged: number;
  commits: number;
  releases: number;
}

/** The GitHub double in its own process, as tests and the playground steer it. */
export class GitHubDoubleProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** What `github.apiUrl` takes. */
    readonly url: string,
    readonly token: string,
    /** Histories that were found, as `owner/name`. */
    readonly histories: string[],
  ) {}

  /** Starts the double with a scenario; runs under Bun, which tests and the playground run under too. */
  static async start(scenario: ScenarioFile): Promise<GitHubDoubleProcess> {
    if (!process.versions.bun) {
      throw new Error('The GitHub double runs under Bun.');
    }
    const folder = mkdtempSync(join(tmpdir(), 'dora-double-'));
    const file = join(folder, 'scenario.json');
    writeFileSync(file, JSON.stringify(scenario));
    const child = spawn(process.execPath, [MAIN, '--scenario', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    // Whatever ends this process must not leave the double behind.
    process.once('exit', () => child.kill('SIGKILL'));
    let words = '';
    child.stderr.on('data', (part: Buffer) => {
      words += part.toString('utf8');
    });
    try {
      const line = await Promise.race([
        once(createInterface({ input: child.stdout }), 'line').then(([first]) => String(first)),
        once(child, 'exit').then(() => Promise.reject(new Error(`The GitHub double did not start:\n${words}`))),
      ]);
      const { url, token, histories } = JSON.parse(line) as { url: string; token: string; histories: string[] };
      return new GitHubDoubleProcess(child, url, token, histories);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  journal(): Promise<{ summary: JournalSummary; requests: JournalEntry[] }> {
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

  async setToken(token: TokenSpec & { revoked?: boolean }): Promise<void> {
    await this.ask('POST', '/_control/tokens', token);
  }

  async setLatency(ms: number): Promise<void> {
    await this.ask('POST', '/_control/latency', { ms });
  }

  async add(organisations: OrganisationSpec[]): Promise<void> {
    await this.ask('POST', '/_control/facts', { organisations });
  }

  async change(repository: string, steps: Step[]): Promise<void> {
    await this.ask('POST', '/_control/facts', { repository, steps });
  }

  world(): Promise<WorldRow[]> {
    return this.ask('GET', '/_control/world');
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await ended;
    }
  }

  private async ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const answer: unknown = await response.json();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    }
    return answer as Answer;
  }
}
