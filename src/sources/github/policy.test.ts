import { budgetOf, classify, decide, reserveWait, retryAfter, type Attempt } from './policy';

const now = Date.parse('2026-03-01T12:00:00Z');
const fresh = { failed: 0, limited: 0 };

function attempt(part: Partial<Attempt>): Attempt {
  return { status: 200, failure: null, headers: {}, message: '', graphql: true, errors: [], wellFormed: true, hasData: true, ...part };
}

describe('what to do after an attempt', () => {
  test.each<[string, Partial<Attempt>, object]>([
    ['a good answer', {}, { do: 'accept' }],
    ['not modified', { status: 304, graphql: false }, { do: 'accept' }],
    ['wrong token', { status: 401, message: 'Bad credentials' }, { do: 'fail', code: 'GITHUB_TOKEN_INVALID' }],
    ['no permission', { status: 403, message: 'Resource not accessible', headers: { 'x-accepted-github-permissions': 'actions=read' } }, { do: 'fail', code: 'GITHUB_SCOPE_MISSING', message: expect.stringContaining('actions=read') }],
    ['single sign-on', { status: 403, headers: { 'x-github-sso': 'required; url=x' } }, { do: 'fail', code: 'GITHUB_SCOPE_MISSING', message: expect.stringContaining('single sign-on') }],
    ['gone', { status: 404, graphql: false }, { do: 'fail', code: 'GITHUB_REPOSITORY_GONE' }],
    ['heavy page 502', { status: 502 }, { do: 'shrink' }],
    ['heavy page 504', { status: 504 }, { do: 'shrink' }],
    ['heavy page without an answer', { status: null, failure: 'timeout' }, { do: 'shrink' }],
    ['resource limits', { errors: [{ type: 'RESOURCE_LIMITS_EXCEEDED', message: 'x' }], hasData: true }, { do: 'shrink' }],
    ['GitHub\'s own time limit', { errors: [{ message: 'Something went wrong while executing your query. This may be the result of a timeout' }], hasData: false }, { do: 'shrink' }],
    ['502 of a REST call', { status: 502, graphql: false }, { do: 'retry', afterMs: 1_000 }],
    ['500', { status: 500 }, { do: 'retry', afterMs: 1_000 }],
    ['connection cut', { status: null, failure: 'network' }, { do: 'retry', afterMs: 1_000 }],
    ['answer cut', { wellFormed: false }, { do: 'retry', afterMs: 1_000 }],
    ['data beside errors', { errors: [{ message: 'boom' }] }, { do: 'retry', afterMs: 1_000 }],
    ['an object that is missing', { errors: [{ type: 'NOT_FOUND', message: 'x', path: ['r0'] }] }, { do: 'accept' }],
    ['a missing object beside another error', { errors: [{ type: 'NOT_FOUND', message: 'x' }, { message: 'boom' }] }, { do: 'retry', afterMs: 1_000 }],
    ['a refused cursor', { errors: [{ message: '`x` does not appear to be a valid cursor.' }], hasData: false }, { do: 'accept' }],
    ['primary limit, GraphQL', { errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }], headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 600) } }, { do: 'pause', limit: 'primary', ms: 601_000 }],
    ['the other name of it', { errors: [{ type: 'RATE_LIMIT', message: 'API rate limit exceeded' }], headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 600) } }, { do: 'pause', limit: 'primary', ms: 601_000 }],
    ['primary limit, REST', { status: 403, graphql: false, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 60) } }, { do: 'pause', limit: 'primary', ms: 61_000 }],
    ['secondary limit with seconds', { status: 403, headers: { 'retry-after': '30', 'x-ratelimit-remaining': '4000' } }, { do: 'pause', limit: 'secondary', ms: 30_000 }],
    ['secondary limit as 429', { status: 429, headers: { 'retry-after': '30' } }, { do: 'pause', limit: 'secondary', ms: 30_000 }],
    ['secondary limit with a date', { status: 429, headers: { 'retry-after': 'Sun, 01 Mar 2026 12:02:00 GMT' } }, { do: 'pause', limit: 'secondary', ms: 120_000 }],
    ['secondary limit without a word', { status: 403, message: 'You have exceeded a secondary rate limit' }, { do: 'pause', limit: 'secondary', ms: 60_000 }],
    ['secondary limit in a GraphQL answer', { errors: [{ type: 'RATE_LIMITED', message: 'secondary rate limit' }], headers: { 'x-ratelimit-remaining': '0' } }, { do: 'pause', limit: 'secondary', ms: 60_000 }],
    ['bad request', { status: 422, graphql: false, message: 'Validation failed' }, { do: 'fail', code: 'GITHUB_ANSWER_UNEXPECTED' }],
  ])('%s', (_name, part, expected) => {
    expect(decide(attempt(part), fresh, now)).toMatchObject(expected);
  });

  test('pauses between failures double, then the error has its code', () => {
    const cut = attempt({ status: null, failure: 'network', message: 'socket closed' });
    expect([0, 1, 2, 3].map((failed) => decide(cut, { failed, limited: 0 }, now))).toEqual([1, 2, 4, 8].map((s) => ({ do: 'retry', afterMs: s * 1_000 })));
    const last = { failed: 4, limited: 0 };
    expect(decide(cut, last, now)).toMatchObject({ do: 'fail', code: 'GITHUB_UNREACHABLE' });
    expect(decide(attempt({ status: 500 }), last, now)).toMatchObject({ do: 'fail', code: 'GITHUB_UNAVAILABLE' });
    expect(decide(attempt({ errors: [{ message: 'boom' }] }), last, now)).toMatchObject({ do: 'fail', code: 'GITHUB_PARTIAL' });
    expect(decide(attempt({ wellFormed: false }), last, now)).toMatchObject({ do: 'fail', code: 'GITHUB_ANSWER_UNEXPECTED' });
    expect(decide(attempt({ errors: [{ message: 'Field x does not exist' }], hasData: false }), last, now)).toMatchObject({ do: 'fail', code: 'GITHUB_ANSWER_UNEXPECTED' });
  });

  test('secondary limits without a word wait longer each time, at most 16 minutes, and end with a code', () => {
    const silent = attempt({ status: 429 });
    expect([0, 1, 2, 3, 4, 5].map((limited) => decide(silent, { failed: 0, limited }, now))).toEqual(
      [1, 2, 4, 8, 16, 16].map((minutes) => ({ do: 'pause', limit: 'secondary', ms: minutes * 60_000 }))
    );
    expect(decide(silent, { failed: 0, limited: 8 }, now)).toMatchObject({ do: 'fail', code: 'GITHUB_RATE_LIMITED' });
  });

  test('a clock that is wrong by hours changes no pause: GitHub\'s date counts', () => {
    const reset = String(now / 1000 + 300);
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset, date: new Date(now).toUTCString() };
    for (const skew of [-86_400_000, 0, 86_400_000]) {
      expect(decide(attempt({ status: 403, headers }), fresh, now + skew)).toEqual({ do: 'pause', limit: 'primary', ms: 301_000 });
    }
  });

  test('no pause is longer than GitHub\'s window', () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 1e7) };
    expect(decide(attempt({ status: 403, headers }), fresh, now)).toMatchObject({ ms: 62 * 60_000 });
  });
});

describe('budget and reserve', () => {
  const headers = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '500', 'x-ratelimit-reset': String(now / 1000 + 60) };

  test('is read from headers, null where limits are off', () => {
    expect(budgetOf(headers, now)).toEqual({ limit: 5_000, remaining: 500, resetsAt: now + 61_000 });
    expect(budgetOf({}, now)).toBeNull();
  });

  test('stops at a tenth and goes on at the reset', () => {
    const budget = budgetOf(headers, now)!;
    expect(reserveWait(budget, now)).toBe(61_000);
    expect(reserveWait({ ...budget, remaining: 501 }, now)).toBe(0);
    expect(reserveWait(budget, now + 61_000)).toBe(0);
    expect(reserveWait(null, now)).toBe(0);
  });
});

test('retry-after that makes no sense is none', () => {
  expect(retryAfter({ 'retry-after': 'soon' }, now)).toBeNull();
  expect(retryAfter({ 'retry-after': '-1' }, now)).toBeNull();
  expect(retryAfter({ 'retry-after': '0' }, now)).toBe(0);
  expect(retryAfter({}, now)).toBeNull();
});

test('accepted errors have a code', () => {
  expect(classify([])).toBeNull();
  expect(classify([{ type: 'NOT_FOUND', message: 'x' }])).toEqual({ code: 'GITHUB_REPOSITORY_GONE', message: 'x' });
  expect(classify([{ type: 'FORBIDDEN', message: 'x' }])).toEqual({ code: 'GITHUB_SCOPE_MISSING', message: 'x' });
  expect(classify([{ message: '`x` does not appear to be a valid cursor.' }])).toMatchObject({ code: 'cursor' });
});
