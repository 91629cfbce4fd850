import { closingLine, jestOutcome, playwrightOutcome, secretsOutcome } from './checks';

const JEST = { numPassedTests: 5, numFailedTests: 0, numRuntimeErrorTestSuites: 0, numPendingTests: 1, numTodoTests: 1 };
const PLAYWRIGHT = { stats: { expected: 3, unexpected: 0, flaky: 0, skipped: 0 }, errors: [] as object[] };

describe('the outcome of a suite', () => {
  test('counts tests', () => {
    expect(jestOutcome('unit', 0, JEST)).toMatchObject({ passed: 5, failed: 0, skipped: 2 });
    expect(playwrightOutcome('chromium', 0, PLAYWRIGHT)).toMatchObject({ passed: 3, failed: 0, skipped: 0 });
  });

  test('a suite that could not start is a failure', () => {
    expect(jestOutcome('unit', 1, null)).toMatchObject({ passed: 0, failed: 1 });
    expect(playwrightOutcome('chromium', 1, null)).toMatchObject({ passed: 0, failed: 1 });
  });

  test('a file that could not be loaded is a failure beside the tests that passed', () => {
    expect(jestOutcome('unit', 1, { ...JEST, numRuntimeErrorTestSuites: 2 })).toMatchObject({ passed: 5, failed: 2 });
    expect(playwrightOutcome('chromium', 1, { ...PLAYWRIGHT, errors: [{}] })).toMatchObject({ passed: 3, failed: 1 });
  });

  test('no test at all is a failure', () => {
    expect(jestOutcome('unit', 0, { ...JEST, numPassedTests: 0 })).toMatchObject({ failed: 1, note: 'no test ran' });
  });

  test('a bad end without a failed test is a failure', () => {
    expect(jestOutcome('unit', 134, JEST)).toMatchObject({ passed: 5, failed: 1 });
  });

  test('a test that passed only when repeated is a failure', () => {
    expect(playwrightOutcome('chromium', 0, { ...PLAYWRIGHT, stats: { ...PLAYWRIGHT.stats, flaky: 1 } })).toMatchObject({ passed: 3, failed: 1 });
  });
});

test('the closing line is the sum of all suites', () => {
  const unit = { name: 'unit', passed: 5, failed: 1, skipped: 0, note: '' };
  expect(closingLine([unit, { ...unit, passed: 2, failed: 0 }])).toBe('7 passed, 1 failed');
  expect(closingLine([unit, { ...unit, skipped: 4 }])).toBe('10 passed, 2 failed, 4 skipped');
});

describe('the scan for secrets', () => {
  test('is good when something was looked at and nothing found', () => {
    expect(secretsOutcome([{ secrets: 2, bytes: 10, leaks: [] }])).toMatchObject({ passed: 1, failed: 0 });
  });

  test('fails on a leak, and when nothing was looked at', () => {
    expect(secretsOutcome([{ secrets: 2, bytes: 10, leaks: ['log: form 0 of secret 1'] }])).toMatchObject({ passed: 0, failed: 1, note: expect.stringContaining('log: form 0') });
    expect(secretsOutcome([])).toMatchObject({ failed: 1 });
    expect(secretsOutcome([{ secrets: 0, bytes: 10, leaks: [] }])).toMatchObject({ failed: 1 });
  });
});
