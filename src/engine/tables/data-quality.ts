import { DAY_MS } from '../../shared/duration';
import { touches } from '../linking/team';
import type { Answer } from '../answer';
import type { ChangeIndex } from '../linking/changes';
import { momentsOfChange } from '../linking/changes';
import { PULL } from '../facts/pulls';
import { partsOf, incidentsOf } from '../groups';
import { isCounted } from '../lead-time';
import type { LinkedTeam } from '../linking/linked-team';
import type { Question } from '../series';
import { deploymentId } from '../linking/service';
import { noticesOf } from '../series';
import { CHANGE_STATES, undelivered } from './changes';
import { tableOf } from './columns';

/** One thing that could not be joined, measured or trusted. */
interface Finding {
  team: string;
  check: string;
  /** How many there are, of how many that were looked at. */
  count: number;
  of: number;
  /** A few of them by name. */
  examples: string[];
  meaning: string;
}

const MOST_EXAMPLES = 20;

/** METRICS, data quality: counts and lists of what could not be joined, for each team, in the query's range. */
export function dataQualityTable(question: Question, changes: ChangeIndex): Extract<Answer, { kind: 'table' }> {
  const rows = question.teams.flatMap((linked) => findingsOf(linked, question, changes));
  const { range } = question;
  return tableOf(
    'data-quality',
    [
      { name: 'team', type: 'string', cell: ({ team }) => team },
      { name: 'check', type: 'string', cell: ({ check }) => check },
      { name: 'count', type: 'number', cell: ({ count }) => count },
      { name: 'of', type: 'number', cell: ({ of }) => of },
      { name: 'examples', type: 'string', cell: ({ examples }) => examples.slice(0, MOST_EXAMPLES).join(', ') + (examples.length > MOST_EXAMPLES ? ', …' : '') },
      { name: 'meaning', type: 'string', cell: ({ meaning }) => meaning },
    ],
    rows,
    noticesOf(question, [], { stamps: [], starts: [range.from], ends: [range.to], fullEnds: [range.to], rolling: false })
  );
}

function findingsOf(linked: LinkedTeam, question: Question, changes: ChangeIndex): Finding[] {
  const { query, range, facts, now } = question;
  const team = linked.team.settings.name;
  const within = (at: number): boolean => at >= range.from && at < range.to;
  const findings: Finding[] = [];
  const add = (check: string, examples: string[], of: number, meaning: string): void => {
    findings.push({ team, check, count: examples.length, of, examples, meaning });
  };

  const withoutSha: string[] = [];
  const withoutRepository: string[] = [];
  const outsideGraph: string[] = [];
  const truncated: string[] = [];
  const clocks: string[] = [];
  const unreviewed: string[] = [];
  const unapproved: string[] = [];
  const unknownPaths: string[] = [];
  const carriers: string[] = [];
  let deployments = 0;
  let deliveries = 0;
  const nameOf = (change: number): string => (change < 0 ? facts.shas.sha(~change).slice(0, 10) : `${facts.repositories.nameOf(facts.pulls.repository.values[change]) ?? ''}#${facts.pulls.number.values[change]}`);
  const parts = partsOf(query, [linked], facts);
  for (const { service } of parts) {
    const link = linked.services[service];
    for (let index = 0; index < link.count; index += 1) {
      if (!within(link.finishedAt[index])) {
        continue;
      }
      deployments += 1;
      const id = deploymentId(link, index, facts);
      if (link.node[index] < 0) {
        withoutSha.push(id);
      } else if (link.record[index] >= 0 && facts.commits.known.values[link.node[index]] === 0) {
        outsideGraph.push(id);
      }
      if (link.repository[index] < 0) {
        withoutRepository.push(id);
      }
    }
    for (let row = 0; row < link.change.length; row += 1) {
      const change = link.change[row];
      if (change < 0 || !within(link.finishedAt[link.rowDeployment[row]])) {
        continue;
      }
      deliveries += 1;
      const name = nameOf(change);
      if ((facts.pulls.flags.values[change] & PULL.commitsComplete) === 0) {
        truncated.push(name);
      }
      if (facts.pulls.ignoredClocks.values[change] > 0) {
        clocks.push(name);
      }
      if (changes.isCarrier(change)) {
        carriers.push(name);
      }
      if (isCounted(link.rowFlags[row], true)) {
        if (Number.isNaN(facts.pulls.firstReviewAt.values[change])) {
          unreviewed.push(name);
        }
        if (Number.isNaN(facts.pulls.approvedAt.values[change])) {
          unapproved.push(name);
        }
      }
      if (link.plan.entry?.paths !== undefined && facts.pulls.filesOf(change) === null && touches(link.plan.entry, null)) {
        unknownPaths.push(name);
      }
    }
  }
  add('deployments without SHA', withoutSha, deployments, 'What they contain is taken from merge times.');
  add('deployments outside the commit graph', outsideGraph, deployments, 'Their commit was not synchronised; what they contain is taken from merge times.');
  add('deployments without repository', withoutRepository, deployments, 'They count for frequency and failures but deliver no change.');

  const open = undelivered(linked, facts, changes, (mergedAt) => mergedAt < Math.min(range.to, now));
  const waiting = open.filter(({ state }) => state === CHANGE_STATES.waiting);
  add('changes waiting', waiting.map(({ change }) => nameOf(change)), waiting.length + deliveries, waitingText(waiting.map(({ change }) => now - momentsOfChange(change, facts).mergedAt)));
  add('changes on other branches', open.filter(({ state }) => state === CHANGE_STATES.elsewhere).map(({ change }) => nameOf(change)), open.length, 'Merged into a branch that is not production, and not contained in a deployment.');
  add('changes that only carry others', carriers, deliveries, 'Their own commits all came with pull requests merged before; they are listed and not counted.');

  const incidents = incidentsOf(query, linked, facts);
  const opened = incidents.filter((incident) => within(incident.openedAt));
  add('incidents not linked', opened.filter((incident) => incident.deployment < 0).map((incident) => `${incident.id} (${incident.linkReason})`), opened.length, 'They count for time to restore and blame no deployment.');
  add('incidents without service', opened.filter((incident) => incident.service < 0).map((incident) => incident.id), opened.length, 'Name a service in the incident or in its source.');
  add('incidents open', opened.filter((incident) => incident.resolvedAt === null).map((incident) => incident.id), opened.length, 'They are in no time to restore yet.');
  add(
    'reverted before release',
    linked.incidents.revertedBeforeRelease.filter(({ revert }) => within(momentsOfChange(revert, facts).mergedAt)).map(({ revert, target }) => `${nameOf(revert)} reverts ${nameOf(target)}`),
    linked.incidents.revertedBeforeRelease.length,
    'The fault never reached production: no incident.'
  );
  add('changes with incomplete commits', truncated, deliveries, 'The provider refused part of their commits: the first one may be earlier.');
  add('changes with ignored clocks', clocks, deliveries, 'Author dates after the merge or before git existed are left out.');
  add('changes without a review', unreviewed, deliveries, 'Their time to first response lasts until the approval or, without one, the merge.');
  add('changes without an approval', unapproved, deliveries, 'Their rework stage ends at the merge.');
  if (unknownPaths.length > 0 || linked.services.some((link) => link.plan.entry?.paths !== undefined)) {
    add('changes without paths', unknownPaths, deliveries, 'They count for every service of their repository.');
  }
  const laggards = linked.team.coverage > range.from ? linked.team.laggards : [];
  add('sources behind', laggards, linked.team.laggards.length, 'The range begins before what they have.');
  return findings;
}

/** Number, median and greatest age of what is merged and not deployed. */
function waitingText(ages: number[]): string {
  if (ages.length === 0) {
    return 'Merged and not yet deployed.';
  }
  const sorted = [...ages].sort((a, b) => a - b);
  const days = (ms: number): string => `${(ms / DAY_MS).toFixed(1)} d`;
  return `Merged and not yet deployed; median age ${days(sorted[Math.floor((sorted.length - 1) / 2)])}, oldest ${days(sorted[sorted.length - 1])}.`;
}
