import { CoreApp } from '@grafana/data';
import { configure, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import type { DoraDataSource } from '../datasource';
import type { PanelQuery } from '../panelQuery';
import QueryEditor from './QueryEditor';

// Whether an element is visible is no question here, and costly to ask of every element in jsdom.
configure({ defaultHidden: true });

function datasource(overrides: Partial<Record<'getTeams' | 'getServices' | 'getRepositories' | 'variableNames', unknown>> = {}): DoraDataSource {
  return {
    uid: 'dora',
    getTeams: () => Promise.resolve(['Checkout', 'Payments']),
    getServices: () => Promise.resolve([{ team: 'Payments', service: 'api' }]),
    getRepositories: () => Promise.resolve(['acme/payments-api']),
    variableNames: () => [],
    ...overrides,
  } as unknown as DoraDataSource;
}

function show(start: Partial<PanelQuery>, { app = CoreApp.PanelEditor, source = datasource() }: { app?: CoreApp; source?: DoraDataSource } = {}) {
  const queries: PanelQuery[] = [];
  const onRunQuery = jest.fn();
  function Host() {
    const [query, setQuery] = useState<PanelQuery>({ refId: 'A', ...start });
    return (
      <QueryEditor
        app={app}
        datasource={source}
        query={query}
        onRunQuery={onRunQuery}
        onChange={(next) => {
          queries.push(next);
          setQuery(next);
        }}
      />
    );
  }
  render(<Host />);
  return { queries, onRunQuery, user: userEvent.setup({ delay: null }), last: () => queries[queries.length - 1] };
}

const combobox = (name: string) => screen.getByRole('combobox', { name });
const labels = () => screen.getAllByRole('combobox').map((element) => (element as HTMLInputElement).labels?.[0]?.textContent);

async function choose(user: ReturnType<typeof userEvent.setup>, field: string, option: string | RegExp): Promise<void> {
  await user.click(combobox(field));
  await user.click(await screen.findByRole('option', { name: option }));
}

describe('QueryEditor', () => {
  it('shows the defaults of an empty query, and says in words what it gives', () => {
    show({});
    expect(combobox('Show')).toHaveDisplayValue('Deployment frequency');
    expect(combobox('Interval')).toHaveDisplayValue('Week');
    expect(combobox('Measure')).toHaveDisplayValue('Count');
    expect(combobox('Group by')).toHaveDisplayValue('Team');
    expect(combobox('Window')).toHaveDisplayValue('Calendar');
    expect(combobox('Compare with')).toHaveDisplayValue('Nothing');
    expect(combobox('Format')).toHaveDisplayValue('Time series');
    expect(screen.getByTestId('dora-summary')).toHaveTextContent('Deployment frequency · count · all teams by week');
    expect(screen.queryByRole('combobox', { name: 'Statistic' })).toBeNull();
  });

  it('runs on a completed choice, and then shows the options of that metric', async () => {
    const { user, last, onRunQuery } = show({ refId: 'A', hide: false });
    await choose(user, 'Show', /^Lead time for changes/);
    expect(last()).toEqual({ refId: 'A', hide: false, queryType: 'metric', metric: 'lead-time' });
    expect(onRunQuery).toHaveBeenCalledTimes(1);
    await choose(user, 'Statistic', 'Median');
    expect(last()).toMatchObject({ metric: 'lead-time', statistic: 'median' });
    expect(onRunQuery).toHaveBeenCalledTimes(2);
    expect(screen.queryByRole('combobox', { name: 'Measure' })).toBeNull();
  });

  it('runs nothing while somebody types, and takes what Enter means', async () => {
    const { user, queries, last, onRunQuery } = show({});
    await user.type(combobox('Team'), 'pay');
    await screen.findByRole('option', { name: 'Payments' });
    expect(queries).toEqual([]);
    expect(onRunQuery).not.toHaveBeenCalled();
    await user.keyboard('{Enter}');
    expect(last()?.teams).toEqual(['Payments']);
    await user.type(combobox('Team'), 'Check*{Enter}');
    expect(last()?.teams).toEqual(['Payments', 'Check*']);
    expect(onRunQuery).toHaveBeenCalledTimes(2);
  });

  it('drops a half-typed team when the field is left', async () => {
    const { user, queries } = show({});
    await user.type(combobox('Team'), 'pa');
    await user.tab();
    expect(queries).toEqual([]);
  });

  it('takes rolling days when the field is left, and refuses what is no number of days', async () => {
    const { user, last, queries } = show({ window: 'rolling' });
    const days = screen.getByLabelText('Rolling days');
    expect(days).toHaveDisplayValue('28');
    await user.clear(days);
    await user.type(days, '0');
    await user.tab();
    expect(screen.getByText('A whole number from 1 to 366')).toBeInTheDocument();
    expect(queries).toEqual([]);
    await user.clear(days);
    await user.type(days, '90{Enter}');
    expect(last()?.rollingDays).toBe(90);
  });

  it('hides what changes nothing: a number has no interval, a table of rows has no window', async () => {
    const { user } = show({});
    await choose(user, 'Format', 'Number');
    expect(labels()).not.toContain('Interval');
    await choose(user, 'Show', /^Changes/);
    expect(labels()).toEqual(['Show', 'Team', 'Rows']);
    await choose(user, 'Show', /^Synchronisation/);
    expect(labels()).toEqual(['Show', 'Format']);
  });

  it('limits a list to some of its rows, until another list is shown', async () => {
    const { user, last } = show({ queryType: 'changes' });
    await choose(user, 'Rows', /^Waiting/);
    expect(last()).toMatchObject({ queryType: 'changes', rows: 'waiting' });
    await choose(user, 'Show', /^Incidents/);
    expect(last()?.queryType).toBe('incidents');
    expect(last()?.rows).toBeUndefined();
  });

  it.each([
    ['Deployments', 'deployments'],
    ['Incidents', 'incidents'],
    ['Lead time stages', 'stages'],
    ['Performance levels', 'levels'],
    ['Data quality', 'data-quality'],
    ['CloudWatch', 'cloudwatch'],
  ])('offers %s', async (name, queryType) => {
    const { user, last } = show({});
    await choose(user, 'Show', new RegExp(`^${name}`));
    expect(last()?.queryType).toBe(queryType);
  });

  it('lets CloudWatch be read under other names, shows the usual ones, and takes them when the field is left', async () => {
    const { user, last, queries, onRunQuery } = show({ queryType: 'cloudwatch', metric: 'change-failure-rate' });
    const namespace = screen.getByRole('textbox', { name: /^Namespace/ });
    const name = screen.getByRole('textbox', { name: /^Metric name/ });
    expect(namespace).toHaveAttribute('placeholder', 'DORA/ChangeFailureRate');
    expect(name).toHaveAttribute('placeholder', 'TotalFailedItems');
    await user.type(namespace, ' Mine ');
    expect(queries).toEqual([]);
    await user.tab();
    expect(last()).toMatchObject({ queryType: 'cloudwatch', namespace: 'Mine' });
    await user.type(name, '$failures{Enter}');
    expect(last()).toMatchObject({ namespace: 'Mine', metricName: '$failures' });
    await user.clear(namespace);
    await user.tab();
    expect(last()?.namespace).toBeUndefined();
    expect(onRunQuery).toHaveBeenCalledTimes(3);
  });

  it('offers alert rules neither tables nor variables nor an interval that follows the range', async () => {
    const { user } = show({}, { app: CoreApp.UnifiedAlerting, source: datasource({ variableNames: () => ['$team'] }) });
    await user.click(combobox('Show'));
    const shown = (await screen.findAllByRole('option')).map((option) => option.textContent);
    expect(shown.some((text) => text?.startsWith('Changes'))).toBe(false);
    expect(shown.some((text) => text?.includes('$team'))).toBe(false);
    await user.keyboard('{Escape}');
    await user.click(combobox('Format'));
    expect((await screen.findAllByRole('option')).map((option) => option.textContent)).toEqual(['Number', 'Time series']);
    await user.keyboard('{Escape}');
    await user.click(combobox('Interval'));
    expect((await screen.findAllByRole('option')).map((option) => option.textContent)).not.toContain('Automatic');
  });

  it('lets a dashboard variable stand for a value, and keeps one that is stored', async () => {
    const source = datasource({ variableNames: () => ['$team', '$step'] });
    const { user, last } = show({ metric: '$metric' }, { source });
    expect(combobox('Show')).toHaveDisplayValue('$metric');
    await choose(user, 'Interval', '$step');
    expect(last()?.interval).toBe('$step');
    await user.click(combobox('Team'));
    await user.click(await screen.findByRole('option', { name: '$team' }));
    expect(last()?.teams).toEqual(['$team']);
  });

  it('keeps rare options folded, names those that differ, and changes them', async () => {
    const { user, last } = show({ includeRollbacks: true });
    const group = screen.getByRole('button', { name: /Options/ });
    expect(screen.getByText('Rollbacks')).toBeVisible();
    await user.click(group);
    await user.click(screen.getByRole('switch', { name: 'Retries' }));
    expect(last()).toMatchObject({ includeRollbacks: true, includeRetries: true });
    await choose(user, 'Levels of', '2021');
    expect(last()?.levelsYear).toBe(2021);
    await user.type(combobox('Time zone'), 'Europe/Berlin');
    await user.click(await screen.findByRole('option', { name: 'Europe/Berlin' }));
    expect(last()?.timezone).toBe('Europe/Berlin');
  });

  it('leads somebody without teams to the settings', async () => {
    show({}, { source: datasource({ getTeams: () => Promise.resolve([]) }) });
    const link = await screen.findByRole('link', { name: 'Add a team in the data source settings' });
    expect(link).toHaveAttribute('href', '/connections/datasources/edit/dora');
  });

  it('says why teams cannot be listed', async () => {
    show({}, { source: datasource({ getTeams: () => Promise.reject({ status: 500, data: { message: 'The store is full.', remedy: 'Make room.' } }) }) });
    await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('The store is full. Make room.'));
  });
});
