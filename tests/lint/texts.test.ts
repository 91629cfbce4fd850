import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { findBun } from '../../.config/run/bun.js';
import plugin from '../../src/plugin.json';

/** The editors' texts and their catalogues: what Grafana loads for a language is what the code asks for. */

const ROOT = join(__dirname, '..', '..');

type Catalogue = { [key: string]: string | Catalogue };

function catalogue(language: string): Map<string, string> {
  const texts = new Map<string, string>();
  const walk = (part: Catalogue, path: string): void => {
    for (const [key, value] of Object.entries(part)) {
      if (typeof value === 'string') {
        texts.set(path + key, value);
      } else {
        walk(value, `${path}${key}.`);
      }
    }
  };
  walk(JSON.parse(readFileSync(join(ROOT, 'src', 'locales', language, `${plugin.id}.json`), 'utf8')) as Catalogue, '');
  return texts;
}

/** Keys with their English text, from every call of `t('key', 'text')`. */
function askedFor(): Array<[key: string, text: string]> {
  const files = ['src', 'src/editors']
    .flatMap((folder) => readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: folder !== 'src' }))
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\./.test(entry.name));
  return files.flatMap(({ parentPath, name }) => {
    const found: Array<[string, string]> = [];
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't') {
        const [key, text] = node.arguments;
        if (ts.isStringLiteralLike(key) && ts.isStringLiteralLike(text)) {
          found.push([key.text, text.text]);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(name, readFileSync(join(parentPath, name), 'utf8'), ts.ScriptTarget.ESNext, false, name.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS));
    return found;
  });
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();
}

describe('texts of the editors', () => {
  it('are in the catalogues as the code has them: `npm run texts` would change nothing', () => {
    const { status, stdout, stderr } = spawnSync(
      findBun() ?? 'bun',
      ['node_modules/i18next-cli/dist/esm/cli.js', 'extract', '--config', '.config/i18next.config.ts', '--sync-primary', '--dry-run', '--ci', '--quiet'],
      { cwd: ROOT, encoding: 'utf8' }
    );
    expect([status, stdout + stderr]).toEqual([0, expect.any(String)]);
  });

  it('have one key each: a key that two texts share would show one of them in both places', () => {
    const texts = new Map<string, string>();
    for (const [key, text] of askedFor()) {
      expect([key, texts.get(key) ?? text]).toEqual([key, text]);
      texts.set(key, text);
    }
    expect(texts.size).toBeGreaterThan(300);
  });

  it.each(plugin.languages.filter((language) => language !== 'en-US'))('are all there in %s, with the same values to fill in', (language) => {
    const english = catalogue('en-US');
    const translated = catalogue(language);
    const singular = (key: string): string => key.replace(/_(zero|one|two|few|many)$/, '_other');
    for (const [key, text] of translated) {
      expect([key, text.trim()]).not.toEqual([key, '']);
      expect([key, placeholders(text)]).toEqual([key, placeholders(english.get(key) ?? english.get(singular(key)) ?? '')]);
    }
    expect([...english.keys()].filter((key) => !translated.has(key))).toEqual([]);
  });
});
