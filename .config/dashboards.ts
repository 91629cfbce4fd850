import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOARDS, boardFile } from '../src/dashboards';
import { ROOT } from './run/paths.js';

/** Writes src/dashboards as the JSON that Grafana reads: provisioned, and bundled with the plugin. */
const folder = join(ROOT, 'provisioning', 'dashboards');
const files = BOARDS.map(boardFile);
for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.json') && !files.some((file) => file.name === entry))) {
  rmSync(join(folder, name));
}
for (const { name, text } of files) {
  writeFileSync(join(folder, name), text);
  process.stdout.write(`provisioning/dashboards/${name}\n`);
}
