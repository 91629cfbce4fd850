import type { APIRequestContext } from '@playwright/test';
import { type AlertRule, ruleGroups } from '../dashboards/provisioned';
import { expect, test } from './dora';

/** Each provisioned rule, above its threshold, below it, and where there is nothing to measure. */

const FOLDER = 'dora-e2e';
const DAYS = 150;
const DAY = 86_400;
const INTERVAL_S = 10;

type Case = 'above' | 'below' | 'nothing';
const STATES: Record<Case, string> = { above: 'Alerting', below: 'Normal', nothing: 'NoData' };

interface EvaluatedRule {
  name: string;
  health: string;
  lastError?: string;
  lastEvaluation: string;
  alerts?: Array<{ state: string; labels: Record<string, string>; annotations: Record<string, string> }>;
}

/** The rule with its data source, range and threshold exchanged and everything else as it is provisioned. */
function variant(rule: AlertRule, kind: Case, datasourceUid: string): AlertRule & { title: string } {
  const range = kind === 'nothing' ? { from: 4_000 * DAY, to: 3_900 * DAY } : { from: DAYS * DAY, to: 0 };
  const lowIsBad = rule.labels.metric === 'deployment-frequency';
  const fires = kind === 'above' ? lowIsBad : !lowIsBad;
  return {
    ...rule,
    uid: `e2e-${kind}-${rule.uid}`.slice(0, 40),
    title: `${rule.title} (${kind})`,
    for: '0s',
    noDataState: 'NoData',
    dashboardUid: undefined,
    panelId: undefined,
    data: rule.data.map((query) =>
      query.datasourceUid === '__expr__'
        ? { ...query, model: { ...query.model, ...(query.refId === rule.condition ? { conditions: [{ evaluator: { type: lowIsBad ? 'lt' : 'gt', params: [fires ? 1e12 : -1] } }] } : {}) } }
        : { ...query, datasourceUid, relativeTimeRange: range, model: { ...query.model, window: 'calendar', datasource: { type: 'dora-metrics-datasource', uid: datasourceUid } } },
    ),
  };
}

async function evaluated(request: APIRequestContext, group: string): Promise<EvaluatedRule[]> {
  const answer = await request.get(`/api/prometheus/grafana/api/v1/rules?folder_uid=${FOLDER}`);
  const { data } = (await answer.json()) as { data: { groups: Array<{ name: string; rules: EvaluatedRule[] }> } };
  return data.groups.find((candidate) => candidate.name === group)?.rules ?? [];
}

/** Every rule; how far the synchronisation is does not depend on a time range, so its rule always has something to measure. */
function rulesOf(kind: Case): AlertRule[] {
  return ruleGroups()
    .flatMap((group) => group.rules)
    .filter((rule) => kind !== 'nothing' || rule.labels.metric !== 'sync');
}

for (const kind of ['above', 'below', 'nothing'] as const) {
  test(`provisioned rules, ${kind === 'nothing' ? 'with nothing to measure' : `${kind} the threshold`}: ${STATES[kind]}`, async ({ request, dora }) => {
    await request.post('/api/folders', { data: { uid: FOLDER, title: 'DORA e2e' } });
    const rules = rulesOf(kind);
    const group = `DORA ${kind}`;
    const address = `/api/v1/provisioning/folder/${FOLDER}/rule-groups/${encodeURIComponent(group)}`;
    const stored = rules.map((rule) => ({ ...variant(rule, kind, dora.uid), folderUID: FOLDER, ruleGroup: group, orgID: 1 }));
    const saved = await request.put(address, { data: { title: group, folderUid: FOLDER, interval: INTERVAL_S, rules: stored } });
    expect(saved.status(), await saved.text()).toBe(200);
    try {
      await expect
        .poll(async () => (await evaluated(request, group)).filter((rule) => !rule.lastEvaluation.startsWith('0001')).length, { timeout: 90_000 })
        .toBe(rules.length);
      for (const rule of await evaluated(request, group)) {
        expect([rule.name, rule.lastError ?? '']).toEqual([rule.name, '']);
        const states = (rule.alerts ?? []).map(({ state, labels }) => [labels.team ?? labels.source, state]).sort();
        const watched = rule.alerts?.some(({ labels }) => labels.source) ? ['github'] : ['Checkout', 'Payments'];
        expect([rule.name, states]).toEqual([rule.name, watched.map((name) => [name, STATES[kind]])]);
        for (const { labels, annotations } of rule.alerts ?? []) {
          expect(annotations.team).toContain(labels.team ?? labels.source);
          expect(annotations.dashboard).toMatch(labels.team ? new RegExp(`/d/dora-\\w+\\?var-team=${labels.team}$`) : /\/d\/dora-data$/);
          expect(annotations.value).toMatch(kind === 'nothing' ? /^nothing to measure(, before nothing to measure)?$/ : /\d/);
        }
      }
    } finally {
      await request.delete(address);
    }
  });
}
