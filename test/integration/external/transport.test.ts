import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
  createServer as createTcpServer,
  getDefaultAutoSelectFamily,
  type LookupFunction,
  setDefaultAutoSelectFamily,
  type Server as TcpServer,
} from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createTransport,
  MAX_ANSWER_BYTES,
  type Transport,
  type TransportRequest,
} from '../../../shared/external/transport.ts';
import { SELF_SIGNED } from './self-signed.ts';

const locally = createTransport({ allowLocal: true });
const onAws = createTransport({ allowLocal: false });

const open: (Server | TcpServer)[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen<S extends Server | TcpServer>(server: S): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** A server on this machine that counts its connections. */
async function aServer(
  listener: RequestListener,
): Promise<{ url: string; port: number; came: () => number }> {
  let came = 0;
  const port = await listen(
    createServer((request, response) => {
      came += 1;
      listener(request, response);
    }),
  );
  return { url: `http://127.0.0.1:${port}`, port, came: () => came };
}

/** Long enough for every answer on a busy machine. */
const ask = (transport: Transport, url: string, changes: Partial<TransportRequest> = {}) =>
  transport({ method: 'GET', url, headers: {}, timeoutMs: 20_000, ...changes });

const lookupOf =
  (...addresses: string[]): LookupFunction =>
  (_, options, done) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all) done(null, found);
    else done(null, found[0]?.address ?? '', found[0]?.family);
  };

describe('an answer', () => {
  it('is returned with status, headers in lower case and body; the request is sent unchanged', async () => {
    const seen: unknown[] = [];
    const { url } = await aServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { method, url: path, headers } = request;
      seen.push([
        method,
        path,
        headers['x-test'],
        headers['content-length'],
        Buffer.concat(chunks).toString(),
      ]);
      response.writeHead(201, { 'Retry-After': '5', 'Set-Cookie': ['a=1', 'b=2'] });
      response.end('{"語":1}');
    });
    const answer = await ask(locally, `${url}/approval/a%2Fb`, {
      method: 'PATCH',
      headers: { 'x-test': 'yes' },
      body: '語',
    });
    expect(answer).toMatchObject({ status: 201, body: '{"語":1}' });
    expect(answer.headers).toMatchObject({ 'retry-after': '5', 'set-cookie': 'a=1, b=2' });
    expect(seen).toEqual([['PATCH', '/approval/a%2Fb', 'yes', '3', '語']]);
  });

  it.each([301, 302, 303, 307, 308])('of %i is not followed', async (status) => {
    const elsewhere = await aServer((_, response) => response.end('{}'));
    const { url } = await aServer((_, response) => {
      response.writeHead(status, { location: elsewhere.url });
      response.end();
    });
    expect(await ask(locally, url)).toMatchObject({ status, body: '' });
    expect(elsewhere.came()).toBe(0);
  });

  it('of 64 KiB is read', async () => {
    const { url } = await aServer((_, response) => response.end('x'.repeat(MAX_ANSWER_BYTES)));
    expect((await ask(locally, url)).body).toHaveLength(MAX_ANSWER_BYTES);
  });

  it('of one byte more is refused, and its status is returned', async () => {
    const { url } = await aServer((_, response) => response.end('x'.repeat(MAX_ANSWER_BYTES + 1)));
    await expect(ask(locally, url)).rejects.toMatchObject({ code: 'TOO_LARGE', httpStatus: 200 });
  });

  it('without end is refused at once, and the connection is closed', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const { url } = await aServer((_, response) => {
      response.once('close', resolve);
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', pour);
      pour();
    });
    await expect(ask(locally, url)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await closed;
  });
});

describe('no answer in time is TIMEOUT', () => {
  it.each<[string, RequestListener]>([
    ['nothing comes', () => {}],
    [
      'only headers come',
      (_, response) => {
        response.writeHead(200);
        response.flushHeaders();
      },
    ],
    [
      'the body comes by drops',
      (_, response) => {
        response.write('{');
        const timer = setInterval(() => response.write(' '), 20);
        response.once('close', () => clearInterval(timer));
      },
    ],
  ])('when %s', async (_, listener) => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const { url } = await aServer((request, response) => {
      response.once('close', resolve);
      listener(request, response);
    });
    await expect(ask(locally, url, { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'The OA did not answer in time.',
    });
    await closed;
  });

  it('when the name is never resolved', async () => {
    const transport = createTransport({ allowLocal: false, lookup: () => {} });
    await expect(ask(transport, 'https://oa.example.com', { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
  });

  it('when the TLS handshake never ends', async () => {
    const port = await listen(createTcpServer((socket) => socket.on('error', () => {}).resume()));
    await expect(ask(locally, `https://127.0.0.1:${port}`, { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
  });
});

describe('an incomplete answer, or none, is UNREACHABLE', () => {
  it.each<[string, RequestListener]>([
    ['reset before the answer', (request) => request.socket.destroy()],
    [
      'reset within the body',
      (request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"id"', () => request.socket.destroy());
      },
    ],
    ['no HTTP', (request) => request.socket.end('hello\r\n\r\n')],
    [
      'a switch of protocols',
      (request) => {
        request.socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
      },
    ],
    [
      'headers without end',
      (request) => {
        request.socket.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`);
      },
    ],
  ])('%s', async (_, listener) => {
    const { url } = await aServer(listener);
    await expect(ask(locally, url)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(/^The OA could not be reached( \([A-Z_]+\))?\.$/),
    });
  });

  it('nothing listens at the address', async () => {
    const { url } = await aServer(() => {});
    await new Promise((resolve) => open.pop()?.close(resolve));
    await expect(ask(locally, url)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: 'The OA could not be reached (ECONNREFUSED).',
    });
  });

  it('a self-signed certificate, and the error contains nothing of the request', async () => {
    let came = 0;
    const port = await listen(createTlsServer(SELF_SIGNED, () => came++));
    await expect(ask(locally, `https://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: 'The OA could not be reached (DEPTH_ZERO_SELF_SIGNED_CERT).',
    });
    expect(came).toBe(0);
  });
});

describe('an address that is not public is refused before anything is sent', () => {
  const REFUSED = { code: 'ADDRESS_REFUSED', message: "The OA's address is not public." };

  it('if it is in the URL', async () => {
    const { port, came } = await aServer((_, response) => response.end('{}'));
    const hosts = [
      '127.0.0.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::7f00:1]',
      '10.0.0.1',
      '169.254.169.254',
      '0.0.0.0',
      '2130706433',
    ];
    for (const host of hosts) {
      await expect(ask(onAws, `https://${host}:${port}/`)).rejects.toMatchObject(REFUSED);
    }
    expect(came()).toBe(0);
  });

  it('if a name resolves to it, whatever it resolved to at the save', async () => {
    const { port, came } = await aServer((_, response) => response.end('{}'));
    for (const address of ['127.0.0.1', '::1', '10.1.2.3', '169.254.169.254', 'fd00:ec2::254', '::7f00:1']) {
      const rebound = createTransport({ allowLocal: false, lookup: lookupOf(address) });
      await expect(ask(rebound, `https://oa.example.com:${port}/`)).rejects.toMatchObject(REFUSED);
    }
    expect(came()).toBe(0);
  });

  it('if one of the addresses of a name is not public', async () => {
    const mixed = createTransport({ allowLocal: false, lookup: lookupOf('93.184.215.14', '127.0.0.1') });
    await expect(ask(mixed, 'https://oa.example.com/')).rejects.toMatchObject(REFUSED);
  });

  it('if it is "localhost"', async () => {
    await expect(ask(onAws, 'https://localhost/')).rejects.toMatchObject(REFUSED);
  });

  it.each(['http://oa.example.com/', 'ftp://oa.example.com/', 'file:///etc/passwd'])(
    'as %s, which is not https',
    async (url) => {
      await expect(ask(onAws, url)).rejects.toMatchObject({
        code: 'ADDRESS_REFUSED',
        message: "The OA's endpoint does not use https.",
      });
    },
  );
});

describe('on the local stack', () => {
  it('connects to a name of the loopback over http', async () => {
    const { port } = await aServer((_, response) => response.end('{}'));
    const named = createTransport({ allowLocal: true, lookup: lookupOf('127.0.0.1') });
    expect(await ask(named, `http://oa.example.com:${port}/`)).toMatchObject({ status: 200 });
  });

  it('connects to a name, and checks it, also if Node wants only one address', async () => {
    const { port } = await aServer((_, response) => response.end('{}'));
    const before = getDefaultAutoSelectFamily();
    setDefaultAutoSelectFamily(false);
    try {
      const named = createTransport({ allowLocal: true, lookup: lookupOf('127.0.0.1') });
      expect(await ask(named, `http://oa.example.com:${port}/`)).toMatchObject({ status: 200 });
      const mixed = createTransport({ allowLocal: true, lookup: lookupOf('127.0.0.1', '10.0.0.1') });
      await expect(ask(mixed, `http://oa.example.com:${port}/`)).rejects.toMatchObject({
        code: 'ADDRESS_REFUSED',
      });
    } finally {
      setDefaultAutoSelectFamily(before);
    }
  });

  it('accepts a lookup that returns only one address', async () => {
    const { port, came } = await aServer((_, response) => response.end('{}'));
    const lookup: LookupFunction = (_, _options, done) => done(null, '127.0.0.1', 4);
    const url = `http://oa.example.com:${port}/`;
    expect(await ask(createTransport({ allowLocal: true, lookup }), url)).toMatchObject({ status: 200 });
    await expect(
      ask(createTransport({ allowLocal: false, lookup }), url.replace('http:', 'https:')),
    ).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    expect(came()).toBe(1);
  });

  it('refuses other addresses that are not public', async () => {
    for (const host of ['10.0.0.1', '169.254.169.254', '192.168.0.1', '[fd00::1]']) {
      await expect(ask(locally, `http://${host}/`)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    }
  });
});

it('uses no proxy from the environment', async () => {
  const proxy = await aServer((_, response) => response.end('{}'));
  const direct = await aServer((_, response) => response.end('{}'));
  const before = { ...process.env };
  process.env.HTTP_PROXY = proxy.url;
  process.env.http_proxy = proxy.url;
  process.env.NODE_USE_ENV_PROXY = '1';
  try {
    await ask(createTransport({ allowLocal: true }), direct.url);
  } finally {
    process.env = before;
  }
  expect([proxy.came(), direct.came()]).toEqual([0, 1]);
});
