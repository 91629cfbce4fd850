import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../run/paths.js';

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** A Grafana to check against. React is the one that this Grafana gives to its plugins. */
export interface GrafanaVersion {
  grafana: string;
  react: '18' | '19';
}

const GRAFANA_PACKAGES = ['@grafana/data', '@grafana/i18n', '@grafana/runtime', '@grafana/schema', '@grafana/ui'];
/** Ours at the versions that are bundled, and what their types need. */
const OWN_PACKAGES = ['@emotion/css', '@grafana/aws-sdk', '@grafana/plugin-ui', 'rxjs', 'yaml', 'zod', 'luxon', '@types/luxon'];
const REACT = { '18': { react: '18.3.1', types: '18.3.31' }, '19': { react: '19.2.0', types: '19.2.2' } } as const;

/**
 * A folder of its own with the browser part's sources and the packages of one Grafana version; returns its path. Kept in
 * .cache, so that a second check of the same version installs nothing.
 */
export function prepareSandbox({ grafana, react }: GrafanaVersion): string {
  const folder = join(ROOT, '.cache', 'compat', grafana);
  mkdirSync(folder, { recursive: true });
  // Grafana 12.3 takes this one from a git commit, which registries do not have; no type of ours depends on it.
  const overrides = { 'react-data-grid': 'npm:@grafana/react-data-grid@7.0.0-beta.57' };
  const manifest = JSON.stringify({ private: true, dependencies: dependenciesFor(grafana, react), overrides }, null, 2);
  const manifestFile = join(folder, 'package.json');
  const stamp = join(folder, 'node_modules', '.complete');
  if (!existsSync(stamp) || !existsSync(manifestFile) || readFileSync(manifestFile, 'utf8') !== manifest) {
    writeFileSync(manifestFile, manifest);
    // Packages of older Grafana versions name peers that newer ones of ours exclude; Grafana itself mixes them just so.
    const result = spawnSync('npm', ['install', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund', '--no-package-lock'], {
      cwd: folder,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (result.status !== 0) {
      throw new Error(`The packages of Grafana ${grafana} could not be installed:\n${result.stderr}`);
    }
    writeFileSync(stamp, '');
  }
  copySources(folder);
  return folder;
}

function dependenciesFor(grafana: string, react: '18' | '19'): Record<string, string> {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
  const all: Record<string, string | undefined> = { ...manifest.dependencies, ...manifest.devDependencies };
  const own = OWN_PACKAGES.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]] as const]));
  const chosen = REACT[react];
  return {
    ...Object.fromEntries(GRAFANA_PACKAGES.map((name) => [name, grafana])),
    ...Object.fromEntries(own),
    react: chosen.react,
    'react-dom': chosen.react,
    '@types/react': chosen.types,
    '@types/react-dom': react === '18' ? '18.3.7' : '19.2.2',
  };
}

/** The files beside module.ts, plugin.json among them, the editors and the shared code, without tests. */
function copySources(folder: string): void {
  const target = join(folder, 'src');
  rmSync(target, { recursive: true, force: true });
  const isSource = (path: string): boolean => !/\.test\.tsx?$/.test(path);
  for (const entry of readdirSync(join(ROOT, 'src'), { withFileTypes: true })) {
    const wanted = entry.isFile() ? /\.tsx?$|^plugin\.json$/.test(entry.name) && isSource(entry.name) : ['editors', 'shared'].includes(entry.name);
    if (wanted) {
      cpSync(join(ROOT, 'src', entry.name), join(target, entry.name), { recursive: true, filter: isSource });
    }
  }
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')) as { compilerOptions: object };
  const options = { ...compilerOptions, types: [], typeRoots: [join(folder, 'node_modules', '@types')] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['src'] }, null, 2));
}
