import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const DIRECTION = 'boundaries/dependencies';

/** File, import, and the rule that must catch it; null where the import is allowed. */
const CASES: [file: string, code: string, rule: string | null][] = [
  ['src/engine/x.ts', "import '../shared/glob';", null],
  ['src/engine/x.ts', "import './model';", null],
  ['src/engine/x.ts', "import '../store/store';", DIRECTION],
  ['src/engine/x.ts', "import '../backend/main';", DIRECTION],
  ['src/engine/x.ts', "import 'node:fs';", 'no-restricted-imports'],
  ['src/engine/x.ts', 'export const now = Date.now();', 'no-restricted-properties'],
  ['src/shared/x.ts', "import '../engine/model';", DIRECTION],
  ['src/sources/github/x.ts', "import '../../engine/model';", null],
  ['src/sources/github/x.ts', "import '../source';", null],
  ['src/sources/github/x.ts', "import '../../store/store';", null],
  ['src/sources/github/x.ts', "import '../../engine/engine';", DIRECTION],
  ['src/sources/github/x.ts', "import '../../store/sqlite/store';", DIRECTION],
  ['src/store/sqlite/x.ts', "import '../../engine/model';", null],
  ['src/store/sqlite/x.ts', "import '../../sources/source';", DIRECTION],
  ['src/store/sqlite/x.ts', "import 'bun:sqlite';", 'no-restricted-imports'],
  ['src/backend/x.ts', "import '../store/sqlite/store';", null],
  ['src/backend/x.ts', "import '../datasource';", DIRECTION],
  ['src/backend/x.ts', "console.log('hello');", 'no-console'],
  ['src/backend/x.ts', 'export const version = Bun.version;', 'no-restricted-globals'],
  ['src/backend/x.ts', "import '../../tests/lint/imports.test';", 'no-restricted-imports'],
  ['src/editors/x.tsx', "import '../shared/queryOptions';", null],
  ['src/editors/x.tsx', "import '../engine/model';", DIRECTION],
  ['src/editors/x.tsx', 'export const anything: any = 1;', '@typescript-eslint/no-explicit-any'],
  ['src/x.ts', "import '../src/backend/main';", DIRECTION],
];

let answers: string[][];

beforeAll(() => {
  const input = JSON.stringify(CASES.map(([file, code]) => ({ file: join(ROOT, file), code })));
  const { stdout, stderr, status } = spawnSync('node', [join(__dirname, 'lint-texts.mjs')], { cwd: ROOT, input, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(stderr);
  }
  answers = JSON.parse(stdout) as string[][];
}, 60_000);

test.each(CASES.map((row, index) => [row[0], row[1], row[2], index] as const))('%s: %s', (_file, _code, rule, index) => {
  expect(answers[index]).toEqual(rule === null ? [] : [rule]);
});
