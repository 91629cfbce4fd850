import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compileExecutable } from './build/executable';
import { fingerprint, keepFingerprint, lastFingerprint } from './build/inputs';
import { buildPage } from './build/page';
import { executableName, platformOf } from './build/platforms';
import { ROOT } from './run/paths.js';

/** Fills dist/ with a complete plugin folder for this machine. `--if-changed` does nothing when dist/ is already that. */
async function main(args: string[]): Promise<void> {
  const dist = join(ROOT, 'dist');
  const platform = platformOf(process.platform, process.arch);
  const inputs = fingerprint();
  const complete = [executableName(platform), 'module.js', 'plugin.json'].every((file) => existsSync(join(dist, file)));
  if (args.includes('--if-changed') && complete && inputs === lastFingerprint()) {
    return;
  }
  const started = Date.now();
  const warnings = await buildPage();
  const executable = compileExecutable(platform, dist);
  keepFingerprint(inputs);
  const kilobytes = Math.round(statSync(join(dist, 'module.js')).size / 1024);
  const megabytes = Math.round(statSync(executable).size / 1024 / 1024);
  process.stdout.write(
    `${warnings}dist/ is built for ${platform.name} in ${((Date.now() - started) / 1000).toFixed(1)} s: module.js ${kilobytes} KB, executable ${megabytes} MB\n`
  );
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
