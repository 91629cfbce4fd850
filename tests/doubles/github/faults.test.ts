import { DEFAULT_TOKEN } from './access';
import type { Fault } from './faults';
import { get, graphql, post, simple, withDouble } from './testing';

const PAGE = 'query Pulls($size: Int!, $after: String, $name: String!) { repository(owner: "acme", name: $name) { pullRequests(first: $size, after: $after) { pageInfo { hasNextPage endCursor } nodes { number author { login } } } } }';

describe('limits', () => {
  it('refuses when the points are used up, in both spellings, until the reset', async () => {
    await withDouble({ world: simple(1).world, limits: { hourly: 2 } }, async (double) => {
      const query = '{ viewer { login } }';
      expect((await graphql(double, query)).body.data).toBeDefined();
      expect((await graphql(double, query)).headers.get('x-ratelimit-remaining')).toBe('0');
      const refused = await graphql(double, query);
      expect([refused.status, refused.body.errors?.[0]?.type, refused.body.data]).toEqual([200, 'RATE_LIMITED', undefined]);
      expect((await get(double, '/user')).status).toBe(200);
      await get(double, '/user');
      const rest = await get(double, '/user');
      expect([rest.status, rest.body.message, rest.headers.get('x-ratelimit-remaining')]).toEqual([403, expect.stringContaining('API rate limit exceeded'), '0']);
      expect((await get<{ resources: { core: { remaining: number } } }>(double, '/rate_limit')).body.resources.core.remaining).toBe(0);
      await post(double, '/_control/clock', { advanceMs: 3_600_000 });
      expect((await graphql(double, query)).body.data).toBeDefined();
    });
    await withDouble({ world: simple(1).world, limits: { hourly: 0 }, rateLimitType: 'RATE_LIMIT' }, async (double) => {
      expect((await graphql(double, '{ viewer { login } }')).body.errors?.[0]?.type).toBe('RATE_LIMIT');
    });
  });

  it('counts each token apart, and can be set', async () => {
    await withDouble({ world: simple(1).world, tokens: [{ token: 'a' }, { token: 'b', limit: 15_000 }] }, async (double) => {
      await graphql(double, '{ viewer { login } }', {}, { authorization: 'bearer a' });
      expect((await graphql(double, '{ viewer { login } }', {}, { authorization: 'bearer b' })).headers.get('x-ratelimit-remaining')).toBe('14999');
      await post(double, '/_control/limits', { token: 'b', resource: 'graphql', remaining: 10, resetInSeconds: 90 });
      const reply = await graphql(double, '{ rateLimit { remaining resetAt } }', {}, { authorization: 'bearer b' });
      expect(reply.body.data?.rateLimit).toEqual({ remaining: 9, resetAt: '2026-03-02T12:01:30Z' });
    });
  });

  it('has secondary limits by the minute and at one time', async () => {
    await withDouble({ world: simple(1).world, limits: { perMinute: { graphql: 3 }, retryAfter: 30 } }, async (double) => {
      const statuses: number[] = [];
      for (let call = 0; call < 4; call += 1) {
        statuses.push((await graphql(double, '{ viewer { login } }')).status);
      }
      expect(statuses).toEqual([200, 200, 200, 403]);
      double.clock.advance(60_000);
      expect((await graphql(double, '{ viewer { login } }')).status).toBe(200);
    });
    await withDouble({ world: simple(1).world, limits: { concurrent: 2 }, latencyMs: 100 }, async (double) => {
      const replies = await Promise.all([1, 2, 3].map(() => graphql(double, '{ viewer { login } }')));
      expect(replies.map((reply) => reply.status).sort()).toEqual([200, 200, 403]);
      expect(replies.find((reply) => reply.status === 403)?.headers.get('retry-after')).toBe('60');
      expect(double.journal.summary().maxConcurrent).toBe(3);
    });
  });
});

describe('fault plan', () => {
  const run = async (fault: Fault, check: (ask: (variables?: Record<string, unknown>) => ReturnType<typeof graphql>, double: Parameters<typeof graphql>[0]) => Promise<void>): Promise<void> =>
    withDouble({ world: simple(30).world, faults: [fault] }, (double) => check((variables) => graphql(double, PAGE, { size: 10, name: 'api', ...variables }), double));

  it('strikes the requests that fit, by count', async () => {
    await run({ when: { operation: 'Pulls', nth: [2, 3] }, then: { status: 502 } }, async (ask, double) => {
      const statuses: number[] = [];
      for (let call = 0; call < 4; call += 1) {
        statuses.push((await ask()).status);
      }
      expect(statuses).toEqual([200, 502, 502, 200]);
      expect((await graphql(double, 'query Other { viewer { login } }')).status).toBe(200);
      expect(double.journal.list().map((entry) => entry.faults.length)).toEqual([0, 1, 1, 0, 0]);
    });
  });

  it('fits repositories, cursors and page sizes', async () => {
    await run({ when: { repository: 'ACME/a*', connection: 'pullRequests', after: 'some', pageAbove: 5 }, then: { status: 500, body: 'oops' } }, async (ask) => {
      const first = await ask();
      const after = first.body.data?.repository.pullRequests.pageInfo.endCursor as string;
      expect(first.status).toBe(200);
      expect((await ask({ after, size: 5 })).status).toBe(200);
      await expect(ask({ after })).rejects.toThrow(/JSON/);
    });
  });

  it('draws by probability from a seed, and within a time', async () => {
    const statuses = async (): Promise<number[]> => {
      const seen: number[] = [];
      await run({ when: { probability: 0.5, seed: 3, until: '2026-03-02T12:10:00Z' }, then: { status: 503 } }, async (ask, double) => {
        for (let call = 0; call < 20; call += 1) {
          seen.push((await ask()).status);
        }
        double.clock.advance(600_000);
        for (let call = 0; call < 5; call += 1) {
          expect((await ask()).status).toBe(200);
        }
      });
      return seen;
    };
    const first = await statuses();
    expect(await statuses()).toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 503]));
  });

  it('cuts connections before and within the answer', async () => {
    await run({ when: { nth: 1 }, then: { cut: 'before-headers' } }, async (ask, double) => {
      await expect(ask()).rejects.toThrow();
      expect((await ask()).status).toBe(200);
      expect(double.journal.list().map((entry) => entry.status)).toEqual([0, 200]);
    });
    await run({ when: { nth: 1 }, then: { cut: 'mid-body' } }, async (ask) => {
      await expect(ask()).rejects.toThrow();
      expect((await ask()).status).toBe(200);
    });
  });

  it('answers part of the data beside errors, and takes authors away', async () => {
    await run({ then: { errors: [{ type: 'SERVICE_UNAVAILABLE', message: 'later' }], patch: [{ path: 'data.repository.pullRequests.nodes.3', value: null }, { path: 'data.**.author', value: null }] } }, async (ask) => {
      const { body } = await ask();
      expect(body.errors).toEqual([{ type: 'SERVICE_UNAVAILABLE', message: 'later' }]);
      expect(body.data?.repository.pullRequests.nodes[3]).toBeNull();
      expect(body.data?.repository.pullRequests.nodes[2]).toEqual({ number: 3, author: null });
    });
  });

  it('limits, with seconds or in words only, and uses points up', async () => {
    await run({ when: { times: 1 }, then: { secondaryLimit: { status: 429, retryAfter: 7 } } }, async (ask) => {
      const reply = await ask();
      expect([reply.status, reply.headers.get('retry-after'), reply.body.message]).toEqual([429, '7', expect.stringContaining('secondary rate limit')]);
      expect((await ask()).status).toBe(200);
    });
    await run({ then: { secondaryLimit: { retryAfter: null } } }, async (ask) => {
      const reply = await ask();
      expect([reply.status, reply.headers.get('retry-after')]).toEqual([403, null]);
    });
    await run({ when: { times: 1 }, then: { primaryLimit: { resetInSeconds: 120, type: 'RATE_LIMIT' } } }, async (ask, double) => {
      const reply = await ask();
      expect([reply.body.errors?.[0]?.type, reply.headers.get('x-ratelimit-remaining')]).toEqual(['RATE_LIMIT', '0']);
      double.clock.advance(120_000);
      expect((await ask()).body.data).toBeDefined();
    });
  });

  it('refuses cursors, makes pages too heavy and lists endless', async () => {
    await run({ then: { cursorRefused: true } }, async (ask) => {
      const first = await ask();
      expect(first.body.errors).toBeUndefined();
      expect((await ask({ after: first.body.data?.repository.pullRequests.pageInfo.endCursor })).body.errors?.[0]?.type).toBe('INVALID_CURSOR_ARGUMENTS');
    });
    await run({ then: { maxPage: 6 } }, async (ask) => {
      expect([(await ask({ size: 7 })).status, (await ask({ size: 6 })).status]).toEqual([502, 200]);
    });
    await run({ then: { neverEnding: true } }, async (ask) => {
      let after: string | null = null;
      for (let page = 0; page < 5; page += 1) {
        const { pageInfo } = (await ask({ after, size: 30 })).body.data?.repository.pullRequests as { pageInfo: { hasNextPage: boolean; endCursor: string } };
        expect(pageInfo.hasNextPage).toBe(true);
        after = pageInfo.endCursor;
      }
    });
  });

  it('is set, listed and lifted while it runs', async () => {
    await withDouble({ world: simple(1).world }, async (double) => {
      const { ids } = (await post<{ ids: string[] }>(double, '/_control/faults', { when: { kind: 'rest', operation: 'repos/*' }, then: { status: 500, latencyMs: 5 } })).body;
      expect((await get(double, '/repos/acme/api')).status).toBe(500);
      expect((await get(double, '/user')).status).toBe(200);
      expect((await get<unknown[]>(double, '/_control/faults')).body).toMatchObject([{ id: ids[0], matched: 1, struck: 1 }]);
      await post(double, `/_control/faults?id=${ids[0]}`, undefined, {}, 'DELETE');
      expect((await get(double, '/repos/acme/api')).status).toBe(200);
    });
  });
});

it('keeps a journal of requests, and none of its own steering', async () => {
  await withDouble({ world: simple(30).world }, async (double) => {
    const first = await graphql(double, PAGE, { size: 10, name: 'api' });
    const after = first.body.data?.repository.pullRequests.pageInfo.endCursor as string;
    await graphql(double, PAGE, { size: 10, name: 'api', after });
    await graphql(double, PAGE, { size: 10, name: 'api', after });
    await get(double, '/repos/acme/api?x=1');
    const journal = (await get<{ summary: Record<string, unknown>; requests: unknown[] }>(double, '/_journal')).body;
    expect(journal.requests).toMatchObject([
      { kind: 'graphql', operation: 'Pulls', repositories: ['acme/api'], variables: { size: 10, name: 'api' }, cost: 1, status: 200, token: DEFAULT_TOKEN.slice(-4), pages: [{ of: 'acme/api', connection: 'pullRequests', after: null }] },
      { pages: [{ after }] },
      { pages: [{ after }] },
      { kind: 'rest', operation: 'repos/get', path: '/repos/acme/api?x=1', cost: 1 },
    ]);
    expect(journal.summary).toMatchObject({ calls: 4, points: 4, graphql: { calls: 3, points: 3 }, repeatedPages: [`acme/api pullRequests {} after ${after}`] });
    await post(double, '/_journal', undefined, {}, 'DELETE');
    expect(double.journal.list()).toEqual([]);
  });
});
