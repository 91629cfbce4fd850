import * as emotionCss from '@emotion/css';
import * as emotionReact from '@emotion/react';
import * as data from '@grafana/data';
import * as runtime from '@grafana/runtime';
import * as schema from '@grafana/schema';
import * as ui from '@grafana/ui';
import * as i18next from 'i18next';
import * as lodash from 'lodash';
import * as moment from 'moment';
import * as react from 'react';
import * as jsxRuntime from 'react/jsx-runtime';
import * as reactDom from 'react-dom';
import * as rxjs from 'rxjs';
import * as rxjsOperators from 'rxjs/operators';

/** What Grafana shares with a plugin instead of letting it bring its own copy. */
const SHARED: Record<string, unknown> = {
  '@emotion/css': emotionCss,
  '@emotion/react': emotionReact,
  '@grafana/data': data,
  '@grafana/runtime': runtime,
  '@grafana/schema': schema,
  '@grafana/ui': ui,
  i18next,
  lodash,
  moment,
  react,
  'react/jsx-runtime': jsxRuntime,
  'react-dom': reactDom,
  rxjs,
  'rxjs/operators': rxjsOperators,
};

type Factory = (...modules: unknown[]) => unknown;

interface Define {
  (...parts: unknown[]): void;
  amd: Record<string, never>;
}

/**
 * Loads the built plugin as Grafana does: an AMD module that names what it shares with its host.
 * @throws when the file is missing or asks for something that Grafana does not share
 */
export async function loadPlugin(url: string): Promise<Record<string, unknown>> {
  const address = new URL(url, window.location.href).href;
  const defined = new Promise<Record<string, unknown>>((resolve, reject) => {
    const define: Define = Object.assign(
      (...parts: unknown[]) => {
        try {
          const named = typeof parts[0] === 'string' ? parts.slice(1) : parts;
          const [names, factory] = (Array.isArray(named[0]) ? named : [[], named[0]]) as [string[], Factory];
          const exported: Record<string, unknown> = {};
          const modules = names.map((name) => moduleNamed(name, address, exported));
          resolve((factory(...modules) as Record<string, unknown> | undefined) ?? exported);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      },
      { amd: {} }
    );
    Object.assign(window, { define });
    const script = document.createElement('script');
    script.src = address;
    script.onerror = () => reject(new Error(`${address} could not be loaded: run "npm run build" first`));
    document.head.append(script);
  });
  const plugin = await defined;
  return plugin;
}

function moduleNamed(name: string, address: string, exported: Record<string, unknown>): unknown {
  if (name === 'exports') {
    return exported;
  }
  if (name === 'module' || name === 'amd-module') {
    return { id: address, uri: address, exports: exported };
  }
  if (!(name in SHARED)) {
    throw new Error(`The plugin expects "${name}" from its host`);
  }
  return SHARED[name];
}
