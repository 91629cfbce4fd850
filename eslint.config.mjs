import grafanaI18n from '@grafana/i18n/eslint-plugin';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { forbiddenModules, importDirection, pureEngine } from './.config/eslint/boundaries.mjs';

export default tseslint.config(
  { ignores: ['dist/', 'artifacts/', '.cache/', 'coverage/', 'test-results/', 'playwright-report/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strict],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-empty-function': 'off',
      // Lookups that hold by construction are common in the engine; a guard there would be a branch that no test can reach.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-implicit-coercion': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['src/**/*.tsx', 'src/**/use*.ts', 'playground/**/*.tsx'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  {
    // A text that is looked up while a module loads is looked up before its language is there.
    files: ['src/*.ts', 'src/editors/**/*.{ts,tsx}'],
    plugins: { '@grafana/i18n': grafanaI18n },
    rules: { '@grafana/i18n/no-translation-top-level': 'error' },
  },
  { files: ['**/*.{js,mjs}'], extends: [tseslint.configs.strict] },
  forbiddenModules,
  pureEngine,
  importDirection
);
