import type { SourceSyncStatus, SyncScopeStatus } from '../../shared/resources';
import { syncNumbers } from './numbers';

const NOW = Date.UTC(2026, 0, 10);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function scope(name: string, status: Partial<SyncScopeStatus> = {}): SyncScopeStatus {
  return { scope: name, phase: 'done', fetched: 1, total: 1, lastSuccessAt: NOW - MINUTE, resumesAt: null, error: null, ...status };
}

function source(scopes: SyncScopeStatus[], lastSuccessAt: number | null = NOW): SourceSyncStatus {
  return { source: 'github', scopes, rateLimits: [], lastSuccessAt, running: false };
}

function values(sources: SourceSyncStatus[], every = 5 * MINUTE): Array<[string, number | null]> {
  const answer = syncNumbers({ sources }, every, NOW);
  return answer.kind === 'numbers' ? answer.numbers.map(({ labels, value }) => [labels.source, value]) : [];
}

describe('sources behind or failing, as numbers', () => {
  it('counts what fails and what has not succeeded for long', () => {
    const error = { code: 'GITHUB_UNAVAILABLE', message: 'down' } as const;
    const scopes = [scope('a'), scope('b', { phase: 'failed', error }), scope('c', { error }), scope('d', { lastSuccessAt: NOW - 3 * HOUR })];
    expect(values([source(scopes)])).toEqual([['github', 3]]);
  });

  it('waits four passes where passes are rare', () => {
    const late = [scope('a', { lastSuccessAt: NOW - 3 * HOUR })];
    expect(values([source(late)], HOUR)).toEqual([['github', 0]]);
    expect(values([source(late)], 30 * MINUTE)).toEqual([['github', 1]]);
  });

  it('takes a first synchronisation without trouble, and a pause, for no delay', () => {
    const first = [scope('a', { phase: 'history', lastSuccessAt: null }), scope('b', { phase: 'paused', lastSuccessAt: null, resumesAt: NOW + HOUR })];
    expect(values([source(first, null)])).toEqual([['github', 0]]);
  });

  it('knows nothing of a source that has not reported', () => {
    expect(values([source([], null)])).toEqual([['github', null]]);
  });

  it('gives each source its own number', () => {
    expect(values([source([scope('a')]), { ...source([scope('x', { phase: 'failed' })]), source: 'opscenter' }])).toEqual([
      ['github', 0],
      ['opscenter', 1],
    ]);
  });
});
