import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchSameOrigin } from './same-origin';

describe('redirects', () => {
  const servers: Server[] = [];
  const asked: string[] = [];

  async function serve(answer: (url: string) => { status: number; location?: string }): Promise<string> {
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
      const { status, location } = answer(request.url ?? '');
      response.writeHead(status, location === undefined ? {} : { location }).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  beforeEach(() => {
    asked.length = 0;
  });
  afterEach(() => servers.splice(0).forEach((server) => server.close()));

  it('are followed to the same host, as from a renamed repository', async () => {
    const url = await serve((path) => (path === '/repos/acme/old' ? { status: 301, location: '/repositories/1' } : { status: 200 }));
    expect((await fetchSameOrigin(`${url}/repos/acme/old`, { headers: { authorization: 'token x' } })).status).toBe(200);
    expect(asked).toEqual(['GET /repos/acme/old token x', 'GET /repositories/1 token x']);
  });

  it('are not followed to another host, nor with a body, nor for ever', async () => {
    const other = await serve(() => ({ status: 200 }));
    const url = await serve((path) => (path === '/away' ? { status: 302, location: `${other}/latest/meta-data` } : path === '/bad' ? { status: 302, location: 'http://[' } : { status: 307, location: '/again' }));
    expect((await fetchSameOrigin(`${url}/away`, {})).status).toBe(302);
    expect((await fetchSameOrigin(`${url}/bad`, {})).status).toBe(302);
    expect((await fetchSameOrigin(`${url}/graphql`, { method: 'POST', body: '{}' })).status).toBe(307);
    expect((await fetchSameOrigin(`${url}/loop`, {})).status).toBe(307);
    expect(asked.filter((line) => line.includes('meta-data'))).toEqual([]);
    expect(asked).toHaveLength(7);
  });
});
