import { defineConfig } from 'i18next-cli';
import plugin from '../src/plugin.json';

/** Catalogues of the editors' texts: `npm run texts` writes them from the code; a text that no language has yet stays English. */
export default defineConfig({
  locales: plugin.languages,
  extract: {
    input: ['src/*.{ts,tsx}', 'src/editors/**/*.{ts,tsx}'],
    ignore: ['**/*.test.{ts,tsx}'],
    output: `src/locales/{{language}}/${plugin.id}.json`,
    defaultNS: false,
    functions: ['t', '*.t'],
    transComponents: ['Trans'],
    sort: true,
    removeUnusedKeys: true,
  },
});
