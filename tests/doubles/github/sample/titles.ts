/** What the pull requests of a repository are about. */
interface Subjects {
  features: string[];
  faults: string[];
  areas: string[];
}

const SUBJECTS: Record<string, Subjects> = {
  'payments-api': {
    features: ['idempotency keys for refunds', 'partial captures', 'SEPA instant transfers', 'a settlement status on payments', 'webhook signing with rotating keys', 'network tokens for stored cards', 'a dry-run mode for payouts'],
    faults: ['rounding of partial refunds', 'double capture after a gateway timeout', 'currency of zero-decimal amounts', 'stale authorisations in the retry queue', 'webhook retries after a redirect'],
    areas: ['the capture workflow', 'the gateway client', 'payout scheduling', 'the refund ledger entries', 'merchant onboarding checks', 'the webhook dispatcher'],
  },
  'payments-web': {
    features: ['a refund timeline', 'saved filters on the payments list', 'CSV export of settlements', 'dark mode', 'a dispute evidence upload', 'keyboard shortcuts'],
    faults: ['focus handling in the refund dialog', 'time zone of settlement dates', 'layout of long merchant names', 'lost filters after signing in again'],
    areas: ['the payments table', 'the dispute form', 'session handling', 'the settlement report', 'form validation', 'the navigation'],
  },
  'payments-ledger': {
    features: ['monthly closing balances', 'multi-currency accounts', 'an audit trail for manual entries', 'balance snapshots', 'a reconciliation report'],
    faults: ['balance of reversed entries', 'ordering of entries with equal times', 'closing of empty months'],
    areas: ['entry validation', 'the reconciliation job', 'account migrations', 'the balance cache', 'the posting rules'],
  },
  checkout: {
    features: ['address autocompletion', 'gift cards', 'express checkout', 'delivery slot selection', 'split shipments', 'loyalty points at checkout', 'guest order tracking'],
    faults: ['tax of mixed baskets', 'basket merge after signing in', 'expired vouchers shown as valid', 'duplicate orders on a slow connection', 'shipping cost of bulky items'],
    areas: ['the basket service', 'the voucher rules', 'the address form', 'order confirmation mails', 'the shipping estimate', 'stock reservation'],
  },
  'search-api': {
    features: ['synonyms per market', 'facet counts', 'typo tolerance for brands', 'query suggestions', 'personalised ranking', 'vector search behind a switch'],
    faults: ['ranking of sold-out articles', 'facets of hidden categories', 'encoding of special characters', 'paging beyond 10,000 hits'],
    areas: ['query parsing', 'the ranking model loader', 'the result cache', 'the facet builder', 'request tracing'],
  },
  'search-indexer': {
    features: ['incremental indexing', 'a dead letter queue', 'backfill by category', 'index warm-up before the switch'],
    faults: ['missing translations in the index', 'memory use of large batches', 'deleted articles that came back'],
    areas: ['the document builder', 'the change stream reader', 'bulk requests', 'index aliases', 'the attribute mapping'],
  },
  'platform-infra': {
    features: ['node pools for batch jobs', 'alerts on certificate expiry', 'network policies', 'a staging database copy', 'workload identities', 'log retention by namespace'],
    faults: ['autoscaling of the ingress', 'permissions of the backup role', 'drift in the DNS zone', 'noisy disk alerts'],
    areas: ['the cluster module', 'the database module', 'the CI runners', 'secrets rotation', 'the observability stack', 'the load balancer rules'],
  },
  'mobile-app': {
    features: ['biometric sign-in', 'order widgets', 'offline baskets', 'push preferences', 'barcode search', 'an accessibility mode'],
    faults: ['a crash when a link opens the app cold', 'scroll position after a rotation', 'missing images on slow networks', 'wrong badge count'],
    areas: ['the image pipeline', 'deep links', 'the basket screen', 'the build scripts', 'analytics events', 'the sign-in flow'],
  },
  docs: {
    features: ['a guide to webhooks', 'a glossary', 'examples for refunds', 'a page on rate limits'],
    faults: ['broken links in the quick start', 'outdated screenshots', 'a wrong header in the examples'],
    areas: ['the quick start', 'the API reference', 'the changelog page', 'the sidebar'],
  },
  'warehouse-api': {
    features: ['returns by batch', 'picking routes per aisle', 'stock reservations with a deadline', 'labels for dangerous goods', 'counts by hand scanner'],
    faults: ['stock below zero after a return', 'double picking of split orders', 'rounding of pallet weights', 'lost reservations after a restart'],
    areas: ['the picking planner', 'the stock model', 'the scanner endpoint', 'the returns workflow', 'the label printer client'],
  },
  'warehouse-jobs': {
    features: ['replenishment by forecast', 'a nightly stock comparison', 'alerts on missing counts'],
    faults: ['a job that ran twice after the clock change', 'an endless retry of empty files'],
    areas: ['the scheduler', 'the forecast import', 'the count report', 'the job history'],
  },
  legacy: {
    features: ['an export of closed accounts'],
    faults: ['the nightly report', 'an expired certificate path'],
    areas: ['the batch importer', 'the report templates', 'the deployment script'],
  },
};

const CONDITIONS = ['', '', '', ' for guest accounts', ' in the EU region', ' for partner shops', ' under high load', ' after a restart', ' for large orders', ' on retries', ' for the new markets'];
const PACKAGES = ['typescript', 'axios', 'eslint', 'golang.org/x/net', 'postgres', 'react', 'kotlin', 'terraform-provider-aws', 'vitest', 'protobuf', 'node', 'undici'];

type Random = () => number;
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)];

export interface Topic {
  title: string;
  branch: string;
  /** A fix rather than something new. */
  isFix: boolean;
  labels: string[];
}

const slug = (title: string): string => title.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 40).replace(/-$/, '');

export function topic(repository: string, random: Random): Topic {
  const { features, faults, areas } = SUBJECTS[repository] ?? SUBJECTS.docs;
  const condition = pick(random, CONDITIONS);
  const draw = random();
  if (draw < 0.32) {
    const title = `${pick(random, ['Add', 'Add', 'Support', 'Prepare'])} ${pick(random, features)}${condition}`;
    return { title, branch: `feature/${slug(title)}`, isFix: false, labels: ['enhancement'] };
  }
  if (draw < 0.58) {
    const title = `Fix ${pick(random, faults)}${condition}`;
    return { title, branch: `fix/${slug(title)}`, isFix: true, labels: ['bug'] };
  }
  const area = pick(random, areas);
  const title = pick(random, [`Simplify ${area}`, `Speed up ${area}${condition}`, `Cover ${area} with integration tests`, `Log more about ${area}${condition}`, `Split ${area} into smaller modules`, `Remove unused code from ${area}`, `Document ${area}`]);
  return { title, branch: `chore/${slug(title)}`, isFix: false, labels: title.startsWith('Document') ? ['documentation'] : ['chore'] };
}

export function dependencyUpdate(random: Random, bot: 'renovate[bot]' | 'dependabot[bot]'): Topic {
  const name = pick(random, PACKAGES);
  const version = `${1 + Math.floor(random() * 9)}.${Math.floor(random() * 20)}.${Math.floor(random() * 10)}`;
  return bot === 'renovate[bot]'
    ? { title: `Update dependency ${name} to v${version}`, branch: `renovate/${slug(name)}-${version}`, isFix: false, labels: ['dependencies'] }
    : { title: `Bump ${name} to ${version}`, branch: `dependabot/npm_and_yarn/${slug(name)}-${version}`, isFix: false, labels: ['dependencies'] };
}

const SYMPTOMS: Record<string, string[]> = {
  'payments-api': ['Card payments fail with a gateway error', 'Refunds are processed twice', 'Payout queue does not drain'],
  'payments-web': ['Merchants cannot open the payments list', 'Sign-in loops in the merchant portal'],
  'payments-ledger': ['Ledger balances differ from the bank file', 'Reconciliation job is stuck'],
  checkout: ['Orders cannot be placed with a voucher', 'Basket is empty after signing in', 'Checkout answers slowly'],
  'search-api': ['Search returns no results for brand names', 'Search latency above the objective'],
  'search-indexer': ['New articles do not appear in search', 'Index is one day behind'],
  'platform-infra': ['Ingress drops connections', 'CI runners are out of disk'],
  'mobile-app': ['App crashes on start for some Android devices', 'Push messages open the wrong screen'],
};

export const symptom = (repository: string, random: Random): string => pick(random, SYMPTOMS[repository] ?? ['Service is degraded']);
