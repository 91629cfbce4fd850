import { spawnSync } from 'node:child_process';
import { ROOT } from '../run/paths.js';

/** Where neither a variable nor git tells a time. */
const FALLBACK = Date.UTC(2026, 0, 1);

/**
 * The moment that a build's files carry: SOURCE_DATE_EPOCH where it is set, else that of the commit, so that whoever builds
 * the same sources gets the same bytes.
 */
export function buildMoment(environment: NodeJS.ProcessEnv = process.env): Date {
  const epoch = environment.SOURCE_DATE_EPOCH ?? commitEpoch();
  const milliseconds = Number(epoch) * 1_000;
  return new Date(epoch === '' || !Number.isFinite(milliseconds) ? FALLBACK : milliseconds);
}

/** Seconds since 1970, or nothing outside a git repository. */
function commitEpoch(): string {
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
}
