import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.js';
import { bun, collect, node, run } from './steps.js';

const RESULTS = join(ROOT, '.cache', 'results');
/** Where tests/support/secret-scan.ts leaves its records. */
const SECRET_SCAN = join(ROOT, '.cache', 'secret-scan');
const JEST = 'jest/bin/jest.js';

/** @typedef {{ name: string, passed: number, failed: number, skipped: number, note: string }} Outcome */

/** The static checks: each counts as one test. They share the machine's processors, as none needs another's result. */
const STATIC = [
  { name: 'types', program: () => node('typescript/bin/tsc', '--noEmit', '-p', '.') },
  { name: 'lint', program: () => node('eslint/bin/eslint.js', '.') },
  { name: 'build', program: () => bun('.config/build.ts') },
];

/** @returns {Promise<Outcome>} */
async function staticCheck({ name, program }) {
  const [file, args] = program();
  const started = Date.now();
  const { code, output } = await collect(file, args);
  const took = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  process.stdout.write(`\n${name}: ${code === 0 ? 'ok' : 'FAILED'} (${took})\n${output}`);
  return { name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, note: took };
}

function readResults(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/** What jest's JSON says; a suite that could not start counts as a failure, and so does a run without any test. */
export function jestOutcome(name, code, results) {
  if (results === null) {
    return { name, passed: 0, failed: 1, skipped: 0, note: 'could not start' };
  }
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const outcome = { name, passed: results.numPassedTests, failed, skipped: results.numPendingTests + results.numTodoTests, note: '' };
  return closing(outcome, code);
}

/** What Playwright's JSON says, by the same rules. A test that passed only when repeated counts as failed. */
export function playwrightOutcome(name, code, results) {
  if (results === null) {
    return { name, passed: 0, failed: 1, skipped: 0, note: 'could not start' };
  }
  const { expected, unexpected, flaky, skipped } = results.stats;
  return closing({ name, passed: expected, failed: unexpected + flaky + results.errors.length, skipped, note: '' }, code);
}

function closing(outcome, code) {
  if (outcome.failed > 0) {
    return outcome;
  }
  if (outcome.passed === 0) {
    return { ...outcome, failed: 1, note: 'no test ran' };
  }
  return code === 0 ? outcome : { ...outcome, failed: 1, note: `ended with code ${code}` };
}

async function jestSuite(name, projects, launcher, args) {
  const file = join(RESULTS, `${name}.json`);
  const [program, parameters] = launcher(...args, '--selectProjects', ...projects, '--json', `--outputFile=${file}`);
  const code = await run(program, parameters, { FORCE_COLOR: process.stdout.isTTY ? '1' : '0' });
  return jestOutcome(name, code, readResults(file));
}

/** @returns {Promise<Outcome>} */
function unitTests(...args) {
  return jestSuite('unit', ['engine', 'browser'], (...rest) => node(JEST, ...rest), args);
}

/** @returns {Promise<Outcome>} */
function backendTests(...args) {
  return jestSuite('backend', ['backend'], (...rest) => bun(`node_modules/${JEST}`, ...rest), args);
}

/** @returns {Promise<Outcome>} */
async function browserTests() {
  const file = join(RESULTS, 'chromium.json');
  const [program, args] = node('@playwright/test/cli.js', 'test', '--config', 'tests/browser/playwright.config.ts', '--reporter=list,json');
  const code = await run(program, args, { PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  return playwrightOutcome('chromium', code, readResults(file));
}

/** What the tests that started the executable found of the secrets that they gave it: one record a process. */
export function secretsOutcome(records) {
  const leaks = [...new Set(records.flatMap((record) => record.leaks))];
  const megabytes = (records.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1);
  const secrets = records.reduce((sum, record) => sum + record.secrets, 0);
  const clean = leaks.length === 0 && secrets > 0;
  const note = secrets > 0 ? `${records.length} processes, ${megabytes} MB of answers, logs and stores${leaks.map((leak) => `\n  ${leak}`).join('')}` : 'nothing was looked at';
  return { name: 'no secret shown', passed: clean ? 1 : 0, failed: clean ? 0 : 1, skipped: 0, note };
}

function secretRecords() {
  return existsSync(SECRET_SCAN) ? readdirSync(SECRET_SCAN).map((name) => readResults(join(SECRET_SCAN, name))) : [];
}

export function closingLine(outcomes) {
  const sum = (key) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const skipped = sum('skipped');
  return `${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Every check and test; resolves to the exit code. The closing line is the last of stdout. */
export async function testEverything() {
  rmSync(RESULTS, { recursive: true, force: true });
  mkdirSync(RESULTS, { recursive: true });
  rmSync(SECRET_SCAN, { recursive: true, force: true });
  const outcomes = [];
  try {
    outcomes.push(...(await Promise.all(STATIC.map(staticCheck))));
    outcomes.push(await unitTests());
    outcomes.push(await backendTests());
    outcomes.push(secretsOutcome(secretRecords()));
    outcomes.push(await browserTests());
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    outcomes.push({ name: 'the test run itself', passed: 0, failed: 1, skipped: 0, note: 'broke off' });
  }
  process.stdout.write('\n');
  for (const { name, passed, failed, skipped, note } of outcomes) {
    process.stdout.write(`${name.padEnd(20)} ${String(passed).padStart(6)} ok ${String(failed).padStart(5)} not ok ${String(skipped).padStart(5)} left out   ${note}\n`);
  }
  process.stdout.write(`\n${closingLine(outcomes)}\n`);
  return outcomes.some((outcome) => outcome.failed > 0) ? 1 : 0;
}
