import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, credentials, type ServiceDefinition } from '@grpc/grpc-js';
import { definitions } from '../../src/backend/protocol/definition';
import { builtExecutable } from '../conformance/plugin';
import { temporaryFolder } from '../conformance/setup';
import { linkingOf } from './elf';

/** What Grafana's default Alpine image has of glibc. */
const PRESENT = /^(?:ld-linux-[a-z0-9-]+|libc|libdl|libm|libpthread|librt|libresolv)\.so\.\d+$/;

const onLinux = process.platform === 'linux' ? describe : describe.skip;
/** Needs the right to mount: Grafana's image has /proc and /dev, and Bun's runtime reads both. */
const asRoot = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'sh', '-c', 'mount -t proc proc /proc && chroot / true']).status === 0 ? it : it.skip;

onLinux('the executable for Linux', () => {
  const executable = builtExecutable();

  it('asks for no library that Grafana’s Alpine image lacks', () => {
    const { interpreter, needed } = linkingOf(executable);
    expect(needed.length).toBeGreaterThan(0);
    expect([basename(interpreter ?? ''), ...needed].filter((name) => !PRESENT.test(name))).toEqual([]);
  });

  asRoot('starts and serves where nothing else is: no shell, no other library, no home', async () => {
    const root = temporaryFolder();
    const { interpreter, needed } = linkingOf(executable);
    // As `ldd` finds them on this machine.
    const found = new Map(spawnSync('ldd', [executable], { encoding: 'utf8' }).stdout.split('\n').flatMap((line) => {
      const [, name, path] = /^\s*(?:(\S+) => )?(\/\S+) \(/.exec(line) ?? [];
      return path ? [[name ?? basename(path), path] as const] : [];
    }));
    const place = (from: string, to: string): void => {
      mkdirSync(dirname(join(root.path, to)), { recursive: true });
      copyFileSync(realpathSync(from), join(root.path, to));
    };
    place(interpreter ?? '', interpreter ?? '');
    for (const name of needed.filter((candidate) => candidate !== basename(interpreter ?? ''))) {
      place(found.get(name) ?? '', `/lib64/${name}`);
    }
    place(executable, '/plugin/gpx_dora_metrics');
    for (const name of ['tmp', 'proc', 'dev']) {
      mkdirSync(join(root.path, name));
    }
    expect(readdirSync(join(root.path, 'lib64')).filter((name) => !PRESENT.test(name))).toEqual([]);
    expect(existsSync(join(root.path, 'bin'))).toBe(false);

    const child: ChildProcess = spawn('unshare', ['--mount', 'sh', '-c', 'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && exec env LD_LIBRARY_PATH=/lib64 chroot "$1" /plugin/gpx_dora_metrics', 'sh', root.path], {
      env: { PATH: process.env.PATH, grafana_plugin_type: 'datasource', PLUGIN_PROTOCOL_VERSIONS: '2', GF_PLUGIN_DORA_STORE: '/store' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let words = '';
    child.stderr?.on('data', (part: Buffer) => {
      words += part.toString('utf8');
    });
    try {
      if (!child.stdout) {
        throw new Error('no output');
      }
      const line = await Promise.race([
        once(createInterface({ input: child.stdout }), 'line').then(([first]) => String(first)),
        once(child, 'exit').then(([code]) => Promise.reject(new Error(`It ended with ${String(code)}: ${words}`))),
      ]);
      const socket = join(root.path, line.split('|')[3]);
      const client = new Client(`unix:${socket}`, credentials.createInsecure());
      const { path, requestSerialize, responseDeserialize } = (definitions['grpc.health.v1.Health'] as ServiceDefinition).Check;
      const answer = await new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize as (bytes: Buffer) => unknown, { service: 'plugin' }, (error, response) => (error ? reject(error) : resolve(response)));
      });
      client.close();
      expect(answer).toEqual({ status: 1 });
    } finally {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      root.remove();
    }
  });
});
