import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../run/paths';
import { archive, type ArchivedFile } from './archive';
import { problemsOf } from './verify';

const ID = 'dora-metrics-datasource';
const PROGRAM = 'gpx_dora_metrics_linux_amd64';
const PLUGIN_JSON = readFileSync(join(ROOT, 'src/plugin.json'), 'utf8').replace('%VERSION%', '1.2.3').replace('%TODAY%', '2026-03-02');

function file(name: string, text = '', executable = false): ArchivedFile {
  return { name, bytes: new TextEncoder().encode(text), executable };
}

const GOOD = [
  file(`${ID}/plugin.json`, PLUGIN_JSON),
  ...['module.js', 'README.md', 'CHANGELOG.md', 'LICENSE', 'img/logo.svg'].map((name) => file(`${ID}/${name}`)),
  file(`${ID}/${PROGRAM}`, 'program', true),
];
const problems = (files: ArchivedFile[]): string[] => problemsOf(archive(files, new Date(Date.UTC(2026, 2, 2))), ID, PROGRAM);

/** Everything that the plugin's own plugin.json names. */
const complete = [...GOOD, ...(JSON.parse(PLUGIN_JSON) as { info: { screenshots: Array<{ path: string }> } }).info.screenshots.map(({ path }) => file(`${ID}/${path}`))];

test('a good zip has no problem', () => {
  expect(problems(complete)).toEqual([]);
});

test.each([
  ['a program that does not start', complete.map((one) => (one.executable ? { ...one, executable: false } : one)), 'has mode 100644'],
  ['a program of another platform', [...complete, file(`${ID}/gpx_dora_metrics_darwin_arm64`, '', true)], 'not for this platform'],
  ['a file outside the folder', [...complete, file('elsewhere.txt')], 'outside'],
  ['a file above the folder', [...complete, file(`${ID}/../elsewhere.txt`)], 'outside'],
  ['no licence', complete.filter(({ name }) => !name.endsWith('LICENSE')), 'LICENSE is missing'],
  ['no logo', complete.filter(({ name }) => !name.endsWith('logo.svg')), 'img/logo.svg is missing'],
  ['an unfilled version', complete.map((one) => (one.name.endsWith('plugin.json') ? file(one.name, PLUGIN_JSON.replace('1.2.3', '%VERSION%')) : one)), 'no version'],
  ['another executable', complete.map((one) => (one.name.endsWith('plugin.json') ? file(one.name, PLUGIN_JSON.replace('gpx_dora_metrics', 'gpx_other')) : one)), 'names the executable gpx_other'],
])('%s is named', (_, files, problem) => {
  expect(problems(files).join('\n')).toContain(problem);
});

/** Downloaded from the address in plugin.json's `$schema`: it is Grafana's own and no part of this repository. */
const schema = process.env.GRAFANA_PLUGIN_SCHEMA;
(schema !== undefined && existsSync(schema) ? test : test.skip)('plugin.json is what Grafana’s schema asks for (GRAFANA_PLUGIN_SCHEMA)', () => {
  const read = JSON.parse(readFileSync(schema ?? '', 'utf8')) as object;
  expect(problemsOf(archive(complete, new Date(Date.UTC(2026, 2, 2))), ID, PROGRAM, read)).toEqual([]);
  const wrong = complete.map((one) => (one.name.endsWith('plugin.json') ? file(one.name, PLUGIN_JSON.replace('"datasource"', '"sourcedata"')) : one));
  expect(problemsOf(archive(wrong, new Date(Date.UTC(2026, 2, 2))), ID, PROGRAM, read).join('\n')).toContain('plugin.json: data/type');
});
