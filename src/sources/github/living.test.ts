import type { RepositoryBuilder } from '../../../tests/doubles/github/scenario';
import type { Deployment, WorkflowRun } from '../../../tests/doubles/github/world';
import { apply } from '../../../tests/doubles/github/steps';
import { Dice } from '../../../tests/engine/organisation';
import { closeBenches, GitHubBench, lasting, NOW, stoppingAfter } from '../../../tests/support/github';
import type { DoraJsonData } from '../../shared/settings';
import { GitHubSource } from './github-source';

/** Whoever watches a repository for weeks knows at the end what one knows who reads it then. */

afterEach(closeBenches);

const long = process.env.DORA_LONG === '1';
const LIVES = long ? 150 : 4;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const SETTINGS: DoraJsonData = {
  sync: { every: '5m', lookback: '300d' },
  teams: [
    {
      name: 'Acme',
      repositories: ['acme/api'],
      branches: ['main', 'release/*'],
      deployments: [{ from: 'releases', plainTags: true }, { from: 'github-deployments', environments: ['*'] }, { from: 'workflow-runs', workflows: ['deploy.yml'] }],
      incidents: [{ from: 'github-issues' }],
    },
  ],
};

/** A repository to which anything happens that GitHub tells of. */
class Life {
  /** One that goes while an older one comes is noticed later only (see docs/configure.md): somebody has to look in between. */
  tagsChanged = false;
  private serial = 0;
  private readonly deployments: Deployment[] = [];
  private readonly runs: WorkflowRun[] = [];

  constructor(
    private readonly bench: GitHubBench,
    private readonly api: RepositoryBuilder,
    private readonly dice: Dice
  ) {}

  private get content() {
    return this.bench.world.findRepository('acme', 'api')!.changeable;
  }

  private name(prefix: string): string {
    this.serial += 1;
    return `${prefix}${this.serial}`;
  }

  /** Something of what happens, at this moment of GitHub's clock. */
  happen(): void {
    const { dice, api, content } = this;
    const at = this.bench.clock.now();
    const step = (one: Parameters<typeof apply>[2][number]): unknown => apply(this.bench.world, 'acme/api', [one], at);
    const anySha = (): string => dice.pick([...content.commits.keys()]);
    const happenings: Array<() => unknown> = [
      () => api.pullRequest({ title: this.name('Change '), openedAt: at - dice.below(50) * HOUR, mergedAt: at, merge: dice.pick(['merge', 'squash', 'rebase']), author: dice.pick(['ada', 'renovate[bot]', null]) }),
      () => content.pulls.size > 0 && step({ edit: { number: dice.pick([...content.pulls.keys()]), title: this.name('Edited '), labels: [dice.pick(['hotfix', 'chore'])] } }),
      () => content.pulls.size > 0 && step({ review: { number: dice.pick([...content.pulls.keys()]), by: 'late' } }),
      () => (this.tagsChanged = !api.release({ tag: this.name('v'), sha: dice.chance(0.7) ? api.head() : anySha(), publishedAt: at, createdAt: at, prerelease: dice.chance(0.3), draft: dice.chance(0.3) }).isDraft),
      () => this.ofNewestReleases((release) => Object.assign(release, { isDraft: false, publishedAt: release.publishedAt ?? at, isPrerelease: false })),
      () => this.ofNewestReleases((release) => content.releases.splice(content.releases.indexOf(release), 1)),
      () => (this.tagsChanged = api.tag(this.name('t'), anySha(), at, dice.chance(0.5)) === api),
      // GitHub keeps no release without its tag.
      () => this.ofPlainTags((name) => content.tags.delete(name)),
      () => this.deployments.push(api.deployment({ sha: dice.chance(0.8) ? api.head() : anySha(), environment: dice.pick(['production', 'staging', 'preview']), at, statuses: dice.chance(0.5) ? [{ state: dice.pick(['SUCCESS', 'FAILURE', 'IN_PROGRESS', 'WAITING']), at }] : [] })),
      // Of the newest ones and of those without an end; of an old one that ended nobody hears again.
      () => this.ofDeployments((deployment) => api.deploymentStatus(deployment, dice.pick(['SUCCESS', 'FAILURE', 'ERROR', 'IN_PROGRESS', 'QUEUED']), at)),
      () => this.runs.push(api.workflowRun({ workflow: dice.pick(['deploy.yml', 'test.yml']), sha: api.head(), at, attempts: [dice.chance(0.6) ? { startedAt: at, finishedAt: at, conclusion: dice.pick(['success', 'failure', 'cancelled']) } : { startedAt: at }] })),
      () => this.ofRuns((run) => run.attempts.at(-1)!.status !== 'completed', (run) => Object.assign(run.attempts.at(-1)!, { status: 'completed', conclusion: dice.pick(['success', 'failure', 'cancelled']), updatedAt: at })),
      () => this.ofRuns((run) => run.attempts.at(-1)!.status === 'completed', (run) => run.attempts.push({ attempt: run.attempts.length + 1, status: 'completed', conclusion: dice.pick(['success', 'failure']), startedAt: at, updatedAt: at, actor: 'octocat' })),
      () => api.issue({ title: this.name('Incident '), labels: ['incident'], openedAt: at }),
      () => content.issues.size > 0 && step({ closeIssue: { number: dice.pick([...content.issues.keys()]) } }),
      () => content.issues.size > 0 && step({ comment: { number: dice.pick([...content.issues.keys()]), by: 'ada', body: `root cause: ${anySha()}` } }),
      () => api.commit({ at, message: this.name('Pushed '), branch: 'main' }),
      () => step({ branch: { name: this.name('release/'), sha: anySha() } }),
      () => step({ rewrite: { depth: 1 + dice.below(3) } }),
    ];
    dice.pick(happenings)();
    content.changed();
  }

  private ofNewestReleases(then: (release: (typeof this.content.releases)[number]) => unknown): void {
    const newest = [...this.content.releases].sort((a, b) => b.createdAt - a.createdAt || b.databaseId - a.databaseId).slice(0, 5);
    if (newest.length > 0) {
      then(this.dice.pick(newest));
    }
  }

  private ofPlainTags(then: (name: string) => unknown): void {
    const released = new Set(this.content.releases.map(({ tag }) => tag));
    const some = [...this.content.tags.keys()].filter((name) => !released.has(name));
    if (some.length > 0) {
      then(this.dice.pick(some));
      this.tagsChanged = true;
    }
  }

  private ofDeployments(then: (deployment: Deployment) => void): void {
    const hasEnd = ({ statuses }: Deployment): boolean => statuses.some(({ state }) => ['SUCCESS', 'FAILURE', 'ERROR'].includes(state));
    const some = this.deployments.filter((deployment, index) => index >= this.deployments.length - 10 || !hasEnd(deployment));
    if (some.length > 0) {
      then(this.dice.pick(some));
    }
  }

  private ofRuns(which: (run: WorkflowRun) => boolean, then: (run: WorkflowRun) => unknown): void {
    const some = this.runs.filter((run) => which(run) && run.createdAt > this.bench.clock.now() - 29 * DAY);
    if (some.length > 0) {
      then(this.dice.pick(some));
    }
  }
}

test.each(Array.from({ length: LIVES }, (_, index) => index + 1))('life %i', async (seed) => {
  const dice = new Dice(seed * 7_919);
  const bench = new GitHubBench({ settings: SETTINGS });
  bench.clock.set(Date.parse(NOW) - 100 * DAY, false);
  const api = bench.scenario.organisation('acme').repository('api', { createdAt: bench.clock.now() - DAY });
  api.commit({ at: bench.clock.now() - DAY, message: 'Start' });
  const life = new Life(bench, api, dice);
  await bench.start();
  for (let tick = 0; tick < 120; tick += 1) {
    bench.clock.advance((1 + dice.below(dice.chance(0.1) ? 1_500 : 300)) * MINUTE);
    life.happen();
    if (life.tagsChanged || dice.chance(0.6)) {
      const dies = !life.tagsChanged && dice.chance(0.15);
      life.tagsChanged = false;
      await bench.sync(undefined, dies ? stoppingAfter(bench.store, dice.below(6)) : bench.store).catch((error: unknown) => {
        if (!dies) {
          throw error;
        }
      });
      if (dies) {
        bench.source = new GitHubSource();
      }
    }
  }
  // Re-runs of old runs are found within three days, what waits for an approval within a twentieth of its age.
  for (let pass = 0; pass < 14; pass += 1) {
    bench.clock.advance(6 * HOUR);
    await bench.sync();
  }
  const seen = await bench.facts();
  bench.source = new GitHubSource();
  const store = bench.newStore();
  await bench.sync(undefined, store);
  const fresh = await bench.facts(store);
  const { commits: known, ...watched } = lasting(seen) as typeof seen;
  const { commits, ...read } = lasting(fresh) as typeof fresh;
  expect(watched).toEqual(read);
  // What was rewritten may stay.
  const shas = new Set(known.map(({ sha }) => sha));
  expect(commits.filter(({ sha }) => !shas.has(sha))).toEqual([]);
}, 120_000);
