import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseSettings } from '../../src/shared/settings';

const ROOT = join(__dirname, '..', '..');
const BOARDS = join(ROOT, 'provisioning', 'dashboards');
const page = readFileSync(join(ROOT, 'docs', 'coming-from-middleware.md'), 'utf8');
const rows = page
  .slice(page.indexOf('## Where things are'), page.indexOf('## What is counted differently'))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| in Middleware'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

/** Every text of the pages, and the titles of the boards. */
function texts(value: unknown): string[] {
  return typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}

describe('the page for those who come from Middleware', () => {
  const known = new Set([
    ...texts(JSON.parse(readFileSync(join(ROOT, 'src', 'locales', 'en-US', 'dora-metrics-datasource.json'), 'utf8'))),
    ...readdirSync(BOARDS).filter((file) => file.endsWith('.json')).map((file) => (JSON.parse(readFileSync(join(BOARDS, file), 'utf8')) as { title: string }).title),
  ]);

  it('has a row for each of its features', () => {
    const features = ['team with repositories', 'production branches', 'deployment source', 'incident filters', 'excluded pull requests', 'sync lookback', 'force sync', 'pull request table with stages', 'previous cycle'];
    expect(features.filter((feature) => !rows.some(([, name]) => name.startsWith(feature)))).toEqual([]);
  });

  it.each(rows.map(([, feature, where]) => [feature, where]))('%s: calls things as the pages do', (_feature, where) => {
    const labels = [...where.matchAll(/\*([^*`]+)\*/g)].map(([, label]) => label);
    expect(labels.length).toBeGreaterThan(0);
    expect(labels.filter((label) => !known.has(label))).toEqual([]);
  });

  it('writes sources as the settings take them', () => {
    const lists = [...page.matchAll(/`(deployments|incidents): (\[\{ from: [^`…]+\}\])`/g)];
    expect(lists.length).toBeGreaterThan(4);
    for (const [, field, yaml] of lists) {
      const sources: unknown = parse(yaml);
      expect(parseSettings({ teams: [{ name: 'A', repositories: ['acme/a'], [field]: sources }] }).problems).toEqual([]);
    }
  });
});
