import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BOARDS, boardFile } from '../../src/dashboards';
import { parseSettings } from '../../src/shared/settings';
import { QUERY_FIELDS, parseQuery, type DoraQuery } from '../../src/shared/query';
import { allPanels, boards, correlations, dataSources, PROVISIONING, ruleGroups, type Board, type Panel, type Target } from './provisioned';

/** A renamed or mistyped option in a board or a rule must break the build, not a user's board. */

const PLUGIN_ID = 'dora-metrics-datasource';
const GRAFANA_FIELDS = ['refId', 'datasource', 'hide', 'key'];
const ALERT_FIELDS = ['refId', 'datasource', 'intervalMs', 'maxDataPoints'];

/** Every value that a board's variables can put into a query: one query for each, so that no option is left unchecked. */
function valuesOf(board: Board, name: string): string[] {
  const variable = board.templating.list.find((candidate) => candidate.name === name);
  if (!variable) {
    throw new Error(`${board.uid} uses $${name}, which it does not define`);
  }
  return variable.type === 'custom' ? String(variable.query).split(',').map((option) => option.trim()) : ['Any name'];
}

function variablesIn(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/\$\{?(\w+)\}?/g)].map((match) => match[1]);
}

function interpolations(board: Board, target: Target): Array<Record<string, unknown>> {
  let texts = [JSON.stringify(target)];
  for (const name of new Set(variablesIn(target))) {
    if (name === 'datasource') {
      continue;
    }
    texts = texts.flatMap((text) => valuesOf(board, name).map((value) => text.replace(new RegExp(`\\$\\{?${name}\\}?`, 'g'), value)));
  }
  return texts.map((text) => JSON.parse(text) as Record<string, unknown>);
}

/** @throws for an unknown field or a wrong value */
function strictly(query: Record<string, unknown>, allowed: readonly string[]): DoraQuery {
  const unknown = Object.keys(query).filter((field) => !QUERY_FIELDS.includes(field) && !allowed.includes(field));
  if (unknown.length > 0) {
    throw new Error(`unknown fields: ${unknown.join(', ')}`);
  }
  return parseQuery(query);
}

const isReadByRow = ({ options }: Panel): boolean => (options?.reduceOptions as { values?: boolean } | undefined)?.values === true;
const withQueries = (panel: Panel): boolean => panel.type !== 'row' && panel.type !== 'text';

describe('the check itself', () => {
  it('refuses an unknown field and a wrong value', () => {
    expect(() => strictly({ refId: 'A', metrik: 'lead-time' }, GRAFANA_FIELDS)).toThrow('metrik');
    expect(() => strictly({ refId: 'A', metric: 'lead_time' }, GRAFANA_FIELDS)).toThrow('metric');
  });
});

describe.each(boards().map(({ board }) => [board.uid, board] as const))('board %s', (_, board) => {
  const panels = allPanels(board.panels);

  it('has a title, a description and the tag that the boards link each other by', () => {
    expect(board.title).not.toBe('');
    expect(board.description).toBeTruthy();
    expect(board.tags).toContain('dora');
  });

  it('gives every panel its own id, its own title and a description', () => {
    expect(new Set(panels.map((panel) => panel.id)).size).toBe(panels.length);
    for (const panel of panels.filter((candidate) => candidate.type !== 'row')) {
      expect([panel.id, panel.title, panel.description]).toEqual([panel.id, expect.stringMatching(/./), expect.stringMatching(/./)]);
    }
    const titles = panels.filter(({ type }) => type !== 'row').map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('has a "How to read this"', () => {
    expect(panels.some((panel) => panel.title.startsWith('How to read this'))).toBe(true);
  });

  it('lets no panels overlap or leave the grid', () => {
    const visible = board.panels;
    for (const { title, gridPos } of visible) {
      expect([title, gridPos.x + gridPos.w <= 24]).toEqual([title, true]);
    }
    visible.forEach((one, index) =>
      visible.slice(index + 1).forEach((other) => {
        const apart =
          one.gridPos.x + one.gridPos.w <= other.gridPos.x ||
          other.gridPos.x + other.gridPos.w <= one.gridPos.x ||
          one.gridPos.y + one.gridPos.h <= other.gridPos.y ||
          other.gridPos.y + other.gridPos.h <= one.gridPos.y;
        expect([one.title, other.title, apart]).toEqual([one.title, other.title, true]);
      })
    );
  });

  it('takes the data source from its variable everywhere', () => {
    const variable = board.templating.list.find((candidate) => candidate.name === 'datasource');
    expect(variable).toMatchObject({ type: 'datasource', query: PLUGIN_ID });
    const used = [
      ...panels.filter(withQueries).flatMap((panel) => [panel.datasource, ...(panel.targets ?? []).map((target) => target.datasource)]),
      ...board.templating.list.filter((candidate) => candidate.type === 'query').map((candidate) => candidate.datasource),
      ...board.annotations.list.map((annotation) => annotation.datasource),
    ];
    for (const datasource of used) {
      expect(datasource).toEqual({ type: PLUGIN_ID, uid: '${datasource}' });
    }
  });

  it('explains each of its variables', () => {
    for (const variable of board.templating.list) {
      expect([variable.name, variable.label, variable.description]).toEqual([variable.name, expect.stringMatching(/./), expect.stringMatching(/./)]);
    }
  });

  const targets = panels.filter(withQueries).flatMap((panel) => (panel.targets ?? []).map((target) => [panel.title, target] as const));

  it('asks something in every panel', () => {
    for (const panel of panels.filter(withQueries)) {
      expect([panel.title, (panel.targets ?? []).length > 0]).toEqual([panel.title, true]);
    }
  });

  it.each(targets)('%s: knows every field and value of its query, with every value of its variables', (_title, target) => {
    for (const query of interpolations(board, target)) {
      expect(() => strictly(query, GRAFANA_FIELDS)).not.toThrow();
    }
  });

  it('asks for the kind of answer that each panel can draw', () => {
    for (const panel of panels.filter(withQueries)) {
      for (const target of panel.targets ?? []) {
        const query = interpolations(board, target)[0];
        const parsed = strictly(query, GRAFANA_FIELDS);
        const series = parsed.queryType === 'metric' || parsed.queryType === 'stages' || parsed.queryType === 'cloudwatch';
        // Bars may be rows of a table, of which the panel keeps a name and a number.
        const rows = panel.type === 'table' || (panel.type === 'bargauge' && isReadByRow(panel));
        expect([panel.title, rows ? parsed.format === 'table' : series && parsed.format !== 'table']).toEqual([panel.title, true]);
      }
    }
  });

  it('asks for the median wherever a single number stands for many', () => {
    for (const panel of panels.filter((candidate) => candidate.type === 'stat')) {
      for (const target of panel.targets ?? []) {
        if (target.metric === 'lead-time' || target.metric === 'time-to-restore') {
          expect([panel.title, target.statistic]).toEqual([panel.title, 'median']);
        }
      }
    }
  });
});

describe('all boards together', () => {
  it('are as src/dashboards describes them: run "npm run dashboards" after a change there', () => {
    expect(boards().map(({ file }) => basename(file)).sort()).toEqual(BOARDS.map((board) => boardFile(board).name).sort());
    for (const { name, text } of BOARDS.map(boardFile)) {
      expect([name, readFileSync(join(PROVISIONING, 'dashboards', name), 'utf8') === text]).toEqual([name, true]);
    }
  });

  it('lead only to boards that exist, and keep team and time', () => {
    const known = boards().map(({ board }) => board.uid);
    for (const { board } of boards()) {
      for (const [, uid, kept] of JSON.stringify(board).matchAll(/\/d\/([\w-]+)\?([^"]*)/g)) {
        expect(known).toContain(uid);
        expect(kept).toMatch(/__url_time_range.*var-team=/);
      }
    }
  });

  it('say in words what is not there, and never compare with nothing', () => {
    for (const { board } of boards()) {
      for (const panel of allPanels(board.panels).filter(withQueries)) {
        expect([board.uid, panel.title, panel.fieldConfig?.defaults.noValue]).toEqual([board.uid, panel.title, expect.stringMatching(/\w/)]);
        // A percentage beside an absent value would speak of two other values.
        expect([panel.title, panel.options?.showPercentChange ?? false]).toEqual([panel.title, false]);
      }
    }
  });

  it('have their own uid and title', () => {
    const all = boards();
    expect(new Set(all.map(({ board }) => board.uid)).size).toBe(all.length);
    expect(new Set(all.map(({ board }) => board.title)).size).toBe(all.length);
  });
});

describe('alert rules', () => {
  const groups = ruleGroups();
  const rules = groups.flatMap((group) => group.rules);
  const sources = dataSources();

  it('have telling names and their own uid', () => {
    for (const group of groups) {
      expect(group).toMatchObject({ name: expect.stringMatching(/^DORA/), folder: 'DORA', interval: expect.stringMatching(/^\d+[smh]$/) });
    }
    expect(new Set(rules.map((rule) => rule.uid)).size).toBe(rules.length);
    expect(new Set(rules.map((rule) => rule.title)).size).toBe(rules.length);
  });

  it('end an alert only beyond its threshold, so that it does not fire again at once', () => {
    for (const rule of rules) {
      const [condition] = rule.data.find((query) => query.refId === rule.condition)!.model.conditions as Array<{ evaluator: { type: string; params: [number] }; unloadEvaluator?: { type: string; params: [number] } }>;
      const { evaluator, unloadEvaluator } = condition;
      if (unloadEvaluator) {
        expect([rule.uid, unloadEvaluator.type]).toEqual([rule.uid, evaluator.type === 'gt' ? 'lt' : 'gt']);
        expect([rule.uid, evaluator.type === 'gt' ? unloadEvaluator.params[0] < evaluator.params[0] : unloadEvaluator.params[0] > evaluator.params[0]]).toEqual([rule.uid, true]);
      }
    }
  });

  it('cover the four keys', () => {
    const metrics = rules.flatMap((rule) => rule.data.map((query) => query.model.metric));
    expect(metrics).toEqual(expect.arrayContaining(['deployment-frequency', 'lead-time', 'change-failure-rate', 'time-to-restore']));
  });

  it.each(rules.map((rule) => [rule.uid, rule] as const))('%s asks a provisioned source one number a team', (_, rule) => {
    const asked = rule.data.filter((query) => query.datasourceUid !== '__expr__');
    expect(asked.length).toBeGreaterThan(0);
    for (const query of asked) {
      expect(sources.map((source) => source.uid)).toContain(query.datasourceUid);
      expect(query.model.datasource).toEqual({ type: PLUGIN_ID, uid: query.datasourceUid });
      expect(query.model.refId).toBe(query.refId);
      const parsed = strictly(query.model, ALERT_FIELDS);
      // A reducer over a null would read it as a number or as normal: a number needs none.
      expect(parsed).toMatchObject({ format: 'number', groupBy: 'team' });
      expect(['metric', 'sync']).toContain(parsed.queryType);
      expect(variablesIn(query.model)).toEqual([]);
      if (parsed.queryType === 'metric') {
        // The range covers what the query looks at: now, or just before that.
        const days = parsed.rollingDays * 86_400;
        expect([{ from: days, to: 0 }, { from: 2 * days, to: days }]).toContainEqual(query.relativeTimeRange);
      }
      if (parsed.metric === 'lead-time' || parsed.metric === 'time-to-restore') {
        expect(parsed.statistic).toBe('median');
      }
    }
  });

  it.each(rules.map((rule) => [rule.uid, rule] as const))('%s compares a number, or two of them, with a threshold', (_, rule) => {
    const condition = rule.data.find((query) => query.refId === rule.condition);
    expect(condition).toMatchObject({ datasourceUid: '__expr__', model: { type: 'threshold' } });
    const compared = rule.data.find((query) => query.refId === condition?.model.expression);
    if (compared?.datasourceUid === '__expr__') {
      // The same query of two times, now first.
      expect(compared.model).toMatchObject({ type: 'math', expression: expect.stringMatching(/^\$value [/-] \$before$/) });
      const [now, before] = ['value', 'before'].map((refId) => rule.data.find((query) => query.refId === refId));
      expect({ ...before?.model, refId: 'value' }).toEqual(now?.model);
      expect(before?.relativeTimeRange.to).toBe(now?.relativeTimeRange.from);
    } else {
      expect(compared?.refId).toBe('value');
    }
    expect(rule.data.filter((query) => query.model.type === 'reduce')).toEqual([]);
    expect(['OK', 'NoData']).toContain(rule.noDataState);
    expect(rule.execErrState).toBe('Error');
  });

  it.each(rules.map((rule) => [rule.uid, rule] as const))('%s says team, value, threshold and where to look', (_, rule) => {
    expect(rule.labels).toMatchObject({ product: 'dora', severity: expect.any(String), metric: expect.any(String) });
    expect(Object.keys(rule.annotations)).toEqual(expect.arrayContaining(['summary', 'description', 'team', 'value', 'threshold', 'dashboard']));
    for (const text of Object.values(rule.annotations)) {
      // A dollar may be taken for an environment variable when Grafana reads the file: `.Labels` needs none.
      expect(text).not.toContain('$');
    }
    const board = boards().find((candidate) => candidate.board.uid === rule.dashboardUid)?.board;
    const panel = allPanels(board?.panels ?? []).find((candidate) => candidate.id === rule.panelId);
    expect(panel?.targets?.[0]).toMatchObject(rule.labels.metric === 'sync' ? { queryType: 'sync' } : { metric: rule.labels.metric });
    expect(rule.annotations.dashboard).toContain(`d/${rule.dashboardUid}`);
  });
});

describe('data sources', () => {
  it.each(dataSources().map((source) => [source.uid, source] as const))('%s has settings without a problem, and its secret from the environment', (_, source) => {
    expect(source.type).toBe(PLUGIN_ID);
    const text = JSON.stringify(source.jsonData).replace(/\$DORA_(GITHUB_API_URL|AWS_ENDPOINT)/g, 'http://127.0.0.1:8080').replaceAll('$$', '$');
    const { settings, problems } = parseSettings(JSON.parse(text));
    expect(problems).toEqual([]);
    expect(settings.teams.length).toBeGreaterThan(0);
    for (const secret of Object.values(source.secureJsonData)) {
      expect(secret).toMatch(/^\$\w+$/);
    }
  });
});

describe('correlations', () => {
  it.each(correlations().map((one) => [one.label, one] as const))('%s asks a query of columns that the row has', (_, { description, targetUID, config }) => {
    expect(description).not.toBe('');
    expect(dataSources().map(({ uid }) => uid)).toContain(targetUID);
    const text = JSON.stringify(config.target);
    expect(text).toContain(`\${${config.field}}`);
    expect(text.match(/\$\{\w+\}/g)).toEqual(expect.arrayContaining(['${team}']));
    expect(() => parseQuery(JSON.parse(text))).not.toThrow();
    expect(QUERY_FIELDS).toEqual(expect.arrayContaining(Object.keys(config.target)));
  });
});
