import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A double's place on this machine. What its handler throws is a defect of the double, and said as one. */
export class Listener {
  private readonly server: Server;
  private address = '';

  constructor(
    private readonly options: { port?: number; /** Default 127.0.0.1. */ host?: string },
    handle: (request: IncomingMessage, response: ServerResponse, body: Buffer) => Promise<void>
  ) {
    this.server = createServer((request, response) => {
      bodyOf(request)
        .then((body) => handle(request, response, body))
        .catch((error: unknown) => {
          response.statusCode = 500;
          response.end(JSON.stringify({ message: `the double failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` }));
        });
    });
    this.server.keepAliveTimeout = 30_000;
  }

  /** `http://127.0.0.1:1234`; empty before the start. */
  get url(): string {
    return this.address;
  }

  async start(): Promise<void> {
    const host = this.options.host ?? '127.0.0.1';
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.options.port ?? 0, host, resolve);
    });
    const { port } = this.server.address() as AddressInfo;
    this.address = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
