import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createFeishuGateway } from '../../../shared/feishu/client.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

async function listen(handle: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handle);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return `http://127.0.0.1:${address.port}`;
}

const aGateway = (baseUrl: string) =>
  createFeishuGateway({
    credentials: async () => ({ appSecret: 's' }),
    baseUrl,
    timeoutMs: 60,
    sleep: async () => {},
  });
const app = { appId: 'cli_a', domain: 'feishu' } as const;

test('stops waiting for a Feishu that never answers, and tries three times (docs/lessons.md 26)', async () => {
  let asked = 0;
  const baseUrl = await listen(() => {
    asked += 1;
  });
  await expect(aGateway(baseUrl).getInstance(app, 'CODE')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: 'Feishu did not answer in time.',
  });
  expect(asked).toBe(3);
});

test('stops waiting for a Feishu that stops in the middle of its answer (docs/lessons.md 26)', async () => {
  const baseUrl = await listen((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"code":');
  });
  await expect(aGateway(baseUrl).getInstance(app, 'CODE')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('does not follow a redirect, which would send the token to another host', async () => {
  let asked = 0;
  const other = await listen((_, response) => {
    asked += 1;
    response.end('{}');
  });
  const baseUrl = await listen((_, response) => {
    response.writeHead(307, { location: other }).end();
  });
  await expect(aGateway(baseUrl).getInstance(app, 'CODE')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(asked).toBe(0);
});

test('a reset connection is UNAVAILABLE (docs/lessons.md 26)', async () => {
  const baseUrl = await listen((request) => {
    request.socket.destroy();
  });
  await expect(aGateway(baseUrl).getInstance(app, 'CODE')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/^Feishu could not be reached \([A-Z_]+\)\.$/),
  });
});
