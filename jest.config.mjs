/**
 * Three kinds of tests, told apart by where they lie:
 *
 * - `engine`  pure code and build scripts, under Node (`npm run test:unit`)
 * - `browser` what runs in Grafana's page, under Node with jsdom (`npm run test:unit`)
 * - `backend` what runs in the executable, under Bun as the executable does (`npm run test:backend`)
 *
 * The playground's browser test is no part of these: see tests/browser.
 */

/** Set by `npm run test:long`: full numbers of property and fault tests, which need longer than Jest's 5 s. */
const long = process.env.DORA_LONG === '1';

/** Packages that ship ES modules only. Jest's runtime is CommonJS, so these are compiled like our own code. */
const ES_MODULES_ONLY = [
  '@octokit/[^/]+',
  'universal-user-agent',
  'before-after-hook',
  'toad-cache',
  'universal-github-app-jwt',
  'json-with-bigint',
  'ol',
  '@wojtekmaj/date-utils',
  'mimic-function',
  'memoize',
  'get-user-locale',
  'react-calendar',
  'd3-scale-chromatic',
  'd3-color',
  'd3-interpolate',
  'marked',
];

const swc = [
  '@swc/jest',
  {
    jsc: {
      parser: { syntax: 'typescript', tsx: true, decorators: false },
      transform: { react: { runtime: 'automatic' } },
      target: 'es2022',
    },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
];

const common = {
  rootDir: import.meta.dirname,
  transform: { '\\.[cm]?[jt]sx?$': swc },
  transformIgnorePatterns: [`/node_modules/(?!.*/node_modules/)(?!(?:${ES_MODULES_ONLY.join('|')})/)`],
  moduleFileExtensions: ['ts', 'tsx', 'js', 'mjs', 'cjs', 'jsx', 'json', 'node'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/artifacts/', '<rootDir>/.cache/'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/', '<rootDir>/artifacts/', '<rootDir>/tests/browser/', '<rootDir>/tests/e2e/'],
  setupFiles: [],
};

export default {
  // One worker a processor: jest's own default leaves one idle, half of a small machine.
  maxWorkers: '100%',
  testTimeout: long ? 600_000 : 60_000,
  projects: [
    {
      ...common,
      displayName: 'engine',
      testEnvironment: 'node',
      testMatch: [
        '<rootDir>/src/{engine,shared}/**/*.test.ts',
        '<rootDir>/{playground,.config,provisioning}/**/*.test.ts',
        '<rootDir>/tests/{engine,dashboards,lint}/**/*.test.ts',
      ],
    },
    {
      ...common,
      displayName: 'browser',
      testEnvironment: '<rootDir>/.config/jest/jsdom.mjs',
      testMatch: ['<rootDir>/src/{editors,panels}/**/*.test.{ts,tsx}', '<rootDir>/src/*.test.{ts,tsx}', '<rootDir>/playground/**/*.test.tsx'],
      setupFilesAfterEnv: ['<rootDir>/.config/jest/browser.ts'],
      moduleNameMapper: {
        // Icons are fetched; here there is nobody to fetch them from, and a test would end before the answer.
        '^react-inlinesvg$': '<rootDir>/.config/jest/icon.tsx',
        '\\.(css|scss|svg|png)$': '<rootDir>/.config/jest/asset.ts',
      },
    },
    {
      ...common,
      displayName: 'backend',
      testEnvironment: 'node',
      testMatch: [
        '<rootDir>/src/{store,sources,backend}/**/*.test.ts',
        '<rootDir>/tests/{conformance,doubles,bench,security,fuzz,packages}/**/*.test.ts',
      ],
    },
  ],
};
