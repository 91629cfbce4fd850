import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditReport, findingsOf, packageFolder } from './audit/findings';
import { PLATFORMS } from './build/platforms';
import { ROOT } from './run/paths.js';

const GRAVE = new Set(['high', 'critical']);

/** Packages in the executable: what the compiler reads of them, and the runtime itself. */
function inExecutable(): Set<string> {
  const folder = mkdtempSync(join(tmpdir(), 'dora-audit-'));
  try {
    const meta = join(folder, 'meta.json');
    const built = spawnSync(process.execPath, ['build', 'src/backend/main.ts', '--target=bun', `--outdir=${folder}`, `--metafile=${meta}`, '--main-fields=module', '--main-fields=main'], { cwd: ROOT, encoding: 'utf8' });
    if (built.status !== 0) {
      throw new Error(`What the executable is made of cannot be told:\n${built.stdout}${built.stderr}`);
    }
    const { inputs } = JSON.parse(readFileSync(meta, 'utf8')) as { inputs: Record<string, unknown> };
    return new Set([...Object.keys(inputs).flatMap((path) => packageFolder(path) ?? []), ...PLATFORMS.map(({ runtime }) => `node_modules/@oven/${runtime}`)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Packages in the page, by the source maps of dist/. */
function inPage(): Set<string> {
  const dist = join(ROOT, 'dist');
  const maps = existsSync(dist) ? readdirSync(dist).filter((name) => name.endsWith('.js.map')) : [];
  if (maps.length === 0) {
    throw new Error('dist/ is missing: run "npm run build" first.');
  }
  return new Set(maps.flatMap((name) => (JSON.parse(readFileSync(join(dist, name), 'utf8')) as { sources: string[] }).sources.flatMap((path) => packageFolder(path) ?? [])));
}

/** Known faults of the packages in the executable and in the page. Grave ones end it with code 1, a registry that does not answer with code 2. */
function main(): number {
  const shipped = new Set([...inExecutable(), ...inPage()]);
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd: ROOT, encoding: 'utf8', shell: process.platform === 'win32', maxBuffer: 64 * 1_048_576 });
  let found: ReturnType<typeof findingsOf>;
  try {
    found = findingsOf(JSON.parse(stdout || '{}') as AuditReport, shipped);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  for (const { folder, severity, advisories } of found.shipped) {
    process.stdout.write(`${severity}: ${folder}: ${advisories.join('; ')}\n`);
  }
  process.stdout.write(`${shipped.size} packages are shipped, ${found.shipped.length} of them with known faults; ${found.others} more have some that Grafana brings or that only build and test.\n`);
  return found.shipped.some(({ severity }) => GRAVE.has(severity)) ? 1 : 0;
}

process.exitCode = main();
