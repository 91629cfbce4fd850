import type { ChildProcess } from 'node:child_process';
import type { ScenarioFile } from '../doubles/aws/config';
import type { Fault } from '../doubles/aws/faults';
import type { Denial, KeySpec, RoleSpec } from '../doubles/aws/identities';
import type { JournalEntry, JournalSummary } from '../doubles/aws/journal';
import type { AccountSpec } from '../doubles/aws/scenario';
import { DoubleProcess, startDouble } from './double-process';

interface Ready {
  url: string;
  accessKey: string;
  secretKey: string;
}

/** The AWS double in its own process, as tests and the playground steer it; `url` is what `endpoint` takes. */
export class AwsDoubleProcess extends DoubleProcess<Fault, JournalEntry, JournalSummary> {
  private constructor(
    child: ChildProcess,
    url: string,
    /** Keys of the connection's own account. */
    readonly keys: { accessKey: string; secretKey: string },
  ) {
    super(child, url);
  }

  static async start(scenario: ScenarioFile): Promise<AwsDoubleProcess> {
    const { child, ready } = await startDouble<Ready>('aws', scenario);
    return new AwsDoubleProcess(child, ready.url, { accessKey: ready.accessKey, secretKey: ready.secretKey });
  }

  /** Adds pipelines, executions and OpsItems, or changes those of the same id. */
  async add(accounts: AccountSpec[]): Promise<void> {
    await this.ask('POST', '/_control/facts', { accounts });
  }

  async identities(change: { keys?: KeySpec[]; roles?: RoleSpec[]; deny?: { who: string; denied: Denial[] }; revoke?: string; expireSessions?: boolean }): Promise<void> {
    await this.ask('POST', '/_control/identities', change);
  }

  async clock(change: { now?: string; running?: boolean; advanceMs?: number }): Promise<void> {
    await this.ask('POST', '/_control/clock', change);
  }

  /** What the double said that AWS could not say, held against AWS's own models; empty where those are not at hand. */
  async defects(): Promise<string[]> {
    return (await this.ask<{ defects: string[] }>('GET', '/_control/defects')).defects;
  }
}
