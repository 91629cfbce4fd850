import { instant, type Instant } from '../shared/clock';
import { randomFrom } from '../shared/random';
import { opsItemId } from '../github/sample/ops-items';
import { addSampleOrganisation } from '../github/sample/sample';
import { World as GitHubWorld, type PullRequest } from '../github/world';
import { AwsScenario, type PipelineBuilder, type RegionBuilder, type StageInput } from './scenario';
import type { RoleSpec } from './identities';
import type { Execution, World } from './world';

export interface SampleOptions {
  /** Where the history ends. */
  now: string | number;
  /** As for the organisation at the double of GitHub: equal seeds give equal commits. */
  seed?: number;
  days?: number;
}

export const SAMPLE_REGION = 'eu-west-1';
/** Where pipelines run. */
export const TOOLING_ACCOUNT = '222222222222';
/** Where OpsItems are. */
export const OPERATIONS_ACCOUNT = '333333333333';
export const SAMPLE_ROLES: readonly RoleSpec[] = [
  { arn: `arn:aws:iam::${TOOLING_ACCOUNT}:role/dora-read`, externalId: 'acme-tooling' },
  { arn: `arn:aws:iam::${OPERATIONS_ACCOUNT}:role/dora-read`, externalId: 'acme-operations' },
];

const WAREHOUSE = ['warehouse-api', 'warehouse-jobs'];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A merge that comes while the one before is still being built leaves it behind. */
const SUPERSEDED_WITHIN = 6 * MINUTE;

/**
 * What AWS knows of the organisation `acme`: the pipelines of the Warehouse team (each merge rolls out), the pipeline that
 * brings the releases of payments-ledger to production, and the OpsItems of both. Commits are those of the double of
 * GitHub with the same seed and the same end.
 */
export function addSampleAccounts(world: World, options: SampleOptions): void {
  const now = instant(options.now);
  const seed = options.seed ?? 1;
  const gitHub = new GitHubWorld();
  addSampleOrganisation(gitHub, { now, seed, only: [...WAREHOUSE, 'payments-ledger'], ...(options.days === undefined ? {} : { days: options.days }) });
  const scenario = new AwsScenario(world);
  const tooling = scenario.region(TOOLING_ACCOUNT, SAMPLE_REGION);
  const operations = scenario.region(OPERATIONS_ACCOUNT, SAMPLE_REGION);
  for (const name of WAREHOUSE) {
    const repository = gitHub.findRepository('acme', name);
    const merged = [...(repository?.content.pulls.values() ?? [])].filter((pull) => pull.mergedAt !== null && pull.baseBranch === repository?.defaultBranch).sort((a, b) => a.mergedAt! - b.mergedAt!);
    new PipelineHistory(tooling, operations, name, now, seed).run(merged);
  }
  addLedger(gitHub, tooling, operations, now);
  addOthers(operations, now);
}

class PipelineHistory {
  private readonly pipeline: PipelineBuilder;
  private readonly random: () => number;
  private readonly succeeded: Array<{ execution: Execution; pull: PullRequest }> = [];

  constructor(
    tooling: RegionBuilder,
    private readonly operations: RegionBuilder,
    private readonly repository: string,
    private readonly now: Instant,
    seed: number
  ) {
    this.pipeline = tooling.pipeline(repository, { createdAt: now - 400 * 24 * HOUR, stages: ['Source', 'Build', 'Staging', 'Production'] });
    let hash = seed;
    for (const letter of repository) {
      hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
    }
    this.random = randomFrom(hash);
  }

  run(merged: readonly PullRequest[]): void {
    for (const [index, pull] of merged.entries()) {
      const next = merged[index + 1];
      this.execute(pull, next !== undefined && next.mergedAt! - pull.mergedAt! < SUPERSEDED_WITHIN);
      const item = opsItemNamed(pull);
      if (item !== null) {
        this.opsItem(pull, item);
      }
    }
  }

  private execute(pull: PullRequest, superseded: boolean): void {
    const startedAt = pull.mergedAt! + 40_000;
    if (startedAt > this.now) {
      return;
    }
    const draw = this.random();
    const built = startedAt + 20_000 + (3 + this.random() * 3) * MINUTE;
    const staged = built + 3 * MINUTE;
    const ended = staged + (4 + this.random() * 2) * MINUTE;
    const stages: StageInput[] = [
      { name: 'Source', actions: [{ startedAt, finishedAt: startedAt + 20_000, category: 'Source' }] },
      { name: 'Build', actions: [{ startedAt: startedAt + 20_000, finishedAt: built, category: 'Build', status: draw < 0.03 ? 'Failed' : 'Succeeded' }] },
      { name: 'Staging', actions: [{ startedAt: built, finishedAt: staged }] },
      { name: 'Production', actions: [{ startedAt: staged, finishedAt: ended, status: draw < 0.08 ? 'Failed' : 'Succeeded' }] },
    ];
    const sources = [{ from: 'github-connection' as const, repository: `acme/${this.repository}`, sha: pull.mergeSha!, message: `${pull.title} (#${pull.number})` }];
    if (ended > this.now) {
      const reached = stages.filter(({ actions }) => Number(actions[0].startedAt) <= this.now);
      const running = { ...reached.at(-1)!.actions[0], finishedAt: undefined, status: 'InProgress' as const };
      this.pipeline.execution({ at: startedAt, updatedAt: running.startedAt, status: 'InProgress', sources, stages: [...reached.slice(0, -1), { name: reached.at(-1)!.name, actions: [running] }] });
    } else if (superseded) {
      this.pipeline.execution({ at: startedAt, updatedAt: built, status: 'Superseded', sources, stages: stages.slice(0, 2) });
    } else if (draw < 0.03) {
      this.pipeline.execution({ at: startedAt, updatedAt: built, status: 'Failed', sources, stages: stages.slice(0, 2) });
    } else if (draw < 0.06) {
      // The rollout failed, and its stage was run again.
      const again = ended + (10 + this.random() * 20) * MINUTE;
      const done = Math.min(this.now, again + 5 * MINUTE);
      stages[3].actions.push({ startedAt: again, finishedAt: done });
      this.note(pull, this.pipeline.execution({ at: startedAt, updatedAt: done, sources, stages }));
    } else if (draw < 0.08) {
      this.pipeline.execution({ at: startedAt, updatedAt: ended, status: 'Failed', sources, stages });
    } else if (draw < 0.09) {
      this.pipeline.execution({ at: startedAt, updatedAt: built, status: 'Stopped', stopReason: 'waits for the data migration', sources, stages: stages.slice(0, 2) });
    } else if (draw < 0.1) {
      this.pipeline.execution({ at: startedAt, updatedAt: startedAt + 20_000, status: 'Cancelled', sources, stages: stages.slice(0, 1) });
    } else {
      this.note(pull, this.pipeline.execution({ at: startedAt, updatedAt: ended, sources, stages }));
    }
  }

  private note(pull: PullRequest, execution: Execution): void {
    this.succeeded.push({ execution, pull });
  }

  /** The trouble that a pull request mends, noticed some time before; sometimes one goes back first. */
  private opsItem(fix: PullRequest, id: string): void {
    const noticedAt = Math.round((fix.createdAt - 0.7 * fix.mergedAt!) / 0.3 / 1_000) * 1_000;
    const before = this.succeeded.filter(({ execution }) => execution.updatedAt <= noticedAt);
    const blamed = before.at(-1);
    const draw = this.random();
    const data: Record<string, string> = {
      'dora/service': this.repository,
      '/aws/resources': JSON.stringify([{ arn: `arn:aws:codepipeline:${SAMPLE_REGION}:${TOOLING_ACCOUNT}:${this.repository}` }]),
    };
    if (blamed && draw < 0.3) {
      data['dora/deployment'] = blamed.execution.id;
    }
    const fixedAt = Math.min(this.now, fix.mergedAt! + 14 * MINUTE);
    const closedAt = Math.min(this.now, fixedAt + (5 + draw * 50) * MINUTE);
    this.operations.opsItem({
      id, title: `High error rate of ${this.repository}`, createdAt: noticedAt, modifiedAt: closedAt, status: closedAt < this.now ? 'Resolved' : 'InProgress', severity: draw < 0.3 ? '1' : '2', category: 'Availability',
      source: 'CloudWatch', data,
    });
    const earlier = before.at(-2);
    if (blamed && earlier && draw > 0.6) {
      const at = noticedAt + 6 * MINUTE;
      this.pipeline.execution({
        at, updatedAt: Math.min(this.now, at + 4 * MINUTE), rollbackOf: earlier.execution.id, sources: [{ from: 'github-connection', repository: `acme/${this.repository}`, sha: earlier.pull.mergeSha!, message: earlier.pull.title }],
        stages: [{ name: 'Production', actions: [{ startedAt: at, finishedAt: Math.min(this.now, at + 4 * MINUTE) }] }],
      });
    }
  }
}

function opsItemNamed(pull: PullRequest): string | null {
  return /oi-[0-9a-f]{12}/.exec(`${pull.headBranch} ${pull.title}`)?.[0] ?? null;
}

/** Releases on GitHub that a pipeline brings to production: the same deployments from two sides. */
function addLedger(gitHub: GitHubWorld, tooling: RegionBuilder, operations: RegionBuilder, now: Instant): void {
  const ledger = gitHub.findRepository('acme', 'payments-ledger');
  if (!ledger) {
    return;
  }
  const pipeline = tooling.pipeline('payments-ledger-deploy', { createdAt: now - 400 * 24 * HOUR, stages: ['Source', 'Production'] });
  const releases = ledger.content.releases.filter(({ isPrerelease, publishedAt }) => !isPrerelease && publishedAt !== null && publishedAt < now - 20 * MINUTE);
  for (const [index, release] of releases.entries()) {
    const at = release.publishedAt! + MINUTE;
    const { sha } = ledger.content.tags.get(release.tag)!;
    pipeline.execution({ at, updatedAt: at + 9 * MINUTE, sources: [{ from: 'github-connection', repository: 'acme/payments-ledger', sha, message: ledger.content.commits.get(sha)?.message ?? release.tag }] });
    if (index % 9 === 4) {
      // Nobody mended these by a change: how they ended stands in the item itself.
      const createdAt = at + 2 * HOUR;
      const rules = [{ status: 'Resolved', data: { 'dora/resolvedAt': new Date(createdAt + 50 * MINUTE).toISOString() } }, { status: 'Resolved' }, { status: 'Closed' }];
      operations.opsItem({
        id: opsItemId('payments-ledger', index), title: 'Ledger: unbalanced entries', createdAt, modifiedAt: createdAt + 3 * HOUR, severity: '2', category: 'Recovery', source: 'CloudWatch', ...rules[Math.floor(index / 9) % rules.length],
      });
    }
  }
}

/** What the filters of the teams leave out, and one that nobody has looked at yet. */
function addOthers(operations: RegionBuilder, now: Instant): void {
  for (let week = 1; week < 26; week += 2) {
    operations.opsItem({
      id: opsItemId('network', week), title: 'VPN tunnel is down', createdAt: now - week * 7 * 24 * HOUR, modifiedAt: now - week * 7 * 24 * HOUR + HOUR, status: 'Resolved', source: 'EC2', severity: '3', category: 'Performance',
    });
  }
  operations.opsItem({ id: opsItemId('warehouse-jobs', 0), title: 'Stock counts are late (warehouse-jobs)', createdAt: now - 5 * HOUR, severity: '2', category: 'Availability', data: { 'dora/service': 'warehouse-jobs' } });
}
