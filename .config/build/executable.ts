import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ROOT } from '../run/paths.js';
import { executableName, type Platform } from './platforms';
import { runtimeFor } from './runtime';

/** Compiles the backend into one executable for a platform; returns its path. */
export function compileExecutable(platform: Platform, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, executableName(platform));
  const runtime = runtimeFor(platform);
  const result = spawnSync(
    process.execPath,
    [
      'build',
      'src/backend/main.ts',
      '--compile',
      `--compile-executable-path=${runtime}`,
      `--target=${platform.runtime}`,
      `--outfile=${outfile}`,
      '--minify',
      '--keep-names',
      // In the executable itself, so that the lines of a logged error are those of the source.
      '--sourcemap=inline',
      // The AWS SDK's ES modules are half the size of its CommonJS ones.
      '--main-fields=module',
      '--main-fields=main',
      '--define=process.env.NODE_ENV="production"',
      // Bun writes the folder of this machine where a package of CommonJS asks for its own; in an executable there is none.
      '--define=__dirname="/"',
      '--define=__filename="/index.js"',
      // The folder that Grafana happens to start it in must not change what it does.
      '--no-compile-autoload-dotenv',
      '--no-compile-autoload-bunfig',
    ],
    { cwd: ROOT, encoding: 'utf8' }
  );
  if (result.status !== 0) {
    throw new Error(`The executable for ${platform.name} could not be compiled:\n${result.stdout}${result.stderr}`);
  }
  // Bun writes the map beside the executable as well.
  rmSync(`${outfile}.map`, { force: true });
  const built = readFileSync(outfile);
  for (const folder of ['node_modules', 'src']) {
    if (built.includes(`${ROOT}${sep}${folder}`)) {
      throw new Error(`The executable for ${platform.name} holds the path of this machine's ${folder}: elsewhere its bytes would be others.`);
    }
  }
  return outfile;
}
