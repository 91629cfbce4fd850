import { instant, type Instant } from '../../shared/clock';
import { randomFrom } from '../../shared/random';
import { Scenario, type OwnerBuilder, type PullRequestInput, type RepositoryBuilder } from '../scenario';
import type { Conclusion, PullRequest, World } from '../world';
import { atWork, clockTime, DAY, HOUR, isWorkday, MINUTE, second, workLater } from './calendar';
import { opsItemId } from './ops-items';
import { PEOPLE, team, type Person } from './people';
import { PROFILES, type Profile } from './profiles';
import { dependencyUpdate, symptom, topic, type Topic } from './titles';

export interface SampleOptions {
  /** Where the history ends. */
  now: string | number;
  /** Equal seeds give equal histories. */
  seed?: number;
  days?: number;
  /** Only these repositories live through their history; the others are there and empty. Equal commits either way. */
  only?: readonly string[];
}

/**
 * The organisation `acme`: six teams over half a year that ends now. Payments is fast and had one bad week, Checkout
 * gets better month by month, Search releases weekly with slow reviews, Platform ships small changes at once, Mobile
 * rides a release train. Every day of a repository is drawn from seed, name and date, so the same seed gives the same
 * past whenever it is asked.
 */
export function addSampleOrganisation(world: World, options: SampleOptions): void {
  const now = instant(options.now);
  const seed = options.seed ?? 1;
  const days = options.days ?? 210;
  const acme = new Scenario(world).organisation('acme', 'Acme');
  for (const person of PEOPLE) {
    world.account(person.login, { name: person.name });
  }
  const incidents = acme.repository('incidents', { description: 'Incident reports', createdAt: now - (days + 30) * DAY });
  incidents.commit({ at: now - (days + 29) * DAY, message: 'Add the report template', author: PEOPLE[0].login });
  const reports: IncidentReport[] = [];
  for (const profile of PROFILES) {
    const history = new RepositoryHistory(acme, profile, { now, from: Math.floor(now / DAY) * DAY - days * DAY, seed }, reports);
    if (options.only === undefined || options.only.includes(profile.repository)) {
      history.run();
    }
  }
  reports.sort((a, b) => a.openedAt - b.openedAt);
  for (const report of reports) {
    incidents.issue({
      title: report.title, body: report.body, author: report.by, openedAt: report.openedAt, labels: ['incident', report.severity, report.repository],
      ...(report.closedAt !== null && report.closedAt <= now ? { closedAt: report.closedAt } : {}),
      comments: report.cause === null ? [] : [{ by: report.by, at: Math.min(now, report.closedAt ?? report.openedAt + 30 * MINUTE), body: `root cause: ${report.cause}` }],
    });
  }
}

interface IncidentReport {
  repository: string;
  title: string;
  body: string;
  by: string;
  severity: string;
  openedAt: Instant;
  closedAt: Instant | null;
  /** Told in a comment when it was found. */
  cause: string | null;
}

interface Planned {
  topic: Topic;
  author: string;
  input: PullRequestInput;
  mergedAt: Instant;
  /** Closed without a merge. */
  abandoned: boolean;
  revertOf: PullRequest | null;
  isHotfix: boolean;
}

interface Rollout {
  at: Instant;
  /** What it brings, newest last. */
  pulls: PullRequest[];
}

/** One repository, lived through in the order of time. */
class RepositoryHistory {
  private readonly build: RepositoryBuilder;
  private readonly members: Person[];
  private readonly agenda: Array<{ at: Instant; order: number; happen: () => void }> = [];
  private order = 0;
  /** Merged since the last release. */
  private unreleased: PullRequest[] = [];
  private version: [number, number, number];
  private number = 0;
  private planned: Array<{ createdAt: Instant; order: number; assign: (number: number) => void }> = [];

  constructor(
    acme: OwnerBuilder,
    private readonly profile: Profile,
    private readonly plan: { now: Instant; from: Instant; seed: number },
    private readonly reports: IncidentReport[]
  ) {
    const { repository, language, description, defaultBranch = 'main' } = profile;
    this.build = acme.repository(repository, { language, description, defaultBranch, createdAt: plan.from - 400 * DAY, topics: [profile.team.toLowerCase()] });
    this.members = team(profile.team);
    this.version = [profile.delivery.kind === 'train' ? 2 : 1, Math.floor(this.chance('version')() * 30), 0];
  }

  /** A stream of its own for each matter, so that one more draw here changes nothing there. */
  private chance(matter: string): () => number {
    let hash = this.plan.seed >>> 0;
    for (const letter of `${this.profile.repository} ${matter}`) {
      hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
    }
    return randomFrom(hash);
  }

  private age(at: Instant): number {
    return (this.plan.now - at) / DAY;
  }

  private at(moment: Instant, happen: () => void): void {
    if (moment <= this.plan.now) {
      this.order += 1;
      this.agenda.push({ at: moment, order: this.order, happen });
    }
  }

  run(): void {
    this.beforeTheStory();
    for (let day = this.plan.from; day <= this.plan.now; day += DAY) {
      const random = this.chance(`day ${Math.floor(day / DAY)}`);
      this.planDay(day, random);
    }
    this.planReleases();
    // Numbers follow the order of creation; what follows from merges takes later numbers as it comes.
    this.planned.sort((a, b) => a.createdAt - b.createdAt || a.order - b.order);
    for (const planned of this.planned) {
      planned.assign((this.number += 1));
    }
    for (;;) {
      let next = -1;
      for (let index = 0; index < this.agenda.length; index += 1) {
        const candidate = this.agenda[index];
        const best = this.agenda[next];
        if (!best || candidate.at < best.at || (candidate.at === best.at && candidate.order < best.order)) {
          next = index;
        }
      }
      if (next < 0) {
        return;
      }
      const [entry] = this.agenda.splice(next, 1);
      entry.happen();
    }
  }

  private beforeTheStory(): void {
    const random = this.chance('start');
    for (let index = 0; index < 12; index += 1) {
      const author = this.members[index % this.members.length];
      this.build.commit({ at: second(this.plan.from - (60 - index * 4) * DAY + random() * HOUR * 6), message: index === 0 ? 'Start of the repository' : topic(this.profile.repository, random).title, author: author.login, files: ['README.md'] });
    }
    if (this.profile.delivery.kind === 'releases' || this.profile.delivery.kind === 'train') {
      this.release(second(this.plan.from - 2 * DAY), this.profile.defaultBranch ?? 'main');
    }
  }

  private planDay(day: Instant, random: () => number): void {
    const { repository } = this.profile;
    if (isWorkday(day)) {
      const rate = this.profile.rate(this.age(day));
      let count = Math.floor(rate);
      count += random() < rate - count ? 1 : 0;
      count = Math.max(0, count + Math.round((random() - 0.5) * Math.min(2, rate)));
      for (let index = 0; index < count; index += 1) {
        const author = this.members[Math.floor(random() * this.members.length)];
        this.planChange(topic(repository, random), author, atWork(day + 6 * HOUR + random() * 8 * HOUR, author, random), random);
      }
      if (random() < 0.16) {
        const bot = ['payments-web', 'checkout', 'docs'].includes(repository) ? ('dependabot[bot]' as const) : ('renovate[bot]' as const);
        this.planUpdate(dependencyUpdate(random, bot), bot, second(day + 4 * HOUR + random() * HOUR), random);
      }
      if (repository === 'docs' && random() < 0.1) {
        const author = this.members[0];
        const at = atWork(day + 10 * HOUR, author, random);
        this.at(at, () => this.build.commit({ at, author: author.login, message: 'Correct a typo', files: ['content/quick-start.mdx'] }));
      }
    }
  }

  /** A change from its first commit to its merge. */
  private planChange(about: Topic, author: Person, startedAt: Instant, random: () => number): void {
    const age = this.age(startedAt);
    const spread = (): number => Math.exp((random() + random() + random() - 1.5) * 1.3);
    const coding = this.profile.codingHours(age) * spread();
    const reviewer = this.other(author, random);
    const bornDraft = random() < 0.14;
    const openedAt = workLater(startedAt, coding * (bornDraft ? 0.3 : 1), author, random);
    const readyAt = bornDraft ? workLater(openedAt, coding * 0.7 + 0.5, author, random) : openedAt;
    const count = 1 + Math.floor(random() * random() * 7);
    const commits: NonNullable<PullRequestInput['commits']> = [];
    for (let index = 0; index < count; index += 1) {
      commits.push({ at: second(startedAt + ((openedAt - startedAt) * index) / Math.max(1, count)), author: author.login, message: index === 0 ? about.title : this.stepMessage(random), files: this.files(random) });
    }
    const firstReviewAt = workLater(readyAt, this.profile.reviewHours(age) * spread(), reviewer, random);
    const reviews: NonNullable<PullRequestInput['reviews']> = [];
    const drafts: NonNullable<PullRequestInput['drafts']> = bornDraft ? [{ to: 'ready', at: readyAt }] : [];
    let approvedAt = firstReviewAt;
    const draw = random();
    if (draw < 0.3) {
      const state = draw < 0.16 ? 'changes-requested' : 'commented';
      reviews.push({ by: reviewer.login, state, at: firstReviewAt, comments: ['Could this be covered by a test?', ...(random() < 0.4 ? ['Please name the unit here.'] : [])] });
      const answeredAt = workLater(firstReviewAt, 0.5 + 2 * random(), author, random);
      commits.push({ at: answeredAt, author: author.login, message: 'Address review comments', files: this.files(random) });
      approvedAt = workLater(answeredAt, this.profile.reviewHours(age) * 0.6 * spread(), reviewer, random);
      if (state === 'changes-requested' && random() < 0.15) {
        drafts.push({ to: 'draft', at: second(firstReviewAt + 10 * MINUTE) }, { to: 'ready', at: answeredAt });
      }
    }
    if (draw < 0.94) {
      reviews.push({ by: reviewer.login, state: 'approved', at: approvedAt });
    }
    if (random() < 0.12) {
      reviews.push({ by: 'github-code-quality[bot]', state: 'commented', at: second(openedAt + 3 * MINUTE), body: 'No new findings.' });
    }
    const mergedAt = workLater(approvedAt, 0.1 + this.profile.reviewHours(age) * 0.25 * spread(), random() < 0.8 ? author : reviewer, random);
    const forcePushes = random() < 0.15 ? [second(openedAt + (mergedAt - openedAt) * 0.4)] : [];
    this.planPull({
      topic: about,
      author: author.login,
      input: {
        openedAt, commits, reviews, drafts, forcePushes, draft: bornDraft, labels: random() < 0.7 ? about.labels : [], body: this.body(about, random),
        comments: random() < 0.2 ? [{ by: reviewer.login, at: second(readyAt + 20 * MINUTE), body: 'I will look at this today.' }] : [],
        merge: this.profile.mergeMethods[Math.floor(random() * this.profile.mergeMethods.length)],
        mergedBy: random() < 0.8 ? author.login : reviewer.login,
      },
      mergedAt,
      abandoned: random() < 0.035,
      revertOf: null,
      isHotfix: false,
    });
  }

  private planUpdate(about: Topic, bot: string, openedAt: Instant, random: () => number): void {
    const reviewer = this.members[Math.floor(random() * this.members.length)];
    const approvedAt = workLater(openedAt, 1 + random() * 14, reviewer, random);
    const automatic = random() < 0.3;
    this.planPull({
      topic: about,
      author: bot,
      input: {
        openedAt, commits: [{ at: openedAt, author: bot, message: about.title, files: ['package-lock.json'] }], labels: about.labels, body: 'This updates a dependency. The release notes are linked in the dependency dashboard.',
        reviews: automatic ? [] : [{ by: reviewer.login, state: 'approved', at: approvedAt }], merge: 'squash', mergedBy: automatic ? bot : reviewer.login,
      },
      mergedAt: automatic ? second(openedAt + 25 * MINUTE) : workLater(approvedAt, 0.1, reviewer, random),
      abandoned: random() < 0.08,
      revertOf: null,
      isHotfix: false,
    });
  }

  private planPull(planned: Planned): void {
    this.order += 1;
    this.planned.push({
      createdAt: instant(planned.input.openedAt),
      order: this.order,
      assign: (number) => this.schedule(planned, number),
    });
  }

  /** Puts a pull request on the agenda at the moment that it ends, or as an open one at the very end. */
  private schedule(planned: Planned, number: number): void {
    const { now } = this.plan;
    const openedAt = instant(planned.input.openedAt);
    if (openedAt > now) {
      return;
    }
    const past = <T extends { at: string | number }>(moments: T[] | undefined): T[] => (moments ?? []).filter((moment) => instant(moment.at) <= now);
    const input: PullRequestInput = {
      ...planned.input,
      number,
      title: planned.topic.title,
      branch: planned.topic.branch,
      author: planned.author,
      commits: (planned.input.commits ?? []).filter((commit) => instant(typeof commit === 'object' ? commit.at : commit) <= now),
      reviews: past(planned.input.reviews),
      drafts: past(planned.input.drafts),
      comments: past(planned.input.comments),
      forcePushes: (planned.input.forcePushes ?? []).filter((at) => instant(at) <= now),
    };
    if (planned.mergedAt > now) {
      this.at(now, () => this.build.pullRequest(input));
    } else if (planned.abandoned) {
      this.at(planned.mergedAt, () => this.build.pullRequest({ ...input, closedAt: planned.mergedAt }));
    } else {
      this.at(planned.mergedAt, () => this.merged(this.build.pullRequest({ ...input, mergedAt: planned.mergedAt }), planned));
    }
  }

  /** What follows from a merge. */
  private merged(pull: PullRequest, planned: Planned): void {
    const at = planned.mergedAt;
    const random = this.chance(`merge ${pull.number}`);
    if (pull.baseBranch !== this.build.defaultBranch) {
      return;
    }
    this.unreleased.push(pull);
    this.build.workflowRun({
      workflow: 'ci.yml', workflowName: 'CI', at: at + 5_000, actor: pull.mergedBy, sha: pull.mergeSha ?? '',
      attempts: [{ startedAt: at + 10_000, finishedAt: second(at + (6 + random() * 8) * MINUTE), conclusion: random() < 0.05 ? 'failure' : 'success', jobs: [] }],
    });
    if (this.profile.delivery.kind === 'continuous') {
      this.continuous(at, random);
    } else if (this.profile.delivery.kind === 'pipeline') {
      this.afterProduction({ at: second(at + 14 * MINUTE), pulls: [pull] }, random);
    }
  }

  /** A merge that goes to production by itself. */
  private continuous(mergedAt: Instant, random: () => number): void {
    if (this.profile.delivery.kind !== 'continuous') {
      return;
    }
    const { workflow, environments } = this.profile.delivery;
    const startedAt = mergedAt + 15_000;
    const bring = this.unreleased;
    const sha = this.build.head();
    const fails = random() < this.profile.rolloutFails(this.age(mergedAt));
    const finishedAt = this.rollout(startedAt, { workflow, sha, ref: this.build.defaultBranch, environments, event: 'push', fails, rerunSucceeds: fails && random() < 0.6, random });
    if (finishedAt !== null) {
      this.unreleased = [];
      this.afterProduction({ at: finishedAt, pulls: bring }, random);
    }
  }

  /** A run with its jobs and GitHub deployments; answers when production had it, or null when it never did. */
  private rollout(
    startedAt: Instant,
    how: { workflow: string; sha: string; ref: string; environments: string[]; event: string; fails: boolean; rerunSucceeds: boolean; random: () => number }
  ): Instant | null {
    const { random } = how;
    const last = how.environments.at(-1) ?? 'production';
    const attempt = (from: Instant, failed: boolean): { startedAt: Instant; finishedAt: Instant; conclusion: Conclusion; jobs: Array<{ name: string; startedAt: Instant; finishedAt: Instant; conclusion: Conclusion }> } => {
      const jobs: Array<{ name: string; startedAt: Instant; finishedAt: Instant; conclusion: Conclusion }> = [];
      let at = from;
      for (const name of ['build', ...how.environments]) {
        const end = second(at + (2 + random() * 6) * MINUTE);
        jobs.push({ name, startedAt: at, finishedAt: end, conclusion: failed && name === last ? 'failure' : 'success' });
        at = end;
      }
      return { startedAt: from, finishedAt: at, conclusion: failed ? 'failure' : 'success', jobs };
    };
    const attempts = [attempt(startedAt, how.fails)];
    if (how.rerunSucceeds) {
      attempts.push(attempt(second(attempts[0].finishedAt + (10 + random() * 40) * MINUTE), false));
    }
    const known = attempts.filter((one) => one.finishedAt <= this.plan.now);
    if (known.length === 0) {
      this.build.workflowRun({ workflow: how.workflow, workflowName: 'Deploy', at: startedAt, sha: how.sha, branch: how.ref, event: how.event, actor: this.members[0].login, attempts: [{ startedAt }] });
      return null;
    }
    this.build.workflowRun({ workflow: how.workflow, workflowName: 'Deploy', at: startedAt, sha: how.sha, branch: how.ref, event: how.event, actor: this.members[0].login, attempts: known });
    for (const one of known) {
      for (const environment of how.environments) {
        const job = one.jobs.find(({ name }) => name === environment)!;
        const failed = job.conclusion === 'failure';
        this.build.deployment({
          sha: how.sha, ref: how.ref, environment, at: job.startedAt,
          statuses: [{ state: 'IN_PROGRESS', at: job.startedAt + 2_000 }, { state: failed ? 'FAILURE' : 'SUCCESS', at: job.finishedAt }],
        });
      }
    }
    const done = known.at(-1)!;
    return done.conclusion === 'success' ? done.finishedAt : null;
  }

  private planReleases(): void {
    const { delivery } = this.profile;
    if (delivery.kind === 'releases') {
      const manager = this.members[0];
      for (let day = this.plan.from; day <= this.plan.now; day += DAY) {
        if (delivery.weekdays.includes(((new Date(day).getUTCDay() + 6) % 7) + 1)) {
          for (const [hour, minute] of delivery.times) {
            const random = this.chance(`release ${Math.floor(day / DAY)} ${hour}`);
            const at = second(clockTime(day + 12 * HOUR, manager, hour, minute) + random() * 25 * MINUTE);
            this.at(at, () => this.planRelease(at, random));
          }
        }
      }
    } else if (delivery.kind === 'train') {
      const manager = this.members[0];
      for (let day = this.plan.from; day <= this.plan.now; day += DAY) {
        // Every second Monday.
        if (new Date(day).getUTCDay() === 1 && Math.floor(day / (7 * DAY)) % 2 === 0) {
          const at = clockTime(day + 12 * HOUR, manager, 10, 0);
          this.at(at, () => this.train(at));
        }
      }
    }
  }

  private planRelease(at: Instant, random: () => number): void {
    const { delivery } = this.profile;
    if (delivery.kind !== 'releases' || this.unreleased.length === 0 || random() < 0.1) {
      return;
    }
    if (delivery.prereleases && random() < 0.5) {
      const [major, minor] = this.version;
      this.build.release({ tag: `${delivery.prefix}${major}.${minor + 1}.0-rc.1`, publishedAt: second(at - 3 * HOUR), prerelease: true, author: this.members[0].login, branch: this.build.defaultBranch });
    }
    this.shipMain(at, random, false);
  }

  /** Releases what is on the default branch and rolls it out. */
  private shipMain(at: Instant, random: () => number, isHotfix: boolean): void {
    const bring = this.unreleased;
    const sha = this.build.head();
    const tag = this.release(at, this.build.defaultBranch, isHotfix);
    const fails = random() < this.profile.rolloutFails(this.age(at));
    const finishedAt = this.rollout(at + 20_000, { workflow: 'deploy.yml', sha, ref: tag, environments: ['production'], event: 'release', fails, rerunSucceeds: fails && random() < 0.7, random });
    if (finishedAt !== null) {
      this.unreleased = [];
      this.afterProduction({ at: finishedAt, pulls: bring }, random);
    }
  }

  private release(at: Instant, branch: string, patchOnly = false): string {
    const { delivery } = this.profile;
    const [major, minor, fix] = this.version;
    this.version = patchOnly ? [major, minor, fix + 1] : [major, minor + 1, 0];
    const tag = `${delivery.kind === 'releases' ? delivery.prefix : 'v'}${this.version.join('.')}`;
    this.build.release({ tag, publishedAt: at, branch, sha: this.build.head(branch), author: this.members[0].login, annotated: delivery.kind === 'train', description: `Changes since the last release are listed below.` });
    return tag;
  }

  /** Some of what reached production breaks it. */
  private afterProduction(rollout: Rollout, random: () => number): void {
    const candidates = rollout.pulls.filter((pull) => !pull.author?.endsWith('[bot]') && !pull.title.startsWith('Revert "Revert'));
    const culprit = candidates.find((pull) => !pull.title.startsWith('Revert') && random() < this.profile.faulty(this.age(rollout.at)));
    if (!culprit) {
      return;
    }
    const restore = this.profile.restoreHours(this.age(rollout.at)) * HOUR * (0.5 + random() * 1.2);
    const noticedAt = second(rollout.at + (5 + random() * 50) * MINUTE);
    const mendedAt = second(noticedAt + restore);
    const responder = this.members[Math.floor(random() * this.members.length)];
    const way = random();
    if (this.profile.delivery.kind === 'train' || way < 0.45) {
      this.revert(culprit, responder, noticedAt, mendedAt, random);
    } else {
      this.hotfix(culprit, responder, noticedAt, mendedAt, random);
    }
    if (way < 0.75 && noticedAt <= this.plan.now && this.profile.delivery.kind !== 'pipeline') {
      this.report(culprit, responder, noticedAt, second(mendedAt + 15 * MINUTE), random);
    }
  }

  private report(culprit: PullRequest, responder: Person, openedAt: Instant, closedAt: Instant, random: () => number): void {
    const draw = random();
    const reference = draw < 0.45 ? `acme/${this.profile.repository}#${culprit.number}` : draw < 0.8 ? culprit.mergeSha : null;
    const inBody = random() < 0.3;
    this.reports.push({
      repository: this.profile.repository,
      title: `${symptom(this.profile.repository, random)} (${this.profile.repository})`,
      body: `Seen by customers and by the alert on error rate.${inBody && reference ? `\n\nroot cause: ${reference}` : ''}`,
      by: responder.login,
      severity: draw < 0.15 ? 'severity:1' : draw < 0.55 ? 'severity:2' : 'severity:3',
      openedAt,
      closedAt,
      cause: inBody ? null : reference,
    });
  }

  private revert(culprit: PullRequest, by: Person, noticedAt: Instant, mendedAt: Instant, random: () => number): void {
    const mergedAt = second(Math.max(noticedAt + 5 * MINUTE, mendedAt - 12 * MINUTE));
    const openedAt = second(noticedAt + (mergedAt - noticedAt) * 0.5);
    const title = `Revert "${culprit.title}"`;
    this.at(openedAt, () => {
      const number = (this.number += 1);
      const reviewer = this.other(by, random);
      this.schedule(
        {
          topic: { title, branch: `revert-${culprit.number}-${culprit.headBranch}`, isFix: true, labels: [] },
          author: by.login,
          input: {
            openedAt, body: `Reverts acme/${this.profile.repository}#${culprit.number}`, commits: [{ at: openedAt, author: by.login, message: `${title}\n\nThis reverts commit ${culprit.mergeSha}.`, files: this.files(random) }],
            reviews: [{ by: reviewer.login, state: 'approved', at: second(openedAt + (mergedAt - openedAt) * 0.6) }], merge: 'squash', mergedBy: by.login,
          },
          mergedAt, abandoned: false, revertOf: culprit, isHotfix: true,
        },
        number
      );
    });
    this.shipSoon(mergedAt, random);
    if (random() < 0.3) {
      // Once understood, it is brought back: a revert of the revert.
      const again = workLater(mergedAt, 10 + random() * 20, by, random);
      this.at(again, () => this.reapply(culprit, by, again, random));
    }
  }

  private reapply(culprit: PullRequest, by: Person, openedAt: Instant, random: () => number): void {
    const reverting = [...this.build.repository.content.pulls.values()].find((pull) => pull.body === `Reverts acme/${this.profile.repository}#${culprit.number}`);
    if (!reverting) {
      return;
    }
    const reviewer = this.other(by, random);
    const approvedAt = workLater(openedAt, 2 + random() * 4, reviewer, random);
    this.schedule(
      {
        topic: { title: `Revert "${reverting.title}"`, branch: `revert-${reverting.number}-${reverting.headBranch}`, isFix: false, labels: [] },
        author: by.login,
        input: {
          openedAt, body: `Reverts acme/${this.profile.repository}#${reverting.number}`, merge: 'squash', mergedBy: by.login, reviews: [{ by: reviewer.login, state: 'approved', at: approvedAt }],
          commits: [{ at: second(openedAt - 20 * MINUTE), author: by.login, message: `Revert "${reverting.title}"`, files: this.files(random) }],
        },
        mergedAt: workLater(approvedAt, 0.3, by, random), abandoned: false, revertOf: reverting, isHotfix: false,
      },
      (this.number += 1)
    );
  }

  private hotfix(culprit: PullRequest, by: Person, noticedAt: Instant, mendedAt: Instant, random: () => number): void {
    const mergedAt = second(Math.max(noticedAt + 8 * MINUTE, mendedAt - 12 * MINUTE));
    const startedAt = second(noticedAt + (mergedAt - noticedAt) * 0.4);
    const openedAt = second(noticedAt + (mergedAt - noticedAt) * 0.7);
    const reviewer = this.other(by, random);
    const mended = culprit.title.replace(/^(\w)/, (letter) => letter.toLowerCase());
    const named = this.profile.delivery.kind === 'pipeline' ? this.namingOpsItem(opsItemId(this.profile.repository, culprit.number), mended, random) : null;
    this.at(openedAt, () =>
      this.schedule(
        {
          topic: { title: `Hotfix: ${mended}`, branch: `hotfix/${culprit.number}`, ...named, isFix: true, labels: ['hotfix', 'bug'] },
          author: by.login,
          input: {
            openedAt, body: `Mends what #${culprit.number} broke.`, labels: ['hotfix', 'bug'], commits: [{ at: startedAt, author: by.login, message: 'Handle the missing case', files: this.files(random) }],
            reviews: [{ by: reviewer.login, state: 'approved', at: second(openedAt + (mergedAt - openedAt) * 0.6) }], merge: 'squash', mergedBy: by.login,
          },
          mergedAt, abandoned: false, revertOf: null, isHotfix: true,
        },
        (this.number += 1)
      )
    );
    this.shipSoon(mergedAt, random);
  }

  /** The ways in which a branch or a title names what it mends. */
  private namingOpsItem(id: string, mended: string, random: () => number): { title: string; branch: string } {
    const way = random();
    const branch = way < 0.3 ? `fix/${id}` : way < 0.6 ? `hotfix/${id}/hotfix` : way < 0.75 ? id : `mend-${id.slice(-4)}`;
    return { branch, title: branch.includes(id) ? `Mend: ${mended}` : `fix(${id}): ${mended}` };
  }

  /** A mend does not wait for the next release. */
  private shipSoon(mergedAt: Instant, random: () => number): void {
    const at = second(mergedAt + 4 * MINUTE);
    if (this.profile.delivery.kind === 'releases') {
      this.at(at, () => {
        if (this.unreleased.length > 0) {
          this.shipMain(at, random, true);
        }
      });
    }
  }

  /** Two weeks of work leave on a branch of their own: candidate, fixes picked onto the branch, release, back-merge. */
  private train(cutAt: Instant): void {
    const random = this.chance(`train ${Math.floor(cutAt / DAY)}`);
    const manager = this.members[0];
    const [major, minor] = this.version;
    const branch = `release/${major}.${minor + 1}`;
    const bring = this.unreleased;
    if (bring.length === 0) {
      return;
    }
    this.unreleased = [];
    this.build.branch(branch, this.build.head(), cutAt);
    this.build.release({ tag: `v${major}.${minor + 1}.0-rc.1`, publishedAt: second(cutAt + 30 * MINUTE), prerelease: true, branch, sha: this.build.head(branch), author: manager.login });
    const fixAt = workLater(cutAt, 10 + random() * 6, manager, random);
    const releaseAt = workLater(cutAt, 26 + random() * 4, manager, random);
    if (random() < 0.7) {
      const about = topic(this.profile.repository, random);
      const author = this.other(manager, random);
      this.at(fixAt, () => {
        this.schedule(
          {
            topic: { ...about, title: `${about.title} on ${branch}`, branch: `${about.branch}-pick` },
            author: author.login,
            input: {
              base: branch, openedAt: second(fixAt - 2 * HOUR), commits: [{ at: second(fixAt - 3 * HOUR), author: author.login, message: about.title, files: this.files(random) }],
              reviews: [{ by: manager.login, state: 'approved', at: second(fixAt - HOUR) }], merge: 'squash', mergedBy: manager.login,
            },
            mergedAt: fixAt, abandoned: false, revertOf: null, isHotfix: false,
          },
          (this.number += 1)
        );
      });
      this.at(fixAt + HOUR, () => this.build.release({ tag: `v${major}.${minor + 1}.0-rc.2`, publishedAt: fixAt + HOUR, prerelease: true, branch, sha: this.build.head(branch), author: manager.login }));
    }
    this.at(releaseAt, () => {
      this.release(releaseAt, branch);
      this.afterProduction({ at: releaseAt, pulls: bring }, random);
      this.backMerge(branch, releaseAt, manager, random);
      if (random() < 0.35) {
        this.patchRelease(branch, releaseAt, random);
      }
    });
  }

  private backMerge(branch: string, releasedAt: Instant, manager: Person, random: () => number): void {
    const openedAt = second(releasedAt + 30 * MINUTE);
    const own = this.build.repository.content.history(this.build.head(branch));
    const onMain = new Set(this.build.repository.content.history(this.build.head()).map((commit) => commit.sha));
    const carried = own.filter((commit) => !onMain.has(commit.sha)).map((commit) => commit.sha).reverse();
    if (carried.length === 0) {
      return;
    }
    const reviewer = this.other(manager, random);
    const mergedAt = workLater(openedAt, 1 + random() * 3, manager, random);
    this.schedule(
      {
        topic: { title: `Merge ${branch} back into main`, branch: `merge-back-${branch.replace('/', '-')}`, isFix: false, labels: [] },
        author: manager.login,
        input: { openedAt, commitShas: carried, reviews: [{ by: reviewer.login, state: 'approved', at: second(openedAt + (mergedAt - openedAt) / 2) }], merge: 'merge', mergedBy: manager.login },
        mergedAt, abandoned: false, revertOf: null, isHotfix: false,
      },
      (this.number += 1)
    );
  }

  /** A fault in what the stores already ship: mended on the release branch. */
  private patchRelease(branch: string, releasedAt: Instant, random: () => number): void {
    const by = this.members[Math.floor(random() * this.members.length)];
    const manager = this.members[0];
    const noticedAt = second(releasedAt + (3 + random() * 20) * HOUR);
    const mergedAt = workLater(noticedAt, 2 + random() * 5, by, random);
    const releaseAt = second(mergedAt + 90 * MINUTE);
    const trouble = symptom(this.profile.repository, random);
    this.at(mergedAt, () => {
      const number = (this.number += 1);
      this.schedule(
        {
          topic: { title: `Hotfix: ${trouble.replace(/^(\w)/, (letter) => letter.toLowerCase())}`, branch: `hotfix/${branch.split('/')[1]}-${number}`, isFix: true, labels: ['hotfix'] },
          author: by.login,
          input: {
            base: branch, openedAt: second(mergedAt - 90 * MINUTE), labels: ['hotfix'], commits: [{ at: second(mergedAt - 2 * HOUR), author: by.login, message: 'Handle the missing case', files: this.files(random) }],
            reviews: [{ by: manager.login, state: 'approved', at: second(mergedAt - 20 * MINUTE) }], merge: 'squash', mergedBy: manager.login,
          },
          mergedAt, abandoned: false, revertOf: null, isHotfix: true,
        },
        number
      );
    });
    this.at(releaseAt, () => this.release(releaseAt, branch, true));
    if (noticedAt <= this.plan.now) {
      this.reports.push({
        repository: this.profile.repository, title: `${trouble} (${this.profile.repository})`, body: 'Reported by the stores.', by: by.login, severity: random() < 0.4 ? 'severity:1' : 'severity:2',
        openedAt: noticedAt, closedAt: second(releaseAt + 10 * MINUTE), cause: null,
      });
    }
  }

  private other(person: Person, random: () => number): Person {
    const others = this.members.filter((one) => one.login !== person.login);
    return others[Math.floor(random() * others.length)] ?? person;
  }

  private stepMessage(random: () => number): string {
    return ['Add tests', 'Extract a helper', 'Handle empty input', 'Rename for clarity', 'Adjust the configuration', 'Update the documentation'][Math.floor(random() * 6)];
  }

  private files(random: () => number): string[] {
    const folder = ['src', 'src', 'internal', 'test', 'docs'][Math.floor(random() * 5)];
    return [`${folder}/${['core', 'client', 'handlers', 'model', 'util'][Math.floor(random() * 5)]}/${['index', 'service', 'mapper', 'store', 'routes'][Math.floor(random() * 5)]}.${this.profile.language === 'Go' ? 'go' : 'ts'}`];
  }

  private body(about: Topic, random: () => number): string {
    const why = about.isFix ? 'A customer reported this; a test reproduces it.' : 'Needed for the current milestone.';
    return random() < 0.75 ? `${why}\n\n- covered by tests\n- no change to the public interface` : '';
  }
}
