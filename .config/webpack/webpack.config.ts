import CopyPlugin from 'copy-webpack-plugin';
import { join } from 'node:path';
import type { Configuration } from 'webpack';
import { copiedFiles } from '../build/files';
import { sourceHash } from '../build/inputs';
import { ROOT } from '../run/paths.js';
import { EXTERNALS } from './externals';

const PLUGIN_ID = 'dora-metrics-datasource';

/** The part that runs in Grafana's page: one AMD module, with the editors as chunks of their own, and the plugin's files. */
const config: Configuration = {
  mode: 'production',
  target: ['web', 'es2021'],
  context: join(ROOT, 'src'),
  entry: { module: [join(ROOT, '.config/webpack/public-path.ts'), './module.ts'] },
  externals: EXTERNALS,
  externalsType: 'amd',
  devtool: 'source-map',
  output: {
    path: join(ROOT, 'dist'),
    filename: '[name].js',
    // Grafana's servers let browsers keep plugin files: a changed chunk needs a changed address. By all sources at once, for
    // webpack's hash of a chunk depends on the folder of the build, and the same sources should make the same files.
    chunkFilename: `[name].js?_cache=${sourceHash().slice(0, 20)}`,
    publicPath: `public/plugins/${PLUGIN_ID}/`,
    uniqueName: PLUGIN_ID,
    library: { type: 'amd' },
    clean: { keep: /^gpx_/ },
  },
  resolve: { extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'] },
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        exclude: /node_modules/,
        use: {
          loader: 'swc-loader',
          options: {
            jsc: {
              target: 'es2021',
              parser: { syntax: 'typescript', tsx: true },
              transform: { react: { runtime: 'automatic', development: false } },
            },
          },
        },
      },
      // Some packages import their own ES modules without the extension that webpack asks of such files.
      { test: /\.m?js$/, resolve: { fullySpecified: false } },
      { test: /\.(svg|png|woff2?)$/, type: 'asset/resource', generator: { filename: 'static/[name].[contenthash:8][ext]' } },
    ],
  },
  plugins: [new CopyPlugin({ patterns: copiedFiles() })],
  performance: { hints: false },
  stats: 'errors-warnings',
};

export default config;
