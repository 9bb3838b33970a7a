import type { IncomingMessage, ServerResponse } from 'node:http';
import { isFromThisMachine } from '../../own-address.ts';
import type { Clock } from '../kit/clock.ts';
import { readInboxPage } from '../kit/inbox-page.ts';
import type { Apps, Platform } from './apps.ts';
import { answerControl } from './control-routes.ts';

/** Sorts requests between the open platform, the control and the inbox page, and speaks HTTP. */

const MAX_BYTES = 2 * 1024 * 1024;
const PAGE = new URL('page/', import.meta.url);

interface Parts {
  apps: Apps;
  /** Whose side this is. */
  platform: Platform;
  clock: Clock;
}

export async function answerRequest(parts: Parts, request: IncomingMessage, response: ServerResponse) {
  try {
    const body = await readBody(request);
    if (body === undefined) return sendJson(response, 413, { code: 'TOO_LARGE', message: 'over 2 MiB' });
    const url = new URL(`http://simulator${request.url ?? '/'}`);
    if (url.pathname.startsWith('/open-apis/')) return callPlatform(parts, request, response, url, body);
    if (url.pathname.startsWith('/simulator/')) return await callControl(parts, request, response, url, body);
    const file = request.method === 'GET' ? await readInboxPage(PAGE, url.pathname) : undefined;
    if (file === undefined) return sendJson(response, 404, { code: 99991201, msg: 'path not found' });
    response.writeHead(200, file.headers).end(file.body);
  } catch {
    // A caller that went away is no fault; whatever else happens, it must see an error and not wait.
    if (response.headersSent) response.destroy();
    else sendJson(response, 500, { code: 2200, msg: 'internal error' });
  }
}

function callPlatform(
  { apps, platform, clock }: Parts,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  body: string,
): void {
  const incoming = {
    method: request.method ?? 'GET',
    path: url.pathname.slice('/open-apis'.length),
    query: url.searchParams,
    authorization: request.headers.authorization,
    contentType: request.headers['content-type'],
    body,
  };
  const outcome = apps.gatewayFor(platform, incoming).handle(incoming);
  switch (outcome.kind) {
    case 'HANG':
      return;
    case 'RESET':
      request.socket.resetAndDestroy();
      return;
    case 'ANSWER': {
      const send = () => void response.writeHead(outcome.status, outcome.headers).end(outcome.body);
      if (outcome.afterMs === 0) send();
      else response.once('close', clock.after(outcome.afterMs, send));
      return;
    }
    default:
      outcome satisfies never;
  }
}

async function callControl(
  { apps }: Parts,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  body: string,
): Promise<void> {
  // Unsigned: a web page elsewhere must not tap on cards through a visitor's browser, nor read the SQL. The open
  // platform has no such check: its callers have a token, and may come by way of a proxy.
  if (!isFromThisMachine(request)) {
    return sendJson(response, 403, {
      code: 'FORBIDDEN',
      message: 'Only this machine may use the simulator.',
    });
  }
  const answer = await answerControl(apps, {
    method: request.method ?? 'GET',
    path: decodeURIComponent(url.pathname.slice('/simulator'.length)),
    query: url.searchParams,
    body,
  });
  sendJson(response, answer.status, answer.body);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size <= MAX_BYTES) chunks.push(chunk);
  }
  return size > MAX_BYTES ? undefined : Buffer.concat(chunks).toString('utf8');
}
