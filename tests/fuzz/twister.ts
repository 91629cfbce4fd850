import { createServer, request as ask, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Dice } from '../engine/organisation';
import { mutated, scratched } from './mutate';

const STATUSES = [200, 204, 301, 400, 401, 403, 404, 409, 418, 422, 429, 500, 502, 503];

/** Stands before a provider and passes on what it says, more or less. */
export class Twister {
  answers = 0;
  twisted = 0;
  /** How many of the answers it changes, 0 to 1. */
  share = 0;
  private readonly earlier: string[] = [];
  private readonly server: Server;

  constructor(
    target: string,
    private readonly dice: Dice
  ) {
    const { hostname, port } = new URL(target);
    this.server = createServer((incoming, outgoing) => {
      const onward = ask({ hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          const { 'content-length': _, ...headers } = answer.headers;
          const { status, body } = this.twist(answer.statusCode ?? 500, Buffer.concat(parts).toString('utf8'));
          outgoing.writeHead(status, headers).end(body);
        });
      });
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private twist(status: number, body: string): { status: number; body: string } {
    const { dice, earlier } = this;
    this.answers += 1;
    if (dice.chance(0.2)) {
      earlier[earlier.length < 50 ? earlier.length : dice.below(50)] = body;
    }
    if (!dice.chance(this.share)) {
      return { status, body };
    }
    this.twisted += 1;
    if (dice.chance(0.05)) {
      return { status: dice.pick(STATUSES), body };
    }
    if (dice.chance(0.1)) {
      return { status, body: scratched(body, dice) };
    }
    if (dice.chance(0.1) && earlier.length > 0) {
      return { status, body: dice.pick(earlier) };
    }
    try {
      return { status, body: JSON.stringify(mutated(JSON.parse(body), dice, dice.pick([0.002, 0.02, 0.1]))) ?? '' };
    } catch {
      return { status, body: scratched(body, dice) };
    }
  }
}
