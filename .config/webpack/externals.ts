import type { Configuration } from 'webpack';

/**
 * Modules that every Grafana from 12.3 on gives to its plugins; bundled, they would be a second React, a second theme.
 * Everything else is bundled, @grafana/schema, @grafana/i18n, @grafana/plugin-ui and @grafana/aws-sdk among it.
 */
export const EXTERNALS: Configuration['externals'] = [
  { 'amd-module': 'module' },
  'react',
  'react/jsx-runtime',
  'react-dom',
  'react-redux',
  'react-router',
  'react-router-dom',
  'redux',
  'rxjs',
  'rxjs/operators',
  'lodash',
  'moment',
  'i18next',
  'd3',
  'jquery',
  'prismjs',
  'slate',
  'slate-plain-serializer',
  '@emotion/css',
  '@emotion/react',
  '@grafana/data',
  '@grafana/runtime',
  '@grafana/slate-react',
  '@grafana/ui',
];
