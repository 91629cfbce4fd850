import { CoreApp, toDataFrame, type DataQueryRequest, type DataSourceInstanceSettings } from '@grafana/data';
import { DataSourceWithBackend, setGrafanaLiveSrv, type GrafanaLiveSrv } from '@grafana/runtime';
import { waitFor } from '@testing-library/react';
import { firstValueFrom, of } from 'rxjs';
import { annotationSupport, toEvents } from './annotations';
import { DoraDataSource, type DoraOptions } from './datasource';
import type { PanelQuery } from './panelQuery';
import { parseQuery } from './shared/query';
import type { DoraVariableSupport, VariableQuery } from './variables';

const variables: Record<string, string | string[]> = { team: ['Payments', 'Search'] };

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual<object>('@grafana/runtime'),
  getTemplateSrv: () => ({
    getVariables: () => Object.keys(variables).map((name) => ({ name })),
    replace: (text: string, scopedVars: Record<string, { value: unknown }>, format: (value: unknown) => string) =>
      text.replace(/\$(\w+)/g, (match, name: string) => {
        const value = scopedVars?.[name]?.value ?? variables[name];
        return value === undefined ? match : format(value);
      }),
  }),
}));

function datasource(answers: Record<string, unknown> = {}): DoraDataSource {
  const source = new DoraDataSource({
    uid: 'dora',
    type: 'dora-metrics-datasource',
    name: 'DORA',
    meta: {},
    jsonData: { teams: [{ name: 'Payments', repositories: ['acme/payments-*', { match: 'acme/ledger' }] }, { name: 'Search', repositories: ['acme/search'] }] },
  } as unknown as DataSourceInstanceSettings<DoraOptions>);
  source.getResource = ((path: string) => Promise.resolve(answers[path])) as DoraDataSource['getResource'];
  return source;
}

describe('DoraDataSource', () => {
  it('has a default query that is valid and shows a result, for panels and for rules', () => {
    const source = datasource();
    expect(source.getDefaultQuery(CoreApp.PanelEditor)).toEqual({ queryType: 'metric', metric: 'deployment-frequency', teams: [], interval: 'week' });
    expect(source.getDefaultQuery(CoreApp.Explore)).toEqual(source.getDefaultQuery(CoreApp.PanelEditor));
    expect(source.getDefaultQuery(CoreApp.UnifiedAlerting)).toMatchObject({ format: 'number', window: 'rolling', rollingDays: 28 });
    for (const app of [CoreApp.PanelEditor, CoreApp.UnifiedAlerting, CoreApp.CloudAlerting]) {
      expect(() => parseQuery(source.getDefaultQuery(app))).not.toThrow();
    }
  });

  describe('while a synchronisation goes on', () => {
    const asked: Array<Partial<DataQueryRequest<PanelQuery>>> = [];
    beforeEach(() => {
      asked.length = 0;
      jest.spyOn(DataSourceWithBackend.prototype, 'query').mockImplementation((request) => {
        asked.push(request as Partial<DataQueryRequest<PanelQuery>>);
        return of({ data: [toDataFrame({ fields: [], meta: { custom: { sync: { running: true, revision: 1 } } } })] });
      });
    });
    afterEach(() => jest.restoreAllMocks());

    function ask(request: Partial<DataQueryRequest<PanelQuery>>): { ended: boolean } {
      const state = { ended: false };
      const whole = { requestId: 'Q1', app: CoreApp.Dashboard, targets: [{ refId: 'A' }], ...request } as DataQueryRequest<PanelQuery>;
      datasource({ sync: { sources: [], running: false, revision: 1 } })
        .query(whole)
        .subscribe({
          complete: () => {
            state.ended = true;
          },
        });
      return state;
    }

    it.each([CoreApp.Dashboard, CoreApp.PanelEditor, CoreApp.PanelViewer, CoreApp.Explore])('follows it in %s', async (app) => {
      const state = ask({ app });
      expect(state.ended).toBe(false);
      // Nothing was stored since, so that nothing is asked again.
      await waitFor(() => expect(state.ended).toBe(true));
      expect(asked).toHaveLength(1);
    });

    it.each([
      ['a rule', { app: CoreApp.UnifiedAlerting }],
      ['a rule elsewhere', { app: CoreApp.CloudAlerting }],
      ['an unknown place', { app: CoreApp.Unknown }],
      ['a panel of several data sources', { requestId: 'mixed-0-Q1' }],
      ['an annotation', { targets: [{ refId: 'Anno', annotate: 'deployments' as const }] }],
    ])('gives %s one answer and its end', (_, request) => {
      expect(ask(request).ended).toBe(true);
    });

    it('asks for a channel only where the page is connected to Grafana Live', async () => {
      ask({ targets: [{ refId: 'A', queryType: 'sync' }] });
      expect(asked[0].targets).toEqual([{ refId: 'A', queryType: 'sync' }]);
      setGrafanaLiveSrv({ getConnectionState: () => of(true) } as unknown as GrafanaLiveSrv);
      try {
        ask({ targets: [{ refId: 'A', queryType: 'sync' }] });
        ask({ targets: [{ refId: 'A', queryType: 'sync' }], app: CoreApp.UnifiedAlerting });
      } finally {
        setGrafanaLiveSrv(undefined as unknown as GrafanaLiveSrv);
      }
      expect(asked[1].targets).toEqual([{ refId: 'A', queryType: 'sync', live: true }]);
      expect(asked[2].targets).toEqual([{ refId: 'A', queryType: 'sync' }]);
    });
  });

  it('runs every query but a hidden one', () => {
    expect(datasource().filterQuery({ refId: 'A' })).toBe(true);
    expect(datasource().filterQuery({ refId: 'A', hide: true })).toBe(false);
  });

  it('leaves the test of the settings to the backend', () => {
    expect(Object.prototype.hasOwnProperty.call(DoraDataSource.prototype, 'testDatasource')).toBe(false);
  });

  it('fills in variables, those of a repeated panel first', () => {
    const query: PanelQuery = { refId: 'A', teams: ['$team', '!Mobile'] };
    expect(datasource().applyTemplateVariables(query, {}).teams).toEqual(['Payments', 'Search', '!Mobile']);
    expect(datasource().applyTemplateVariables(query, { team: { text: 'Search', value: 'Search' } }).teams).toEqual(['Search', '!Mobile']);
    expect(datasource().interpolateVariablesInQueries([query], {})).toEqual([
      { refId: 'A', teams: ['Payments', 'Search', '!Mobile'], datasource: { uid: 'dora', type: 'dora-metrics-datasource' } },
    ]);
    expect(datasource().variableNames()).toEqual(['$team']);
  });

  it('says in plain words what a query shows', () => {
    expect(datasource().getQueryDisplayText({ refId: 'A', metric: 'lead-time', statistic: 'median', teams: ['Payments'] })).toBe(
      'Lead time for changes · median · Payments by week'
    );
  });
});

describe('variables', () => {
  const answers = {
    teams: ['Payments', 'Search'],
    services: [
      { team: 'Search', service: 'web' },
      { team: 'Payments', service: 'api' },
      { team: 'Payments', service: 'web' },
    ],
    repositories: ['acme/ledger', 'acme/payments-api', 'acme/search'],
    environments: ['production'],
  };

  async function values(query: Partial<VariableQuery>, scopedVars = {}): Promise<unknown[]> {
    const support = datasource(answers).variables as unknown as DoraVariableSupport;
    const response = await firstValueFrom(support.query({ targets: [{ refId: 'v', ...query }], scopedVars } as DataQueryRequest<VariableQuery>));
    return response.data.map((value: { value: unknown }) => value.value);
  }

  it('lists teams, services, repositories and environments', async () => {
    expect(await values({})).toEqual(['Payments', 'Search']);
    expect(await values({ type: 'services' })).toEqual(['api', 'web']);
    expect(await values({ type: 'repositories' })).toEqual(['acme/ledger', 'acme/payments-api', 'acme/search']);
    expect(await values({ type: 'environments' })).toEqual(['production']);
  });

  it('limits them to teams, by name, pattern or another variable', async () => {
    expect(await values({ type: 'teams', teams: ['Pay*'] })).toEqual(['Payments']);
    expect(await values({ type: 'services', teams: ['Search'] })).toEqual(['web']);
    expect(await values({ type: 'repositories', teams: ['$team'] }, { team: { value: 'Payments' } })).toEqual(['acme/ledger', 'acme/payments-api']);
  });
});

describe('annotations', () => {
  const deployments = toDataFrame({
    fields: [
      { name: 'service', values: ['api', 'api', 'api'] },
      { name: 'sha', values: ['0123456789abcdef', null, null] },
      { name: 'kind', values: ['standard', 'rollback', 'standard'] },
      { name: 'status', values: ['succeeded', 'succeeded', 'failed'] },
      { name: 'finishedAt', values: [1_000, 2_000, 3_000] },
      { name: 'changes', values: [1, 0, 2] },
      { name: 'failed', values: [true, false, true] },
      { name: 'reason', values: ['linked <b>incident</b>', null, null] },
      { name: 'url', values: ['https://github.com/acme/a?x="1"', 'javascript:alert(1)', null] },
    ],
  });

  it('asks for the table of the chosen events', () => {
    const prepare = (target: Partial<PanelQuery> | undefined) => annotationSupport.prepareQuery?.({ name: 'x', enable: true, iconColor: 'red', target: target as PanelQuery });
    expect(prepare(undefined)).toMatchObject({ refId: 'Anno', queryType: 'deployments', format: 'table' });
    expect(prepare({ refId: 'A', annotate: 'failed-deployments', teams: ['$team'] })).toMatchObject({ refId: 'A', queryType: 'deployments', teams: ['$team'] });
    expect(prepare({ annotate: 'incidents' })).toMatchObject({ queryType: 'incidents' });
  });

  it('marks deployments at their end, and tells failed ones', () => {
    const events = toEvents('deployments', [deployments], 10_000);
    expect(events.map(({ time, title, tags }) => ({ time, title, tags }))).toEqual([
      { time: 1_000, title: 'Failed deployment of api', tags: ['failed', 'api'] },
      { time: 2_000, title: 'Deployment of api', tags: ['succeeded', 'rollback', 'api'] },
      { time: 3_000, title: 'Failed deployment of api', tags: ['failed', 'api'] },
    ]);
    expect(toEvents('failed-deployments', [deployments], 10_000).map(({ time }) => time)).toEqual([1_000, 3_000]);
  });

  it('links to the provider only, and shows what a provider wrote as text', () => {
    const [first, second] = toEvents('deployments', [deployments], 10_000);
    expect(first.text).toContain('Commit 0123456<br>1 change<br>linked &lt;b&gt;incident&lt;/b&gt;<br><a href="https://github.com/acme/a?x=&quot;1&quot;"');
    expect(second.text).not.toContain('javascript');
  });

  it('marks incidents from opening to resolution, open ones until now', () => {
    const incidents = toDataFrame({
      fields: [
        { name: 'source', values: ['github-issues', 'reverts', 'reverts'] },
        { name: 'title', values: ['Checkout down', null, 'no time'] },
        { name: 'openedAt', values: [1_000, 2_000, null] },
        { name: 'resolvedAt', values: [5_000, null, null] },
      ],
    });
    const events = toEvents('incidents', [incidents], 10_000);
    expect(events).toHaveLength(2);
    expect(events[0]).toMatchObject({ time: 1_000, timeEnd: 5_000, isRegion: true, title: 'Checkout down', tags: ['incident', 'github-issues'] });
    expect(events[1]).toMatchObject({ time: 2_000, timeEnd: 10_000, title: 'Incident', text: 'Still open', tags: ['incident', 'open', 'reverts'] });
  });
});
