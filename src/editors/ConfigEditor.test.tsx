import { configure, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import type { DoraOptions } from '../datasource';
import type { SyncAnswer } from '../shared/resources';
import { parseSettings, type Secrets } from '../shared/settings';
import ConfigEditor from './ConfigEditor';
import type { ConfigEditorProps } from './config/settings';

// Whether an element is visible is no question here, and costly to ask of every element in jsdom.
configure({ defaultHidden: true });

const REPOSITORIES = ['acme/checkout', 'acme/payments-api', 'acme/payments-legacy', 'acme/payments-web'];

const requests: Array<{ method: string; url: string; parameters?: unknown }> = [];
let sync: SyncAnswer = { sources: [] };
let failing = false;

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual<object>('@grafana/runtime'),
  getBackendSrv: () => ({
    get: (url: string, parameters?: { q?: string }) => {
      requests.push({ method: 'GET', url, parameters });
      if (failing) {
        return Promise.reject({ status: 401, data: { code: 'GITHUB_TOKEN_INVALID', message: 'GitHub refuses the token.', remedy: 'Enter a valid one.' } });
      }
      if (url.endsWith('/sync')) {
        return Promise.resolve(sync);
      }
      return Promise.resolve(REPOSITORIES.filter((name) => name.includes(parameters?.q ?? '')));
    },
    post: (url: string) => {
      requests.push({ method: 'POST', url });
      return Promise.resolve(sync);
    },
  }),
}));

// Grafana's own form asks for Grafana's plugin context.
jest.mock('./config/AwsConnection', () => ({ __esModule: true, default: () => <p>AWS connection</p> }));

function scope(overrides: Partial<SyncAnswer['sources'][number]['scopes'][number]> = {}): SyncAnswer['sources'][number]['scopes'][number] {
  return { scope: 'acme/payments-api', phase: 'history', fetched: 30, total: 120, lastSuccessAt: null, resumesAt: null, error: null, ...overrides };
}

function show({ jsonData = {}, configured = [], readOnly = false }: { jsonData?: Partial<DoraOptions>; configured?: string[]; readOnly?: boolean } = {}) {
  const states: Array<ConfigEditorProps['options']> = [];
  function Host() {
    const [options, setOptions] = useState({
      uid: 'dora',
      jsonData,
      secureJsonFields: Object.fromEntries(configured.map((name) => [name, true])),
      secureJsonData: {} as Secrets,
      readOnly,
    } as unknown as ConfigEditorProps['options']);
    return (
      <ConfigEditor
        options={options}
        onOptionsChange={(next) => {
          states.push(next);
          setOptions(next);
        }}
      />
    );
  }
  render(<Host />);
  return { user: userEvent.setup({ delay: null }), last: () => states[states.length - 1], states };
}

/** Enters a text at once: what each key does is no concern of these fields. */
function fill(field: HTMLElement, text: string): void {
  fireEvent.change(field, { target: { value: text } });
}

beforeEach(() => {
  requests.length = 0;
  sync = { sources: [] };
  failing = false;
});

describe('ConfigEditor', () => {
  it('takes a token and one repository, with no other step before Save & test', async () => {
    const { user, last } = show();
    fill(screen.getByLabelText(/^Token/), 'ghp_x');
    expect(last()?.secureJsonData).toEqual({ githubToken: 'ghp_x' });
    await user.type(screen.getByRole('combobox', { name: /^Repositories/ }), 'acme/payments-*{Enter}');
    expect(last()?.jsonData).toEqual({ teams: [{ name: 'My team', repositories: ['acme/payments-*'] }] });
    expect(parseSettings(last()?.jsonData).problems).toEqual([]);
    expect(requests).toEqual([]);
  });

  it('keeps a repository that was typed but not confirmed when the field is left, and splits a pasted list', async () => {
    const { user, last } = show();
    await user.type(screen.getByRole('combobox', { name: /^Repositories/ }), 'acme/api');
    await user.click(screen.getByLabelText(/^Team name/));
    expect(last()?.jsonData.teams).toEqual([{ name: 'My team', repositories: ['acme/api'] }]);
    await user.click(screen.getByRole('combobox', { name: /^Repositories/ }));
    await user.paste('acme/web, acme/ios acme/api');
    await user.keyboard('{Enter}');
    expect(last()?.jsonData.teams?.[0].repositories).toEqual(['acme/api', 'acme/web', 'acme/ios']);
  });

  it('shows which repositories a pattern matches, and which none', async () => {
    show({ configured: ['githubToken'], jsonData: { teams: [{ name: 'Payments', repositories: ['acme/payments-*', '!*legacy', 'acme/gone'] }] } });
    const preview = await screen.findByTestId('dora-repository-preview');
    expect(preview).toHaveTextContent('matches 3 repositories: acme/payments-api, acme/payments-legacy, acme/payments-web');
    expect(preview).toHaveTextContent('leaves out 1 repository: acme/payments-legacy');
    expect(preview).toHaveTextContent('acme/gonematches no repository that this connection can read');
    expect(preview).toHaveTextContent('Together 2 repositories.');
  });

  it('says why repositories cannot be looked up', async () => {
    failing = true;
    show({ configured: ['githubToken'], jsonData: { teams: [{ name: 'Payments', repositories: ['acme/*'] }] } });
    expect(await screen.findByText('The repositories could not be looked up. GitHub refuses the token. Enter a valid one.')).toBeInTheDocument();
  });

  it('offers the repositories that the connection finds', async () => {
    const { user, last } = show({ configured: ['githubToken'] });
    await user.type(screen.getByRole('combobox', { name: /^Repositories/ }), 'web');
    await user.click(await screen.findByRole('option', { name: 'acme/payments-web' }));
    expect(last()?.jsonData.teams?.[0].repositories).toEqual(['acme/payments-web']);
  });

  it('adds, duplicates, renames and removes teams, each name once', async () => {
    const { user, last } = show({ jsonData: { teams: [{ name: 'Payments', repositories: ['acme/a'], directPushes: true }] } });
    await user.click(screen.getByRole('button', { name: 'Duplicate Payments' }));
    expect(last()?.jsonData.teams).toEqual([
      { name: 'Payments', repositories: ['acme/a'], directPushes: true },
      { name: 'Payments copy', repositories: ['acme/a'], directPushes: true },
    ]);
    const name = screen.getByLabelText(/^Team name/);
    fill(name, 'Checkout');
    expect(last()?.jsonData.teams?.[1].name).toBe('Checkout');
    await user.click(screen.getByTestId('dora-add-team'));
    expect(last()?.jsonData.teams?.[2]).toEqual({ name: 'New team', repositories: [] });
    await user.click(screen.getByRole('button', { name: 'Remove Payments' }));
    expect(last()?.jsonData.teams?.map((team) => team.name)).toEqual(['Checkout', 'New team']);
  });

  it('edits where deployments come from, with the fields of the kind', async () => {
    const { user, last } = show({ jsonData: { teams: [{ name: 'Payments', repositories: ['acme/a'] }] } });
    await user.click(screen.getByRole('button', { name: /^Deployments/ }));
    await user.click(screen.getByRole('combobox', { name: 'Deployments from' }));
    await user.click(await screen.findByRole('option', { name: /^GitHub Actions runs/ }));
    expect(last()?.jsonData.teams?.[0].deployments).toEqual([{ from: 'workflow-runs' }]);
    await user.type(screen.getByRole('combobox', { name: 'Workflows' }), 'deploy.yml{Enter}');
    fill(screen.getByLabelText(/^Job/), 'production');
    expect(last()?.jsonData.teams?.[0].deployments).toEqual([{ from: 'workflow-runs', workflows: ['deploy.yml'], job: 'production' }]);
    fill(screen.getByLabelText(/^Job/), '');
    expect(last()?.jsonData.teams?.[0].deployments).toEqual([{ from: 'workflow-runs', workflows: ['deploy.yml'] }]);
    await user.click(screen.getByRole('button', { name: 'Add deployment source' }));
    expect(last()?.jsonData.teams?.[0].deployments).toHaveLength(2);
    await user.click(screen.getByRole('button', { name: 'Remove deployment source 1' }));
    expect(last()?.jsonData.teams?.[0].deployments).toEqual([{ from: 'merged-pull-requests' }]);
  });

  it('edits filters of OpsItems one level deeper, operational data as pairs', async () => {
    const { user, last } = show({ jsonData: { teams: [{ name: 'Ops', repositories: ['acme/a'], incidents: [{ from: 'opsitems' }] }] } });
    await user.click(screen.getByRole('button', { name: /^Incidents/ }));
    await user.type(screen.getByRole('combobox', { name: 'Severity' }), '1{Enter}');
    await user.type(screen.getByRole('combobox', { name: /^Operational data/ }), 'env=prod{Enter}');
    expect(last()?.jsonData.teams?.[0].incidents).toEqual([{ from: 'opsitems', filters: { severity: ['1'], operationalData: { env: 'prod' } } }]);
    expect(parseSettings(last()?.jsonData).problems).toEqual([]);
  });

  it('names a problem at its field and in the summary', async () => {
    const { user } = show({ jsonData: { teams: [{ name: 'Payments', repositories: ['acme/a'] }] } });
    await user.click(screen.getByRole('button', { name: /^Incidents/ }));
    fill(screen.getByLabelText(/^Incident window/), 'soon');
    expect(screen.getByText('One setting needs a correction')).toBeInTheDocument();
    expect(screen.getByText('teams[0].incidentWindow: is not a duration such as 5m, 24h or 7d')).toBeInTheDocument();
    expect(screen.getByText('Is not a duration such as 5m, 24h or 7d')).toBeInTheDocument();
    expect(screen.getByLabelText(/^Incident window/)).toBeInvalid();
  });

  it('shows a configured token as such, and replaces it only when asked', async () => {
    const { user, last } = show({ configured: ['githubToken'] });
    expect(screen.getByLabelText(/^Token/)).toHaveDisplayValue('configured');
    await user.click(screen.getByRole('button', { name: 'Reset' }));
    expect(last()?.secureJsonFields).toEqual({ githubToken: false });
    expect(screen.getByLabelText(/^Token/)).toHaveDisplayValue('');
  });

  it('asks for an app’s ids and key instead of a token, and for what an Enterprise server needs', async () => {
    const { user, last } = show();
    await user.click(screen.getByRole('radio', { name: 'GitHub App' }));
    expect(screen.queryByLabelText(/^Token/)).toBeNull();
    fill(screen.getByLabelText(/^App ID/), '12');
    fill(screen.getByLabelText(/^Installation ID/), '34');
    fill(screen.getByLabelText(/^Private key/), 'PEM');
    fill(screen.getByLabelText(/^API address/), 'https://git.acme.example/api/v3');
    expect(last()?.jsonData.github).toEqual({ auth: 'app', appId: '12', installationId: '34', apiUrl: 'https://git.acme.example/api/v3' });
    expect(last()?.secureJsonData).toEqual({ githubAppPrivateKey: 'PEM' });
    expect(parseSettings(last()?.jsonData).problems).toEqual([]);
  });

  it('shows a provisioned data source without letting anybody change it', () => {
    const { states } = show({ readOnly: true, jsonData: { teams: [{ name: 'Payments', repositories: ['acme/a'] }] } });
    expect(screen.getByLabelText(/^Team name/)).toBeDisabled();
    expect(screen.getByRole('combobox', { name: /^Repositories/ })).toBeDisabled();
    expect(screen.getByLabelText(/^API address/)).toBeDisabled();
    expect(screen.queryByRole('button', { name: /^(Add|Remove|Duplicate)/ })).toBeNull();
    expect(states).toEqual([]);
  });

  it('survives settings that were provisioned wrongly', () => {
    show({ jsonData: { teams: 'all' as unknown as [], timezone: 'Middle-earth' } });
    const alert = screen.getByText('2 settings need a correction').closest('[role]') ?? document.body;
    expect(within(alert as HTMLElement).getByText('teams: is not a list')).toBeInTheDocument();
  });
});

describe('Synchronisation', () => {
  const github = (overrides: Partial<SyncAnswer['sources'][number]>): SyncAnswer => ({
    sources: [{ source: 'github', scopes: [], rateLimits: [], lastSuccessAt: null, running: false, ...overrides }],
  });

  it('shows progress, what failed with its remedy, and the calls that are left', async () => {
    sync = github({
      running: true,
      rateLimits: [{ name: 'GitHub GraphQL', limit: 5000, remaining: 4321, resetsAt: null }],
      scopes: [
        scope(),
        scope({ scope: 'acme/gone', phase: 'failed', fetched: 0, total: null, error: { code: 'GITHUB_REPOSITORY_GONE', message: 'GitHub knows no acme/gone.' } }),
      ],
    });
    show({ configured: ['githubToken'] });
    const status = await screen.findByTestId('dora-sync-status');
    expect(await within(status).findByText('30 of 120')).toBeInTheDocument();
    expect(within(status).getByRole('progressbar', { name: 'Progress of acme/payments-api' })).toHaveAttribute('value', '30');
    expect(status).toHaveTextContent('GitHub GraphQL: 4321 of 5000 calls left');
    expect(status).toHaveTextContent('GitHub knows no acme/gone. Correct the repository name, or give the token access to it. (GITHUB_REPOSITORY_GONE)');
    expect(requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('begins by itself after the first save, once, and again when asked', async () => {
    sync = github({});
    const { user } = show({ configured: ['githubToken'] });
    await waitFor(() => expect(requests.filter(({ method }) => method === 'POST')).toEqual([{ method: 'POST', url: '/api/datasources/uid/dora/resources/sync' }]));
    sync = github({ lastSuccessAt: 1 });
    await user.click(screen.getByTestId('dora-sync-now'));
    await waitFor(() => expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(2));
  });

  it('says what is wrong when the backend does not answer', async () => {
    failing = true;
    show({ configured: ['githubToken'], jsonData: { teams: [] } });
    expect(await screen.findByText('GitHub refuses the token. Enter a valid one.')).toBeInTheDocument();
  });

  it('asks nothing before a connection was saved', () => {
    show();
    expect(screen.getByText('It begins when the settings are saved and the first query asks.')).toBeInTheDocument();
    expect(requests).toEqual([]);
  });
});
