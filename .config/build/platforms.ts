/** A platform that the executable is made for. */
export interface Platform {
  /** As in the name of the zip. */
  name: string;
  /** Go's names, by which Grafana looks for the executable. */
  os: 'linux' | 'darwin' | 'windows';
  arch: 'amd64' | 'arm64';
  /** Bun's package with the runtime of that platform; on x64 the one that runs without AVX2. */
  runtime: string;
}

/** The first entry of a system and processor is what a build on such a machine makes. */
export const PLATFORMS: readonly Platform[] = [
  { name: 'linux_amd64', os: 'linux', arch: 'amd64', runtime: 'bun-linux-x64-baseline' },
  { name: 'linux_arm64', os: 'linux', arch: 'arm64', runtime: 'bun-linux-aarch64' },
  // For systems with musl as their only C library. Grafana's own Alpine image carries glibc's and takes the two above.
  { name: 'linux_amd64_musl', os: 'linux', arch: 'amd64', runtime: 'bun-linux-x64-musl-baseline' },
  { name: 'linux_arm64_musl', os: 'linux', arch: 'arm64', runtime: 'bun-linux-aarch64-musl' },
  { name: 'darwin_amd64', os: 'darwin', arch: 'amd64', runtime: 'bun-darwin-x64-baseline' },
  { name: 'darwin_arm64', os: 'darwin', arch: 'arm64', runtime: 'bun-darwin-aarch64' },
  { name: 'windows_amd64', os: 'windows', arch: 'amd64', runtime: 'bun-windows-x64-baseline' },
];

/** The platform of this machine, in Node's naming. Throws for one that nothing is made for. */
export function platformOf(system: string, processor: string): Platform {
  const os = system === 'win32' ? 'windows' : system;
  const arch = processor === 'x64' ? 'amd64' : processor;
  const found = PLATFORMS.find((platform) => platform.os === os && platform.arch === arch);
  if (found === undefined) {
    throw new Error(`No executable is made for ${system} ${processor}`);
  }
  return found;
}

/** Name of the executable file; Grafana adds the system and the processor to the one in plugin.json. */
export function executableName(platform: Platform): string {
  return `gpx_dora_metrics_${platform.os}_${platform.arch}${platform.os === 'windows' ? '.exe' : ''}`;
}
