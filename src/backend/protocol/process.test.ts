import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createEndpoint, startedByGrafana } from './process';

describe('process', () => {
  it('lives on after defects, and logs each with a code', () => {
    const script = `
      import { JsonLog } from '${join(__dirname, 'logs.ts')}';
      import { surviveDefects } from '${join(__dirname, 'process.ts')}';
      surviveDefects(new JsonLog('info', (line) => process.stderr.write(line)));
      setTimeout(() => { throw new TypeError('thrown in a timer'); }, 1);
      void Promise.reject(new RangeError('rejected and never caught'));
      void Promise.reject('a plain text');
      setTimeout(() => { process.stdout.write('alive'); process.exit(0); }, 100);
    `;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, 'alive']);
    const lines = stderr.trim().split('\n').map((line) => JSON.parse(line) as Record<string, string>);
    expect(lines.map((line) => [line['@level'], line.code])).toEqual([['error', 'INTERNAL'], ['error', 'INTERNAL'], ['error', 'INTERNAL']]);
    expect(stderr).toContain('thrown in a timer');
    expect(stderr).toContain('rejected and never caught');
  });

  it('listens on a local port on Windows, where Grafana knows no sockets', () => {
    const endpoint = createEndpoint({}, 'win32');
    expect(endpoint.address).toBe('127.0.0.1:0');
    expect(endpoint.handshake(1234)).toBe('1|2|tcp|127.0.0.1:1234|grpc\n');
  });

  it('knows Grafana by its variable', () => {
    expect([startedByGrafana({ grafana_plugin_type: 'datasource' }), startedByGrafana({}), startedByGrafana({ grafana_plugin_type: 'app' })]).toEqual([true, false, false]);
  });
});
