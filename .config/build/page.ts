import { createRequire } from 'node:module';
import config from '../webpack/webpack.config';

// Imported as a module, webpack announces every deprecated name that it still exports.
const webpack = createRequire(import.meta.url)('webpack') as typeof import('webpack');

/** Builds the browser part and copies the plugin's files into dist/; returns webpack's warnings. */
export function buildPage(): Promise<string> {
  return new Promise((resolve, reject) => {
    webpack(config, (error, stats) => {
      if (error) {
        reject(error);
      } else if (stats === undefined || stats.hasErrors()) {
        reject(new Error(stats?.toString({ preset: 'errors-warnings', colors: false }) ?? 'webpack ended without a result'));
      } else {
        resolve(stats.hasWarnings() ? stats.toString({ preset: 'errors-warnings', colors: false }) : '');
      }
    });
  });
}
