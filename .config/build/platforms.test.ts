import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../run/paths';
import { PLATFORMS, executableName, platformOf } from './platforms';

test('a machine has the platform of its system and processor, in the names that Grafana looks for', () => {
  expect(executableName(platformOf('linux', 'x64'))).toBe('gpx_dora_metrics_linux_amd64');
  expect(executableName(platformOf('darwin', 'arm64'))).toBe('gpx_dora_metrics_darwin_arm64');
  expect(executableName(platformOf('win32', 'x64'))).toBe('gpx_dora_metrics_windows_amd64.exe');
  expect(() => platformOf('linux', 'ppc64')).toThrow('linux ppc64');
});

test('x64 executables run on processors without AVX2', () => {
  expect(PLATFORMS.filter(({ arch, runtime }) => arch === 'amd64' && !runtime.endsWith('-baseline'))).toEqual([]);
});

test('package-lock.json knows the checksum of every runtime', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, { integrity?: string }> };
  for (const { runtime } of PLATFORMS) {
    expect(packages[`node_modules/@oven/${runtime}`]?.integrity).toMatch(/^sha512-/);
  }
});

test('package-lock.json names no registry', () => {
  expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved"/);
});

test('package-lock.json holds every optional package that another one names: npm ci refuses it otherwise', () => {
  interface Entry {
    optionalDependencies?: Record<string, string>;
  }
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, Entry> };
  const missing = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies).filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)))
  );
  expect(missing).toEqual([]);
});
