import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import AxeBuilder from '@axe-core/playwright';
import { type ConsoleMessage, type Page, test as base, expect } from '@playwright/test';
import { findBun } from '../../.config/run/bun.js';

const ROOT = join(import.meta.dirname, '..', '..');

/** The playground as `npm start` starts it, in a process of its own. */
export class Playground {
  private constructor(
    private readonly child: ChildProcess,
    readonly address: string,
    readonly printed: string[],
  ) {}

  static async start(...args: string[]): Promise<Playground> {
    const child = spawn(findBun() ?? 'bun', [join(ROOT, 'playground', 'main.ts'), '--port', '0', ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const printed: string[] = [];
    let errors = '';
    child.stderr.on('data', (part: Buffer) => {
      errors += part.toString('utf8');
    });
    const lines = createInterface({ input: child.stdout });
    const address = new Promise<string>((resolve) => {
      lines.on('line', (line) => {
        printed.push(line);
        const found = /playground is at (http:\S+)/.exec(line);
        if (found) {
          resolve(found[1]);
        }
      });
    });
    const ended = once(child, 'exit').then(() => Promise.reject(new Error(`The playground did not start:\n${errors}`)));
    return new Playground(child, await Promise.race([address, ended]), printed);
  }

  /** Ends it as Ctrl-C does; the exit code. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode !== null) {
      return this.child.exitCode;
    }
    const exit = once(this.child, 'exit') as Promise<[number | null]>;
    this.child.kill('SIGINT');
    return (await exit)[0];
  }

  /** A line that was printed, as soon as it is. */
  async line(wanted: RegExp): Promise<RegExpExecArray> {
    await expect.poll(() => this.printed.some((line) => wanted.test(line)), { timeout: 60_000 }).toBe(true);
    return wanted.exec(this.printed.find((line) => wanted.test(line)) ?? '')!;
  }
}

/** A page that fails its test when anything went wrong in the console. */
export const test = base.extend<{ troubles: string[] }>({
  troubles: [
    async ({ page }, use) => {
      const troubles: string[] = [];
      page.on('console', (message: ConsoleMessage) => {
        if (message.type() === 'error') {
          troubles.push(`${message.text()} (${message.location().url})`);
        }
      });
      page.on('pageerror', (error) => troubles.push(error.stack ?? error.message));
      await use(troubles);
      expect(troubles).toEqual([]);
    },
    { auto: true },
  ],
});

/** No violation of any of axe's rules, except of the one rule within the one selector. */
export async function expectAccessible(page: Page, except?: { rule: string; within: string }): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found: string[] = [];
  for (const { id, help, nodes } of violations) {
    for (const node of nodes) {
      const [target] = node.target.map(String);
      const isExcepted =
        id === except?.rule && (await page.evaluate(([selector, within]) => document.querySelector(selector)?.closest(within) !== null, [target, except.within] as const));
      if (!isExcepted) {
        found.push(`${id}: ${help}\n  ${target}\n  ${node.html.slice(0, 200)}`);
      }
    }
  }
  expect(found.join('\n')).toBe('');
}

/** Every panel that is drawn now has its answer. */
export async function expectPanelsDone(page: Page): Promise<void> {
  await expect(page.locator('div[data-panel]').first()).toBeVisible();
  await expect(page.locator('div[data-panel][data-state="Loading"], div[data-panel][data-state="NotStarted"]')).toHaveCount(0);
  await expect(page.locator('div[data-panel][data-state="Error"]')).toHaveCount(0);
}
