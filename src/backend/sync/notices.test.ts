import type { SyncScopeStatus } from '../../shared/resources';
import { parseSettings } from '../../shared/settings';
import { concerning, syncNotices } from './notices';
import { syncTable } from './table';

const NOW = 1_700_000_000_000;

function scope(name: string, changes: Partial<SyncScopeStatus> = {}): SyncScopeStatus {
  return { scope: name, phase: 'done', fetched: 10, total: 10, lastSuccessAt: NOW, resumesAt: null, error: null, ...changes };
}

function github(scopes: SyncScopeStatus[], changes: { running?: boolean; lastSuccessAt?: number | null } = {}) {
  return { sources: [{ source: 'github' as const, scopes, rateLimits: [{ name: 'graphql', limit: 5_000, remaining: 12, resetsAt: null }], lastSuccessAt: NOW, running: false, ...changes }] };
}

const texts = (answer: ReturnType<typeof github>): string[] => syncNotices(answer, NOW).map(({ text }) => text);

describe('notices of the synchronisation', () => {
  it('says nothing while all is well', () => {
    expect(texts(github([scope('acme/a'), scope('acme/b', { phase: 'updating' })]))).toEqual([]);
  });

  it('says how far a first synchronisation is', () => {
    expect(texts(github([], { running: true, lastSuccessAt: null }))).toEqual(['The first synchronisation of github has just started.']);
    expect(texts(github([scope('acme/a', { phase: 'history', fetched: 30, total: 120 }), scope('acme/b', { phase: 'waiting', fetched: 0, total: null })]))).toEqual([
      'The first synchronisation is running: acme/a 30 of 120, acme/b 0.',
    ]);
  });

  it('says how long it will take, where that can be told', () => {
    const history = (name: string, finishesAt: number | null) => scope(name, { phase: 'history', fetched: 30, total: 120, finishesAt });
    expect(texts(github([history('acme/a', NOW + 20_000), history('acme/b', null)]))).toEqual(['The first synchronisation is running: acme/a 30 of 120, acme/b 30 of 120; about 1 minute to go.']);
    expect(texts(github([history('acme/a', NOW + 20_000), history('acme/b', NOW + 61 * 60_000 + 1)]))[0]).toContain('; about 62 minutes to go.');
    expect(texts(github([history('acme/a', NOW + 5.5 * 3_600_000)]))[0]).toContain('; about 6 hours to go.');
  });

  it('says until when it pauses', () => {
    expect(texts(github([scope('acme/a', { phase: 'paused', resumesAt: NOW + 61_000 })]))).toEqual(['The synchronisation pauses: acme/a for 2 more minutes.']);
  });

  it('names what fails once a code, a few by name, with the remedy', () => {
    const failed = ['a', 'b', 'c', 'd', 'e'].map((name) => scope(`acme/${name}`, { phase: 'failed', error: { code: 'GITHUB_REPOSITORY_GONE', message: 'It is gone.' } }));
    expect(texts(github(failed))).toEqual([expect.stringMatching(/^GITHUB_REPOSITORY_GONE: acme\/a, acme\/b, acme\/c and 2 more: It is gone\. \S+/)]);
  });

  it('leaves out what concerns other teams only', () => {
    const { settings } = parseSettings({
      teams: [
        { name: 'Payments', repositories: ['acme/payments-*', '!acme/payments-old'], incidents: [{ from: 'github-issues', repositories: ['acme/incidents'] }] },
        { name: 'Search', repositories: ['Acme/Search'] },
      ],
    });
    const scopes = ['acme/payments-api', 'acme/search', 'acme/incidents', 'acme/payments-*', 'github'].map((name) => scope(name));
    const names = (teams: string[]): string[] => concerning(github(scopes), settings, teams).sources[0].scopes.map((one) => one.scope);
    expect(names([])).toHaveLength(5);
    expect(names(['Search'])).toEqual(['acme/search', 'github']);
    expect(names(['Pay*'])).toEqual(['acme/payments-api', 'acme/incidents', 'acme/payments-*', 'github']);
  });
});

describe('table of the synchronisation', () => {
  it('has a row a scope, and one for a source that has none yet', () => {
    const table = syncTable({ sources: [...github([scope('acme/a', { phase: 'failed', error: { code: 'GITHUB_UNAVAILABLE', message: 'down' } })]).sources, { source: 'opscenter', scopes: [], rateLimits: [], lastSuccessAt: null, running: true }] });
    const columns = table.kind === 'table' ? table.columns : [];
    const column = (name: string): unknown[] => columns.find((one) => one.name === name)?.values ?? [];
    expect(column('source')).toEqual(['github', 'opscenter']);
    expect(column('scope')).toEqual(['acme/a', null]);
    expect(column('phase')).toEqual(['failed', 'waiting']);
    expect(column('rateLimitRemaining')).toEqual([12, null]);
    expect(column('errorCode')).toEqual(['GITHUB_UNAVAILABLE', null]);
  });

  it('calls no source up to date that has not been asked yet', () => {
    const phaseOf = (lastSuccessAt: number | null): unknown => {
      const table = syncTable({ sources: [{ source: 'github', scopes: [], rateLimits: [], lastSuccessAt, running: false }] });
      return table.kind === 'table' && table.columns.find(({ name }) => name === 'phase')?.values[0];
    };
    expect([phaseOf(null), phaseOf(1_700_000_000_000)]).toEqual(['waiting', 'done']);
  });
});
