import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, writeJson } from '../../http.ts';
import { isFromThisMachine } from '../../own-address.ts';
import type { Clock } from '../kit/clock.ts';
import { readInboxPage } from '../kit/inbox-page.ts';
import { answerControl, type EventsUrl } from './control-routes.ts';
import type { Oa } from './oa.ts';
import type { Signatures } from './signatures.ts';

/** Sorts requests between the OA's own routes, the control and the inbox page, and speaks HTTP. */

const MAX_BYTES = 2 * 1024 * 1024;
const PAGE = new URL('page/', import.meta.url);

export interface Parts {
  oa: Oa;
  signatures: Signatures;
  eventsUrl: EventsUrl;
  clock: Clock;
}

export async function answerRequest(parts: Parts, request: IncomingMessage, response: ServerResponse) {
  try {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const body = (await readBody(request, MAX_BYTES))?.toString('utf8');
    if (body === undefined) return writeJson(response, 413, { message: 'over 2 MiB' });
    if (/^\/approval(\/|$)/.test(path)) return callOa(parts, request, response, path, body);
    if (path.startsWith('/simulator/')) return callControl(parts, request, response, path, body);
    const file = request.method === 'GET' ? await readInboxPage(PAGE, path) : undefined;
    if (file === undefined) return writeJson(response, 404, { message: 'there is nothing here' });
    response.writeHead(200, file.headers).end(file.body);
  } catch {
    // A caller that went away is no fault; whatever else happens, it must see an error and not wait.
    if (response.headersSent) response.destroy();
    else writeJson(response, 500, { message: 'internal error' });
  }
}

function callOa(
  { oa, signatures, clock }: Parts,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  body: string,
): void {
  if (!signatures.verify(request.headers, body)) {
    writeJson(response, 401, { message: 'not rightly signed' });
    return;
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : value,
    ]),
  );
  const outcome = oa.handle({ method: request.method ?? 'GET', path, headers, body });
  switch (outcome.kind) {
    case 'HANG':
      return;
    case 'RESET':
      request.socket.resetAndDestroy();
      return;
    case 'ANSWER': {
      const send = () => void response.writeHead(outcome.status, outcome.headers).end(outcome.body);
      if (outcome.afterMs === undefined) send();
      else response.once('close', clock.after(outcome.afterMs, send));
      return;
    }
    default:
      outcome satisfies never;
  }
}

function callControl(
  { oa, eventsUrl }: Parts,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  body: string,
): void {
  // Unsigned: a web page elsewhere must not approve through a visitor's browser, nor read the SQL.
  if (!isFromThisMachine(request)) {
    writeJson(response, 403, { code: 'FORBIDDEN', message: 'Only this machine may use the simulator.' });
    return;
  }
  const answer = answerControl(oa, eventsUrl, {
    method: request.method ?? 'GET',
    path: decodeURIComponent(path.slice('/simulator'.length)),
    body,
  });
  writeJson(response, answer.status, answer.body);
}
