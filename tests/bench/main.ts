import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Runs `<name>.bench.ts` of this folder, those that are named or all, one after another so that none disturbs another. */
async function main(wanted: string[]): Promise<number> {
  const known = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.bench.ts'))
    .map((file) => file.replace('.bench.ts', ''))
    .sort();
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`No such bench: ${unknown.join(', ')}. There are ${known.join(', ')}.\n`);
    return 1;
  }
  let worst = 0;
  for (const name of wanted.length > 0 ? wanted : known) {
    process.stdout.write(`# ${name}\n`);
    const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.bench.ts`)], { stdio: 'inherit' });
    const [code] = (await once(child, 'exit')) as [number | null];
    worst = Math.max(worst, code ?? 1);
  }
  return worst;
}

process.exitCode = await main(process.argv.slice(2));
