import { applyFieldOverrides, CoreApp, createTheme, type DataFrame, type DataQueryRequest, dateTime, FieldType, type Field, toDataFrame } from '@grafana/data';
import fc from 'fast-check';
import { cutWindows } from './engine/buckets';
import type { PanelQuery } from './panelQuery';
import { periodOf, withRowLinks } from './rowLinks';
import { parseQuery } from './shared/query';

const DAY_MS = 86_400_000;
const ORIGIN = { uid: 'dora', type: 'dora-metrics-datasource', timezone: 'Europe/Berlin' };
const rangeOf = (from: number, to: number) => ({ from: dateTime(from), to: dateTime(to), raw: { from: dateTime(from), to: dateTime(to) } });

const WEEKS = [Date.UTC(2026, 2, 15, 23), Date.UTC(2026, 2, 22, 23), Date.UTC(2026, 2, 29, 22)];
const RANGE = rangeOf(WEEKS[0], Date.UTC(2026, 3, 1, 12));

function series(labels: Record<string, string>): DataFrame {
  return toDataFrame({
    refId: 'A',
    meta: { type: 'timeseries-multi' },
    fields: [
      { name: 'Time', type: FieldType.time, values: WEEKS },
      { name: 'Value', type: FieldType.number, values: [1, null, 3], labels },
    ],
  });
}

function request(query: Partial<PanelQuery>, over: Partial<DataQueryRequest<PanelQuery>> = {}): DataQueryRequest<PanelQuery> {
  return { targets: [{ refId: 'A', ...query }], range: RANGE, app: CoreApp.Dashboard, ...over } as DataQueryRequest<PanelQuery>;
}

/** Titles and addresses that a reader of a panel gets at a point, as Grafana makes them of the frames. */
function linksAt(frame: DataFrame, asked: DataQueryRequest<PanelQuery>, rowIndex?: number): Array<{ title: string; href: string }> {
  const { data } = withRowLinks({ data: [frame] }, asked, ORIGIN, (query) => query);
  const replaceVariables = (text: string, scoped?: Record<string, { value: { frame?: DataFrame; rowIndex?: number } } | undefined>) =>
    text.replace('${__value.time}', () => {
      const context = scoped?.__dataContext?.value;
      return context?.rowIndex === undefined ? '' : String(context.frame?.fields[0].values[context.rowIndex]);
    });
  const [drawn] = applyFieldOverrides({ data: data as DataFrame[], fieldConfig: { defaults: {}, overrides: [] }, replaceVariables: replaceVariables, theme: createTheme() });
  const field = drawn.fields.find(({ type }) => type === FieldType.number) as Field;
  return (field.getLinks?.({ valueRowIndex: rowIndex }) ?? []).map(({ title, href }) => ({ title, href }));
}

interface Pane {
  datasource: string;
  queries: Array<Record<string, unknown>>;
  range: { from: string; to: string };
}

function paneOf(href: string): Pane {
  return (JSON.parse(new URL(href, 'http://grafana').searchParams.get('panes') ?? '{}') as { dora: Pane }).dora;
}

describe('links from a value to its rows', () => {
  it('lead to Explore with the team and the period of the point', () => {
    const [link, ...others] = linksAt(series({ team: 'Payments' }), request({ metric: 'lead-time', interval: 'week' }), 1);
    expect(others).toEqual([]);
    expect(link.title).toBe('Changes · Explore');
    const pane = paneOf(link.href);
    expect(pane.queries[0]).toMatchObject({ queryType: 'changes', teams: ['Payments'], datasource: { uid: 'dora', type: 'dora-metrics-datasource' } });
    // The clocks change in this week: it has an hour less.
    expect(pane.range).toEqual({ from: String(WEEKS[1]), to: String(WEEKS[2]) });
    expect(() => parseQuery(pane.queries[0])).not.toThrow();
  });

  it('end the running period where the range ends', () => {
    expect(paneOf(linksAt(series({ team: 'A' }), request({}), 2)[0].href).range.to).toBe(String(RANGE.to.valueOf()));
  });

  it('lead from the plugin’s own boards to its boards first, with the same team and data source', () => {
    const asked = request({ metric: 'change-failure-rate' }, { dashboardUID: 'dora-overview' });
    const links = linksAt(series({ team: 'Payments & more' }), asked, 0);
    expect(links.map(({ title }) => title)).toEqual(['Deployments', 'Deployments · Explore', 'Incidents', 'Incidents · Explore']);
    const to = new URL(links[0].href, 'http://grafana');
    expect(to.pathname).toBe('/d/dora-deployments');
    expect(Object.fromEntries(to.searchParams)).toEqual({ from: String(WEEKS[0]), to: String(WEEKS[1]), 'var-datasource': 'dora', 'var-team': 'Payments & more' });
  });

  it('carry every team, service and repository that the series is of', () => {
    const all = linksAt(series({}), request({ groupBy: 'none', teams: [] }, { dashboardUID: 'dora-stability' }), 0);
    expect(new URL(all[0].href, 'http://grafana').searchParams.get('var-team')).toBe('$__all');
    const service = paneOf(linksAt(series({ team: 'A', service: 'api' }), request({ groupBy: 'service' }), 0)[0].href);
    expect(service.queries[0]).toMatchObject({ teams: ['A'], services: ['api'] });
    const some = paneOf(linksAt(series({ stage: 'merge' }), request({ queryType: 'stages', groupBy: 'none', teams: ['A', 'B'] }), 0)[0].href);
    expect(some.queries[0]).toMatchObject({ queryType: 'changes', teams: ['A', 'B'] });
  });

  it('say of incidents whether they count by their opening or their end', () => {
    expect(paneOf(linksAt(series({ team: 'A' }), request({ metric: 'time-to-restore' }), 0)[0].href).queries[0]).toMatchObject({ queryType: 'incidents', metric: 'time-to-restore' });
    expect(paneOf(linksAt(series({ team: 'A' }), request({ metric: 'change-failure-rate' }), 0)[1].href).queries[0]).toMatchObject({ queryType: 'incidents', metric: 'change-failure-rate' });
  });

  it('stand for the last point where a panel shows one number, and for the whole range where there is no time', () => {
    expect(paneOf(linksAt(series({ team: 'A' }), request({}))[0].href).range.from).toBe(String(WEEKS[2]));
    const number = toDataFrame({ refId: 'A', meta: { type: 'numeric-multi' }, fields: [{ name: 'Value', type: FieldType.number, values: [1], labels: { team: 'A' } }] });
    expect(paneOf(linksAt(number, request({ format: 'number' }))[0].href).range).toEqual({ from: String(RANGE.from.valueOf()), to: String(RANGE.to.valueOf()) });
  });

  it('leave tables and the period before alone', () => {
    expect(linksAt({ ...series({}), meta: {} }, request({ format: 'table' }), 0)).toEqual([]);
    expect(linksAt(series({ team: 'A', period: 'previous' }), request({ compare: 'previous' }), 0)).toEqual([]);
  });
});

it('the period of a value is the one that the backend makes it of', () => {
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe');
  const cut = fc.record({ interval: fc.constantFrom('day', 'week', 'month', 'quarter', 'auto', 'range'), window: fc.constantFrom('calendar', 'rolling'), rollingDays: fc.integer({ min: 1, max: 60 }), format: fc.constantFrom('timeseries', 'number') } as const);
  fc.assert(
    fc.property(zones, cut, fc.integer({ min: 0, max: 500 * 24 }), fc.integer({ min: 2, max: 900 }), (timezone, query, hours, days) => {
      const from = Date.UTC(2024, 0, 1) + hours * 3_600_000;
      const to = from + days * DAY_MS + 12_345;
      const windows = cutWindows(parseQuery(query), { from, to }, to, { timezone, weekStart: 'monday' });
      const times = query.format === 'number' ? undefined : windows.stamps;
      windows.stamps.forEach((stamp, index) => {
        const period = periodOf({ refId: 'A', ...query }, times, times === undefined ? NaN : stamp, rangeOf(from, to), timezone);
        expect(period).toEqual({ from: windows.starts[index], to: windows.ends[index] });
      });
    }),
    { numRuns: process.env.DORA_LONG === '1' ? 1_000 : 60 }
  );
});
