import type { Commit, Coverage, DeploymentRecord, FactBatch, IncidentRecord, PullRequest, Repository } from '../engine/model';
import { type DataSourceStore, ReadChanged, type Revision, type Store } from './store';

/** What a contract test needs of an implementation. */
export interface StoreUnderTest {
  /** An empty place. */
  create(): Promise<Store>;
  /** A second user of the same place, as another process would be; null where the place is private (memory). */
  another(): Promise<Store> | null;
  /** Removes the place. */
  dispose(): Promise<void>;
}

/** All that every store must do, whatever it is made of. Runs within a test file of each implementation. */
export function describeStore(name: string, prepare: () => Promise<StoreUnderTest>): void {
  describe(`store contract: ${name}`, () => {
    let place: StoreUnderTest;
    let store: Store;
    let source: DataSourceStore;

    beforeEach(async () => {
      place = await prepare();
      store = await place.create();
      source = store.dataSource('1/abc');
    });

    afterEach(async () => {
      await store.close();
      await place.dispose();
    });

    it('starts empty', async () => {
      expect(await source.revision()).toBe(0);
      expect(await everything(source)).toEqual({});
      expect(await source.counts()).toEqual({ repositories: 0, pullRequests: 0, commits: 0, deployments: 0, incidents: 0, coverage: 0 });
      expect(await source.readState('cursor')).toBeUndefined();
      expect(store.warnings('1/abc')).toEqual([]);
    });

    it('gives back every fact as it was written, to the last field', async () => {
      const batch = sampleBatch();
      await source.write(batch);
      expect(sorted(await everything(source))).toEqual(sorted(batch));
      expect(await source.counts()).toEqual({ repositories: 1, pullRequests: 2, commits: 4, deployments: 1, incidents: 1, coverage: 2 });
    });

    it('replaces a fact of the same identity and gives it once', async () => {
      await source.write(sampleBatch());
      await source.write({ pullRequests: [pullRequest(1, { title: 'Better title' })], commits: [commit('a'.repeat(40), { headline: 'amended' })] });
      const all = await everything(source);
      expect(all.pullRequests?.map(({ number, title }) => [number, title]).sort()).toEqual([
        [1, 'Better title'],
        [2, 'A change'],
      ]);
      expect(all.commits?.filter(({ sha }) => sha === 'a'.repeat(40)).map(({ headline }) => headline)).toEqual(['amended']);
      expect(await source.counts()).toMatchObject({ pullRequests: 2, commits: 4 });
    });

    it('reads one fact in its latest form', async () => {
      await source.write({ pullRequests: [pullRequest(1)] });
      await source.write({ pullRequests: [pullRequest(1, { title: 'Better title' })] });
      expect(await source.read('pullRequests', pullRequest(1).id)).toEqual(pullRequest(1, { title: 'Better title' }));
      expect(await source.read('pullRequests', pullRequest(2).id)).toBeNull();
      expect(await source.read('deployments', pullRequest(1).id)).toBeNull();
    });

    it('keeps every character of every text', async () => {
      const odd = 'NUL \0, pair \u{1F600}, quotes \'"\\, line\nend, \u{10FFFF} \u2028';
      const written: FactBatch = {
        pullRequests: [pullRequest(1, { title: odd, labels: [odd, '{},"'] })],
        commits: [commit('a'.repeat(40), { headline: odd, author: { login: odd, isBot: false } })],
      };
      await source.write(written, { [`key ${odd}`]: { value: odd } });
      expect(sorted(await everything(source))).toEqual(sorted(written));
      expect(await source.readState(`key ${odd}`)).toEqual({ value: odd });
      expect([...(await source.readStates('key'))]).toEqual([[`key ${odd}`, { value: odd }]]);
    });

    it('refuses a fact that is not as the model says, and all that comes with it', async () => {
      const untrue = { ...pullRequest(2), title: { toString: 1 } } as unknown as PullRequest;
      await expect(source.write({ pullRequests: [pullRequest(1), untrue] }, { cursor: 'later' })).rejects.toThrow('pullRequests[1].title');
      await expect(source.write({ commits: [commit('a'.repeat(40), { authoredAt: Number.NaN })] })).rejects.toThrow('commits[0].authoredAt');
      await expect(source.write({ pullRequests: [pullRequest(1, { author: { login: undefined as unknown as string, isBot: false } })] })).rejects.toThrow('author.login');
      expect([await everything(source), await source.readState('cursor'), await source.revision()]).toEqual([{}, undefined, 0]);
    });

    it('keeps long identities, and refuses those that are longer than any', async () => {
      const id = Array.from({ length: 800 }, (_, index) => String.fromCharCode(0x4e00 + ((index * 7_919) % 20_000))).join('');
      const [incident] = sampleBatch().incidents ?? [];
      await source.write({ incidents: [{ ...incident, id }] }, { [id]: 1 });
      expect(await source.read('incidents', id)).toMatchObject({ id });
      expect(await source.readState(id)).toBe(1);
      await expect(source.write({ incidents: [{ ...incident, id: `${id}.` }] })).rejects.toThrow('incidents[0].id');
      await expect(source.write({}, { [`${id}.`]: 1 })).rejects.toThrow('longer than 800');
    });

    it('takes a fact that a batch has twice in its last form', async () => {
      await source.write({ pullRequests: [pullRequest(1), pullRequest(1, { title: 'Better title' })], commits: [commit('a'.repeat(40)), commit('a'.repeat(40), { headline: 'amended' })] });
      const { pullRequests, commits } = await everything(source);
      expect([pullRequests?.map(({ title }) => title), commits?.map(({ headline }) => headline)]).toEqual([['Better title'], ['amended']]);
    });

    it('refuses a write that builds on what has changed', async () => {
      await source.write({ pullRequests: [pullRequest(1)] }, { trail: [1] });
      const known = await source.read('pullRequests', pullRequest(1).id);
      const basis = { state: { trail: [1], absent: undefined }, facts: [{ kind: 'pullRequests' as const, id: pullRequest(1).id, fact: known }] };
      const revision = await source.write({}, { trail: [1, 2] }, basis);
      const refused = [
        source.write({ pullRequests: [pullRequest(2)] }, { trail: [1, 3] }, basis),
        source.write({ pullRequests: [pullRequest(2)] }, {}, { state: { trail: undefined } }),
        source.write({ pullRequests: [pullRequest(2)] }, {}, { facts: [{ kind: 'pullRequests', id: pullRequest(1).id, fact: null }] }),
        source.write({ pullRequests: [pullRequest(2)] }, {}, { facts: [{ kind: 'incidents', id: 'none', fact: sampleBatch().incidents?.[0] ?? null }] }),
      ];
      for (const write of refused) {
        await expect(write).rejects.toBeInstanceOf(ReadChanged);
      }
      expect([await source.readState('trail'), await source.revision()]).toEqual([[1, 2], revision]);
    });

    it('raises the revision, never back', async () => {
      const first = await source.write({ pullRequests: [pullRequest(1)] });
      await store.raise('1/abc', first + 100);
      await store.raise('1/abc', 1);
      expect(await source.revision()).toBe(first + 100);
      expect(await source.write({ pullRequests: [pullRequest(2)] })).toBeGreaterThan(first + 100);
      expect((await everything(source, first + 100)).pullRequests?.map(({ number }) => number)).toEqual([2]);
    });

    it('names what it holds, and forgets what nobody asked for', async () => {
      await source.write({ pullRequests: [pullRequest(1)], commits: [commit('a'.repeat(40))] }, { cursor: 1 });
      await store.dataSource('2/odd uid/Ä').write({ pullRequests: [pullRequest(2)] });
      expect(await store.keys()).toEqual(['1/abc', '2/odd uid/Ä']);
      if (!place.another()) {
        return;
      }
      await store.noteAsked('1/abc');
      expect(await store.forgetUnasked(60_000)).toEqual([]);
      // Longer than the grace for one of them; the other is asked for.
      for (let wait = 0; (await store.keys()).length > 1 && wait < 60; wait += 1) {
        await store.noteAsked('2/odd uid/Ä');
        await store.forgetUnasked(400);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(await store.keys()).toEqual(['2/odd uid/Ä']);
      // It begins anew when it is asked for again.
      const again = store.dataSource('1/abc');
      expect([await again.revision(), await again.readState('cursor'), await everything(again)]).toEqual([0, undefined, {}]);
      expect((await everything(store.dataSource('2/odd uid/Ä'))).pullRequests).toHaveLength(1);
    });

    it('loads only what was written after a revision', async () => {
      const first = await source.write({ pullRequests: [pullRequest(1)] });
      const second = await source.write({ pullRequests: [pullRequest(2)], commits: [commit('b'.repeat(40))] });
      expect(second).toBeGreaterThan(first);
      expect(await source.revision()).toBe(second);
      const delta = await everything(source, first);
      expect(delta.pullRequests?.map(({ number }) => number)).toEqual([2]);
      expect(delta.commits?.map(({ sha }) => sha)).toEqual(['b'.repeat(40)]);
      expect(await everything(source, second)).toEqual({});
    });

    it('does not count a fact as new that is written again unchanged', async () => {
      const before = await source.write(sampleBatch());
      expect(await source.write(sampleBatch())).toBe(before);
      expect(await everything(source, before)).toEqual({});
    });

    it('keeps state beside the facts, in the same transaction', async () => {
      await source.write({ pullRequests: [pullRequest(1)] }, { 'github/a/cursor': 'X', 'github/b/cursor': { page: 2, ends: [1, null, true] }, 'github0': 1 });
      expect(await source.readState('github/b/cursor')).toEqual({ page: 2, ends: [1, null, true] });
      expect([...(await source.readStates('github/'))]).toEqual([
        ['github/a/cursor', 'X'],
        ['github/b/cursor', { page: 2, ends: [1, null, true] }],
      ]);
      await source.write({}, { 'github/a/cursor': null });
      expect(await source.readState('github/a/cursor')).toBeUndefined();
      expect((await source.readStates('')).size).toBe(2);
    });

    it('keeps nothing of a write that fails', async () => {
      await source.write({ pullRequests: [pullRequest(1)] }, { cursor: 'before' });
      const revision = await source.revision();
      const circular: Commit = commit('c'.repeat(40));
      Object.defineProperty(circular, 'headline', { get: () => { throw new RangeError('cannot be read'); } });
      await expect(source.write({ pullRequests: [pullRequest(2)], commits: [circular] }, { cursor: 'after' })).rejects.toThrow('cannot be read');
      expect(await source.revision()).toBe(revision);
      expect(await source.readState('cursor')).toBe('before');
      expect((await everything(source)).pullRequests?.map(({ number }) => number)).toEqual([1]);
      // The store still works, with authors and repositories that the failed write had begun to know.
      await source.write({ commits: [commit('c'.repeat(40))] });
      expect((await everything(source)).commits).toEqual([commit('c'.repeat(40))]);
    });

    it('forgets removed facts and says so to whoever had loaded them', async () => {
      const before = await source.write(sampleBatch());
      await source.write({ removed: [{ kind: 'pullRequests', id: 'R1#1' }, { kind: 'deployments', id: 'no such' }] });
      expect((await everything(source)).pullRequests?.map(({ number }) => number)).toEqual([2]);
      expect((await everything(source, before)).removed).toEqual([{ kind: 'pullRequests', id: 'R1#1' }]);
      expect((await source.counts()).pullRequests).toBe(1);
      await source.write({ pullRequests: [pullRequest(1)] });
      const back = await everything(source, before);
      expect(back.removed ?? []).toEqual([]);
      expect(back.pullRequests?.map(({ number }) => number)).toEqual([1]);
    });

    it('removes a repository with its pull requests and commits, and no other', async () => {
      await source.write({ repositories: [repository('R1'), repository('R12')], pullRequests: [pullRequest(1), { ...pullRequest(7), id: 'R12#7', repository: 'R12' }], commits: [commit('a'.repeat(40)), commit('a'.repeat(40), { repository: 'R12' })] });
      await source.write({ removed: [{ kind: 'repositories', id: 'R1' }] });
      const all = await everything(source);
      expect(all.repositories?.map(({ id }) => id)).toEqual(['R12']);
      expect(all.pullRequests?.map(({ id }) => id)).toEqual(['R12#7']);
      expect(all.commits?.map(({ repository: of }) => of)).toEqual(['R12']);
      expect([...(await source.knownCommits('R1', ['a'.repeat(40)]))]).toEqual([]);
    });

    it('knows which commits are stored', async () => {
      await source.write({ commits: [commit('a'.repeat(40)), commit('b'.repeat(64), { parents: ['a'.repeat(64)] }), commit('odd one')] });
      expect([...(await source.knownCommits('R1', ['a'.repeat(40), 'f'.repeat(40), 'b'.repeat(64), 'odd one']))].sort()).toEqual(['a'.repeat(40), 'b'.repeat(64), 'odd one']);
      expect([...(await source.knownCommits('R2', ['a'.repeat(40)]))]).toEqual([]);
    });

    it('keeps data sources apart', async () => {
      const other = store.dataSource('2/abc');
      await source.write({ pullRequests: [pullRequest(1)] }, { cursor: 'one' });
      expect(await other.revision()).toBe(0);
      expect(await everything(other)).toEqual({});
      expect(await other.readState('cursor')).toBeUndefined();
      expect(store.dataSource('1/abc')).toBe(source);
    });

    it('streams many facts in chunks of bounded size and lets other work in between', async () => {
      const many = 5_000;
      await source.write({ commits: Array.from({ length: many }, (_, index) => commit(index.toString(16).padStart(40, '0'))) });
      let turns = 0;
      const ticking = setInterval(() => {
        turns += 1;
      }, 0);
      const sizes: number[] = [];
      for await (const { commits = [] } of source.load(0)) {
        sizes.push(commits.length);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      clearInterval(ticking);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(many);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(2_000);
      expect(turns).toBeGreaterThan(0);
    });

    it('loses nothing that is written while a load runs', async () => {
      for (let number = 1; number <= 1_000; number += 1) {
        await source.write({ pullRequests: [pullRequest(number)] });
      }
      const at = await source.revision();
      const seen = new Map<number, string>();
      const take = (batch: FactBatch): void => batch.pullRequests?.forEach(({ number, title }) => seen.set(number, title));
      let chunks = 0;
      for await (const batch of source.load(0)) {
        take(batch);
        chunks += 1;
        await source.write({ pullRequests: [pullRequest(1_000 - chunks, { title: 'rewritten' }), pullRequest(1_000 + chunks)] });
      }
      for await (const batch of source.load(at)) {
        take(batch);
      }
      expect(seen.size).toBe(1_000 + chunks);
      expect(seen.get(1_000 - chunks)).toBe('rewritten');
    });

    it('shares a place with another process', async () => {
      const opening = place.another();
      if (!opening) {
        return;
      }
      const second = await opening;
      try {
        const theirs = second.dataSource('1/abc');
        await source.write({ pullRequests: [pullRequest(1)] }, { cursor: 'mine' });
        expect(await theirs.readState('cursor')).toBe('mine');
        const revision: Revision = await theirs.revision();
        await theirs.write({ pullRequests: [pullRequest(2)], commits: [commit('d'.repeat(40), { author: { login: 'else', isBot: true } })] });
        expect((await everything(source, revision)).pullRequests?.map(({ number }) => number)).toEqual([2]);
        await Promise.all(
          Array.from({ length: 40 }, (_, index) => (index % 2 ? source : theirs).write({ pullRequests: [pullRequest(10 + index)] })),
        );
        expect((await everything(source)).pullRequests).toHaveLength(42);
      } finally {
        await second.close();
      }
    });

    it('keeps everything over a restart', async () => {
      if (!place.another()) {
        return;
      }
      await source.write(sampleBatch(), { cursor: 'X' });
      const revision = await source.revision();
      await store.close();
      store = (await place.another()) ?? store;
      source = store.dataSource('1/abc');
      expect(sorted(await everything(source))).toEqual(sorted(sampleBatch()));
      expect(await source.revision()).toBe(revision);
      expect(await source.readState('cursor')).toBe('X');
    });

    it('refuses with a code after it was closed', async () => {
      await store.close();
      await expect(source.write({ pullRequests: [pullRequest(1)] })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    });
  });
}

/** All chunks of a load as one batch. */
export async function everything(source: DataSourceStore, since: Revision = 0): Promise<FactBatch> {
  const all: Record<string, unknown[]> = {};
  for await (const batch of source.load(since)) {
    for (const [kind, facts] of Object.entries(batch)) {
      (all[kind] ??= []).push(...(facts as unknown[]));
    }
  }
  return all;
}

/** The same facts in an order that does not depend on when they were written, to compare stores with. */
export function sorted(batch: FactBatch): Record<string, string[]> {
  return Object.fromEntries(Object.entries(batch).map(([kind, facts]) => [kind, (facts as unknown[]).map((fact) => JSON.stringify(fact)).sort()]));
}

const AT = Date.UTC(2024, 1, 29, 12, 34, 56, 789);

function repository(id: string): Repository {
  return {
    id,
    name: `acme/${id.toLowerCase()}`,
    formerNames: ['acme/old'],
    url: `https://github.example/acme/${id}`,
    defaultBranch: 'main',
    branchHeads: { main: 'a'.repeat(40) },
    createdAt: AT - 1_000_000,
    archived: false,
  };
}

function pullRequest(number: number, changes: Partial<PullRequest> = {}): PullRequest {
  return {
    id: `R1#${number}`,
    repository: 'R1',
    number,
    title: 'A change',
    url: `https://github.example/acme/r1/pull/${number}`,
    author: { login: 'ana', isBot: false },
    labels: ['bug', 'größe'],
    baseBranch: 'main',
    headBranch: 'feature',
    createdAt: AT,
    mergedAt: AT + 3_600_000,
    updatedAt: AT + 7_200_000,
    mergeSha: 'a'.repeat(40),
    draftEvents: [{ to: 'ready', at: AT + 5 }],
    reviews: [{ author: null, state: 'approved', at: AT + 60_000 }],
    commits: [{ sha: 'c'.repeat(40), authoredAt: AT - 86_400_000, isMerge: false }],
    commitsComplete: true,
    references: [{ relation: 'reverts', target: '#3' }],
    files: null,
    ...changes,
  };
}

function commit(sha: string, changes: Partial<Commit> = {}): Commit {
  return {
    repository: 'R1',
    sha,
    parents: ['e'.repeat(40), 'f'.repeat(40)],
    authoredAt: AT,
    committedAt: AT + 1,
    author: { login: 'ana', isBot: false },
    headline: 'Do it — now',
    references: [],
    ...changes,
  };
}

function sampleBatch(): FactBatch {
  const deployment: DeploymentRecord = {
    id: 'releases:RE_1',
    origin: 'releases',
    outcome: 'succeeded',
    declared: null,
    startedAt: AT,
    finishedAt: AT + 60_000,
    revisions: [{ repository: 'R1', repositoryName: null, sha: 'a'.repeat(40) }],
    ref: 'v1',
    environment: null,
    pipeline: null,
    pipelineTitle: null,
    account: null,
    region: null,
    service: null,
    prerelease: false,
    stages: [{ name: 'Production', attempt: 1, outcome: null, startedAt: AT, finishedAt: null }],
    title: 'v1',
    url: null,
    references: [],
  };
  const incident: IncidentRecord = {
    id: 'github-issues:I_1',
    origin: 'github-issues',
    title: 'Down',
    url: null,
    openedAt: AT,
    resolvedAt: null,
    resolvedBy: null,
    severity: null,
    category: null,
    status: 'open',
    type: null,
    reportedBy: null,
    repository: 'R1',
    number: 5,
    labels: ['incident'],
    account: null,
    region: null,
    service: null,
    deploymentId: null,
    pipelines: [],
    references: [],
    operationalData: { 'dora/deployment': 'releases:RE_1' },
  };
  const coverage: Coverage[] = [
    { kind: 'pull-requests', scope: 'R1', from: AT, complete: false },
    { kind: 'commits', scope: 'R1', from: null, complete: true },
  ];
  return {
    repositories: [repository('R1')],
    pullRequests: [pullRequest(1), pullRequest(2, { author: null, mergeSha: null, files: ['a/b.ts'] })],
    commits: [
      commit('a'.repeat(40)),
      commit('b'.repeat(40), { parents: [], author: null, references: [{ relation: 'mentions', target: 'oi-0123456789ab' }] }),
      commit('1'.repeat(64), { parents: ['2'.repeat(64)], author: { login: 'ana', isBot: true } }),
      commit('not a sha', { parents: ['neither'] }),
    ],
    deployments: [deployment],
    incidents: [incident],
    coverage,
  };
}
