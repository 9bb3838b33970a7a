import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import * as z from 'zod';
import type { Exchange } from '../../unit/docs/openapi-document.ts';

/** A server that forwards each request unchanged, and records it with its answer. */

export interface Relay {
  url: string;
  exchanges: Exchange[];
  close(): Promise<void>;
}

export interface Forwarded {
  status: number;
  headers: Record<string, string>;
  body: string;
}

type Forward = (request: {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}) => Promise<Forwarded>;

const methodSchema = z.enum(['GET', 'POST', 'PATCH']);

export async function startRelay(forward: Forward): Promise<Relay> {
  const exchanges: Exchange[] = [];
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const { url: path = '/' } = incoming;
      const method = methodSchema.parse(incoming.method);
      const headers = flat(incoming.headers);
      const body = await buffer(incoming);
      const answer = await forward({ method, path, headers, body });
      exchanges.push({
        method,
        path,
        headers,
        body: body.toString('utf8'),
        status: answer.status,
        answerHeaders: answer.headers,
        answer: answer.body,
      });
      outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    })();
  });
  return {
    url: await listening(server),
    exchanges,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Forwards requests to a server, without the headers that HTTP itself sets again. */
export const forwardTo =
  (base: () => string): Forward =>
  async ({ method, path, headers, body }) => {
    const { host: _, connection: __, 'content-length': ___, ...rest } = headers;
    const response = await fetch(`${base()}${path}`, {
      method,
      headers: rest,
      ...(body.byteLength > 0 && { body: new Uint8Array(body) }),
    });
    const kept = ['content-type', 'retry-after'].flatMap((name): [string, string][] => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value]];
    });
    return { status: response.status, headers: Object.fromEntries(kept), body: await response.text() };
  };

const flat = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join(', ')]],
    ),
  );

function listening(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`);
    });
  });
}
