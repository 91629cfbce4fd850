import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HISTORIES, loadHistories } from './histories';
import { graphql, withDouble } from './testing';
import { World } from './world';

// Whole organisations take their time on a busy machine.
jest.setTimeout(60_000);

const folder = resolve(fileURLToPath(new URL('../../../../shared/data', import.meta.url)));
const here = existsSync(folder);
if (!here) {
  process.stderr.write('The real histories are not here: their tests are skipped.\n');
}
const rows = <T>(name: string, kind: string): T[] =>
  readFileSync(join(folder, `${name.replace('/', '__')}.${kind}.ndjson`), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as T);

(here ? describe : describe.skip)('real histories', () => {
  const world = new World();
  const loaded = here ? loadHistories(world, folder) : [];

  it.each([...HISTORIES])('%s: every row is a merged pull request with its own commits', (name) => {
    expect(loaded).toContain(name);
    const [owner, repo] = name.split('/') as [string, string];
    const { content } = world.findRepository(owner, repo)!;
    const changes = rows<{ mergeSha: string; mergedAt: string; firstCommitAt: string; author: string; kind: string; commits: number; reverts: number | string | null }>(name, 'changes');
    const byMerge = new Map([...content.pulls.values()].map((pull) => [pull.mergeSha, pull]));
    expect(byMerge.size).toBe(changes.length);
    for (const change of changes) {
      const pull = byMerge.get(change.mergeSha)!;
      const authored = pull.commits.map((sha) => content.commits.get(sha)!.authoredAt);
      const merged = Date.parse(change.mergedAt);
      expect([pull.state, pull.mergedAt, pull.author]).toEqual(['MERGED', merged, change.author]);
      expect(pull.createdAt >= Math.min(merged, Date.parse(change.firstCommitAt)) && pull.createdAt <= merged).toBe(true);
      // The first commit is the earliest one that is not dated after the merge.
      expect(Math.min(pull.createdAt, ...authored.filter((at) => at <= merged))).toBe(Math.min(merged, Date.parse(change.firstCommitAt)));
      expect(change.reverts === null ? pull.body : pull.title).toMatch(change.reverts === null ? /^$/ : /^Revert "/);
    }
    const releases = rows<{ onDefault: boolean }>(name, 'releases');
    expect(content.releases).toHaveLength(releases.filter((release) => release.onDefault).length);
    expect(content.tags.size).toBe(releases.length);
  });

  it('answers a whole repository in seconds, 40 calls for 1,000 pull requests', async () => {
    await withDouble({ world }, async (double) => {
      const query = `query P($after: String) { repository(owner: "fastify", name: "fastify") { pullRequests(states: MERGED, first: 25, after: $after, orderBy: { field: UPDATED_AT, direction: DESC }) {
        pageInfo { hasNextPage endCursor } nodes { number commits(first: 100) { nodes { commit { oid authoredDate } } } reviews(first: 50) { totalCount } labels(first: 20) { totalCount } timelineItems(first: 20) { totalCount } } } } }`;
      const started = Date.now();
      const numbers = new Set<number>();
      for (let after: string | null = null, more = true; more; ) {
        const connection = (await graphql(double, query, { after })).body.data?.repository.pullRequests as { nodes: Array<{ number: number }>; pageInfo: { hasNextPage: boolean; endCursor: string } };
        connection.nodes.forEach((node) => numbers.add(node.number));
        more = connection.pageInfo.hasNextPage;
        after = connection.pageInfo.endCursor;
      }
      expect(numbers.size).toBe(2_494);
      expect(double.journal.summary()).toMatchObject({ calls: 100, points: 100, repeatedPages: [] });
      expect(Date.now() - started).toBeLessThan(15_000);
    });
  });
});
