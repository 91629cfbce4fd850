import boundaries from 'eslint-plugin-boundaries';
import { ROOT } from '../run/paths.js';

const folder = (type) => ({ element: { type } });
const file = (category) => ({ file: { categories: category } });

/** Who may import whom within src; a folder may always import from itself. What is not allowed here is an error. */
const ALLOWED = [
  { from: folder('engine'), to: [folder('shared')] },
  { from: folder('store'), to: [folder('shared'), file('model')] },
  { from: folder('sources'), to: [folder('shared'), file('model'), file('store-interface')] },
  { from: folder('backend'), to: [folder('shared'), folder('engine'), folder('sources'), folder('store')] },
  { from: folder('dashboards'), to: [folder('shared'), folder('engine')] },
  { from: folder('editors'), to: [folder('shared'), file('page')] },
  { from: file('page'), to: [folder('shared'), folder('editors'), file('page')] },
];

const FOLDERS = ['shared', 'engine', 'sources', 'store', 'backend', 'editors', 'dashboards'];

/** The direction of imports. Tests may import what they test and its doubles, so the rule is for the code itself. */
export const importDirection = {
  files: ['src/**/*.{ts,tsx}'],
  ignores: ['**/*.test.{ts,tsx}', 'src/store/contract.ts'],
  plugins: { boundaries },
  settings: {
    'import/resolver': { node: { extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'] } },
    'boundaries/root-path': ROOT,
    'boundaries/elements': FOLDERS.map((type) => ({ type, pattern: `src/${type}`, partialMatch: false })),
    'boundaries/files': [
      { category: 'model', pattern: 'src/engine/model.ts' },
      { category: 'store-interface', pattern: 'src/store/store.ts' },
      { category: 'page', pattern: 'src/*.{ts,tsx}' },
    ],
  },
  rules: {
    'boundaries/dependencies': [
      'error',
      {
        default: 'disallow',
        message: 'src/{{from.element.type}} must not import this: see the direction of imports in CONTRIBUTING.md',
        policies: [
          ...FOLDERS.map((type) => ({ from: folder(type), allow: { to: folder(type) } })),
          ...ALLOWED.flatMap(({ from, to }) => to.map((target) => ({ from, allow: { to: target } }))),
        ],
      },
    ],
  },
};

/** Modules that no code of the plugin may use, whatever its folder. */
export const forbiddenModules = {
  files: ['src/**/*.{ts,tsx}'],
  ignores: ['**/*.test.{ts,tsx}'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          { regex: '^bun(:|$)', message: 'Only node: modules: the backend also runs and debugs under Node.' },
          { group: ['**/tests/**', '**/playground/**', '**/.config/**'], message: 'The plugin does not know its tests and tools.' },
        ],
      },
    ],
    'no-restricted-globals': ['error', { name: 'Bun', message: 'Only node: modules: the backend also runs and debugs under Node.' }],
    'no-console': 'error',
  },
};

/** The engine computes from what it is given: no clock, no I/O, no Grafana, no randomness. */
export const pureEngine = {
  files: ['src/engine/**/*.ts', 'src/shared/**/*.ts'],
  ignores: ['**/*.test.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          { regex: '^(node|bun):', message: 'Pure code: no I/O.' },
          { regex: '^(@grafana|@aws-sdk|@octokit|@grpc|react|rxjs)(/|$|-)', message: 'Pure code: it knows neither Grafana nor the sources.' },
        ],
      },
    ],
    'no-restricted-globals': ['error', 'fetch', 'process', 'setTimeout', 'setInterval', 'performance', 'Bun'],
    'no-restricted-properties': [
      'error',
      { object: 'Date', property: 'now', message: 'Pure code: the moment is an argument.' },
      { object: 'Math', property: 'random', message: 'Pure code: the same input, the same answer.' },
    ],
  },
};
