import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storePlace } from './place';

describe('store place', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'dora-place-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function install(...path: string[]): string {
    const folder = join(root, ...path);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'plugin.json'), '{}');
    return join(folder, 'gpx_dora_metrics_linux_amd64');
  }

  it('is where the setting says', () => {
    expect(storePlace({ GF_PLUGIN_DORA_STORE: ' /srv/dora ' }, install('plugins', 'dora'))).toEqual({ kind: 'folder', folder: '/srv/dora' });
  });

  it('is a database where the setting is an address', () => {
    expect(storePlace({ GF_PLUGIN_DORA_STORE: 'postgres://dora@db/grafana' }, install('plugins', 'dora'))).toEqual({ kind: 'postgres', address: 'postgres://dora@db/grafana' });
  });

  it('is beside the plugins folder, which an update of the plugin leaves alone', () => {
    expect(storePlace({}, install('plugins', 'dora'))).toEqual({ kind: 'folder', folder: join(root, 'dora-metrics-datasource') });
    expect(storePlace({}, install('plugins', 'dora-dev', 'dist'))).toEqual({ kind: 'folder', folder: join(root, 'dora-metrics-datasource') });
  });

  it('is memory when asked for, and with the reason when nothing better is known', () => {
    expect(storePlace({ GF_PLUGIN_DORA_STORE: 'memory' }, '/x/y')).toEqual({ kind: 'memory', reason: null });
    expect(storePlace({}, join(root, 'nowhere', 'node'))).toEqual({ kind: 'memory', reason: expect.stringContaining('dora_store') });
  });
});
