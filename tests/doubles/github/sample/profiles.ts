import type { TeamName } from './people';

/** How a team works on one repository; `age` is days before now, so a story can unfold. */
export interface Profile {
  repository: string;
  team: TeamName;
  defaultBranch?: string;
  language: string;
  description: string;
  /** Pull requests per working day. */
  rate(age: number): number;
  /** Hours of work until the pull request is opened, typical. */
  codingHours(age: number): number;
  /** Hours of work until somebody reviews, typical. */
  reviewHours(age: number): number;
  /** Share of changes that break production. */
  faulty(age: number): number;
  /** Share of production rollouts that fail. */
  rolloutFails(age: number): number;
  /** Hours until a fault is noticed and mended, typical. */
  restoreHours(age: number): number;
  mergeMethods: Array<'merge' | 'squash' | 'rebase'>;
  delivery: Delivery;
}

export type Delivery =
  /** Releases at these local times on working days, when there is something new. */
  | { kind: 'releases'; times: Array<[hour: number, minute: number]>; weekdays: number[]; prereleases: boolean; prefix: string }
  /** Each merge rolls out. */
  | { kind: 'continuous'; workflow: string; environments: string[] }
  /** A release branch every two weeks, candidates from it, then the release. */
  | { kind: 'train' }
  /** Each merge rolls out by a pipeline elsewhere (tests/doubles/aws), and troubles are OpsItems there. */
  | { kind: 'pipeline' };

const always = (value: number) => (): number => value;

/** One bad week, five weeks ago. */
const badWeek = (age: number): boolean => age >= 31 && age < 38;
const payments = (calm: number, bad: number) => (age: number): number => (badWeek(age) ? bad : calm);

/** From `before` half a year ago to `after` today. */
const improving = (before: number, after: number) => (age: number): number => after + (before - after) * Math.min(1, Math.max(0, age / 180));

const WEEK = [1, 2, 3, 4, 5];

export const PROFILES: readonly Profile[] = [
  {
    repository: 'payments-api', team: 'Payments', language: 'Go', description: 'Captures, refunds and payouts',
    rate: payments(2.2, 2.8), codingHours: always(5), reviewHours: always(2.5), faulty: payments(0.025, 0.65), rolloutFails: payments(0.03, 0.18), restoreHours: payments(1.2, 7),
    mergeMethods: ['squash'], delivery: { kind: 'releases', times: [[11, 0], [15, 30]], weekdays: WEEK, prereleases: false, prefix: 'v' },
  },
  {
    repository: 'payments-web', team: 'Payments', language: 'TypeScript', description: 'Merchant portal',
    rate: payments(1.5, 1.2), codingHours: always(6), reviewHours: always(3), faulty: payments(0.025, 0.5), rolloutFails: payments(0.03, 0.15), restoreHours: payments(1.5, 5),
    mergeMethods: ['squash', 'squash', 'merge'], delivery: { kind: 'releases', times: [[14, 0]], weekdays: WEEK, prereleases: false, prefix: 'v' },
  },
  {
    repository: 'payments-ledger', team: 'Payments', language: 'Kotlin', description: 'Double-entry ledger and reconciliation',
    rate: always(0.7), codingHours: always(9), reviewHours: always(5), faulty: payments(0.03, 0.6), rolloutFails: always(0.03), restoreHours: payments(3, 9),
    mergeMethods: ['merge'], delivery: { kind: 'releases', times: [[10, 30]], weekdays: [2, 4], prereleases: true, prefix: 'v' },
  },
  {
    repository: 'checkout', team: 'Checkout', language: 'TypeScript', description: 'Basket, vouchers and orders',
    rate: improving(0.9, 2.6), codingHours: improving(16, 4), reviewHours: improving(14, 2), faulty: improving(0.17, 0.04), rolloutFails: improving(0.12, 0.03), restoreHours: improving(16, 1.5),
    mergeMethods: ['squash', 'merge'], delivery: { kind: 'continuous', workflow: 'deploy.yml', environments: ['staging', 'production'] },
  },
  {
    repository: 'search-api', team: 'Search', language: 'Java', description: 'Product search',
    rate: always(1.1), codingHours: always(10), reviewHours: always(12), faulty: always(0.06), rolloutFails: always(0.05), restoreHours: always(6),
    mergeMethods: ['merge', 'rebase'], delivery: { kind: 'releases', times: [[13, 0]], weekdays: [3], prereleases: true, prefix: 'v' },
  },
  {
    repository: 'search-indexer', team: 'Search', language: 'Java', description: 'Feeds the search index',
    rate: always(0.55), codingHours: always(11), reviewHours: always(13), faulty: always(0.05), rolloutFails: always(0.05), restoreHours: always(8),
    mergeMethods: ['merge'], delivery: { kind: 'releases', times: [[13, 30]], weekdays: [3], prereleases: false, prefix: 'v' },
  },
  {
    repository: 'platform-infra', team: 'Platform', language: 'HCL', description: 'Clusters, networks and runners',
    rate: always(1.4), codingHours: always(2.5), reviewHours: always(2), faulty: always(0.05), rolloutFails: always(0.06), restoreHours: always(1.5),
    mergeMethods: ['squash', 'rebase'], delivery: { kind: 'continuous', workflow: 'apply.yml', environments: ['production'] },
  },
  {
    repository: 'mobile-app', team: 'Mobile', language: 'Kotlin', description: 'The shop for Android and iOS',
    rate: always(1.3), codingHours: always(12), reviewHours: always(7), faulty: always(0.03), rolloutFails: always(0), restoreHours: always(20),
    mergeMethods: ['squash'], delivery: { kind: 'train' },
  },
  {
    repository: 'docs', team: 'Platform', language: 'MDX', description: 'Developer documentation',
    rate: always(0.5), codingHours: always(2), reviewHours: always(3), faulty: always(0), rolloutFails: always(0.02), restoreHours: always(1),
    mergeMethods: ['squash'], delivery: { kind: 'continuous', workflow: 'publish.yml', environments: ['docs'] },
  },
  {
    repository: 'legacy', team: 'Platform', defaultBranch: 'master', language: 'Perl', description: 'Batch jobs of the old shop',
    rate: always(0.08), codingHours: always(20), reviewHours: always(30), faulty: always(0.1), rolloutFails: always(0.1), restoreHours: always(30),
    mergeMethods: ['merge'], delivery: { kind: 'releases', times: [[10, 0]], weekdays: [1], prereleases: false, prefix: 'release-' },
  },
  {
    repository: 'warehouse-api', team: 'Warehouse', language: 'Python', description: 'Stock, picking and returns',
    rate: always(1.3), codingHours: always(6), reviewHours: always(4), faulty: always(0.07), rolloutFails: always(0), restoreHours: always(3),
    mergeMethods: ['squash', 'merge'], delivery: { kind: 'pipeline' },
  },
  {
    repository: 'warehouse-jobs', team: 'Warehouse', language: 'Python', description: 'Nightly stock counts and replenishment',
    rate: always(0.5), codingHours: always(8), reviewHours: always(6), faulty: always(0.05), rolloutFails: always(0), restoreHours: always(6),
    mergeMethods: ['squash'], delivery: { kind: 'pipeline' },
  },
];
