import { spawn } from 'node:child_process';
import { findBun } from './bun.js';
import { ROOT } from './paths.js';

function start(file, args, { env = {}, stdio }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio });
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    let stoppedBy = null;
    // Ctrl-C reaches the child by itself; this process waits for its orderly end. Nothing further is begun.
    const wait = () => {
      stoppedBy = 'Ctrl-C';
    };
    const pass = () => {
      stoppedBy = 'SIGTERM';
      child.kill('SIGTERM');
    };
    process.on('SIGINT', wait).on('SIGTERM', pass);
    const end = (code, text) => {
      process.off('SIGINT', wait).off('SIGTERM', pass);
      if (stoppedBy !== null && code !== 0) {
        reject(new Error(`Stopped by ${stoppedBy}`));
        return;
      }
      resolve({ code, output: Buffer.concat(chunks).toString('utf8') + text });
    };
    child.on('error', (error) => end(1, `${error.message}\n`));
    child.on('close', (code, signal) => end(code ?? 1, signal ? `Ended by ${signal}\n` : ''));
  });
}

/** Runs a program in the foreground; resolves to its exit code. */
export async function run(file, args, env = {}) {
  return (await start(file, args, { env, stdio: ['inherit', 'inherit', 'inherit'] })).code;
}

/** Runs a program whose output is for people: it goes to stderr, so that stdout is left to what is started next. */
export async function runAside(file, args) {
  return (await start(file, args, { stdio: ['ignore', 2, 2] })).code;
}

/** Runs a program in the background; resolves to its exit code and everything that it printed. */
export function collect(file, args, env = {}) {
  return start(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A program of node_modules, run by Node. */
export function node(script, ...args) {
  return [process.execPath, [`node_modules/${script}`, ...args]];
}

/** A TypeScript file of this repository, or a script of node_modules, run by Bun. */
export function bun(script, ...args) {
  return [findBun(), ['--bun', script, ...args]];
}
