import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { unzipSync } from 'fflate';

/** What Grafana reads of plugin.json to load the plugin. */
interface PluginJson {
  id?: string;
  type?: string;
  name?: string;
  backend?: boolean;
  executable?: string;
  info?: { version?: string; updated?: string; logos?: { small?: string; large?: string }; screenshots?: Array<{ path?: string }> };
  dependencies?: { grafanaDependency?: string };
  includes?: Array<{ path?: string }>;
}

export interface ZipEntry {
  name: string;
  /** Unix mode, such as 0o100755. */
  mode: number;
}

const ALWAYS = ['plugin.json', 'module.js', 'README.md', 'CHANGELOG.md', 'LICENSE'];
const CENTRAL = 0x02014b50;
const END = 0x06054b50;

/** Names and modes as an unpacking program sees them. */
export function entriesOf(zip: Uint8Array): ZipEntry[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  let end = zip.length - 22;
  while (end > 0 && view.getUint32(end, true) !== END) {
    end -= 1;
  }
  const entries: ZipEntry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    if (view.getUint32(at, true) !== CENTRAL) {
      throw new Error('The zip has no whole directory.');
    }
    const length = view.getUint16(at + 28, true);
    entries.push({ name: new TextDecoder().decode(zip.subarray(at + 46, at + 46 + length)), mode: view.getUint32(at + 38, true) >>> 16 });
    at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/**
 * What is wrong with a plugin's zip; empty when Grafana will take it.
 * @param executable File name of the one program in it.
 * @param schema Grafana's JSON schema of plugin.json, where it is at hand.
 */
export function problemsOf(zip: Uint8Array, id: string, executable: string, schema?: object): string[] {
  const problems: string[] = [];
  const entries = entriesOf(zip);
  const names = new Set(entries.map(({ name }) => name));
  const must = (good: boolean, problem: string): void => {
    if (!good) {
      problems.push(problem);
    }
  };
  for (const { name, mode } of entries) {
    const isProgram = name.split('/').at(-1)?.startsWith('gpx_') ?? false;
    must(name.startsWith(`${id}/`) && !name.includes('..') && !name.includes('\\'), `${name} lies outside the plugin's folder`);
    must(mode === (isProgram ? 0o100755 : 0o100644), `${name} has mode ${mode.toString(8)}`);
    must(!isProgram || name === `${id}/${executable}`, `${name} is not for this platform`);
  }
  const plugin = JSON.parse(new TextDecoder().decode(unzipSync(zip, { filter: ({ name }) => name === `${id}/plugin.json` })[`${id}/plugin.json`] ?? new TextEncoder().encode('{}'))) as PluginJson;
  const images = [plugin.info?.logos?.small, plugin.info?.logos?.large, ...(plugin.info?.screenshots ?? []).map(({ path }) => path), ...(plugin.includes ?? []).map(({ path }) => path)];
  for (const path of [...ALWAYS, executable, ...images.map((image) => image ?? '(a path that is not given)')]) {
    must(names.has(`${id}/${path}`), `${path} is missing`);
  }
  must(plugin.id === id && plugin.type === 'datasource' && plugin.backend === true && Boolean(plugin.name), 'plugin.json does not describe this plugin');
  must(executable.startsWith(`${plugin.executable}_`), `plugin.json names the executable ${String(plugin.executable)}`);
  must(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(plugin.info?.version ?? ''), 'plugin.json has no version');
  must(/^\d{4}-\d{2}-\d{2}$/.test(plugin.info?.updated ?? ''), 'plugin.json has no date');
  must(/^>=\d+\.\d+\.\d+/.test(plugin.dependencies?.grafanaDependency ?? ''), 'plugin.json does not say which Grafana it needs');
  if (schema) {
    // Grafana's schema has patterns that only the older reading of expressions takes.
    const ajv = addFormats(new Ajv({ strict: false, allErrors: true, unicodeRegExp: false }));
    const validate = ajv.compile({ ...schema, $schema: undefined });
    must(validate(plugin), `plugin.json: ${ajv.errorsText(validate.errors)}`);
  }
  return problems;
}
