import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../../http.ts';
import { isFromThisMachine } from '../../own-address.ts';
import type { Clock } from './clock.ts';
import { answerControl, type ControlRoutes } from './control-routes.ts';
import type { SimulatedOutcome } from './faults.ts';
import { readInboxPage } from './inbox-page.ts';

/** The HTTP side of a simulator: the API of the simulated system, the control and the inbox page. */

const MAX_BYTES = 2 * 1024 * 1024;

/** A call of the simulated system's own API. */
export interface ApiCall {
  method: string;
  /** Still encoded, without the query. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
}

export interface SimulatorFront {
  clock: Clock;
  /** The folder of the inbox page. */
  page: URL;
  isApi(path: string): boolean;
  callApi(call: ApiCall): SimulatedOutcome;
  control: ControlRoutes;
  /** The body of an answer that is not of the API, in the form of the simulated system. */
  errorBody(error: 'NOT_FOUND' | 'INTERNAL'): object;
}

export async function answerRequest(
  front: SimulatorFront,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = (await readBody(request, MAX_BYTES))?.toString('utf8');
    if (body === undefined) {
      return sendJson(response, 413, { code: 'TOO_LARGE', message: 'over 2 MiB' });
    }
    const { pathname: path, searchParams: query } = new URL(`http://simulator${request.url ?? '/'}`);
    const method = request.method ?? 'GET';
    if (front.isApi(path)) {
      const headers = joinedHeaders(request);
      return sendOutcome(front.callApi({ method, path, query, headers, body }), request, response, front);
    }
    if (path.startsWith('/simulator/')) {
      // Control requests are not signed: a web page elsewhere must not approve through a visitor's browser, nor read
      // the SQL. The API has no such check: its callers prove who they are, and may come through a proxy.
      if (!isFromThisMachine(request)) {
        const message = 'Only this machine may use the simulator.';
        return sendJson(response, 403, { code: 'FORBIDDEN', message });
      }
      const below = decodeURIComponent(path.slice('/simulator'.length));
      const answer = await answerControl(front.control, { method, path: below, query, body });
      return sendJson(response, answer.status, answer.body);
    }
    const file = method === 'GET' ? await readInboxPage(front.page, path) : undefined;
    if (file === undefined) return sendJson(response, 404, front.errorBody('NOT_FOUND'));
    response.writeHead(200, file.headers).end(file.body);
  } catch {
    // A caller may have gone away. Every other caller must get an error, not wait.
    if (response.headersSent) response.destroy();
    else sendJson(response, 500, front.errorBody('INTERNAL'));
  }
}

const joinedHeaders = ({ headers }: IncomingMessage): ApiCall['headers'] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );

function sendOutcome(
  outcome: SimulatedOutcome,
  request: IncomingMessage,
  response: ServerResponse,
  { clock }: SimulatorFront,
): void {
  switch (outcome.kind) {
    case 'HANG':
      return;
    case 'RESET':
      request.socket.resetAndDestroy();
      return;
    case 'ANSWER': {
      const send = () => void response.writeHead(outcome.status, outcome.headers).end(outcome.body);
      if (!outcome.afterMs) send();
      else response.once('close', clock.after(outcome.afterMs, send));
      return;
    }
    default:
      outcome satisfies never;
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(JSON.stringify(body));
}
