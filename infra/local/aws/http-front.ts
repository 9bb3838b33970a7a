import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { closeServer, listen, readBody, writeJson } from '../http.ts';
import { isFromThisMachine } from '../own-address.ts';
import type { Functions } from './functions.ts';
import { type GatewayRoute, gatewayEvent, routeOf, writeResult } from './gateway-event.ts';

export interface Front {
  url: string;
  port: number;
  close(): Promise<void>;
}

type HttpFunctions = Pick<Functions, 'receiveFeishuEvents' | 'receiveExternalEvents' | 'manageSettings'>;

interface FrontOptions {
  functions: HttpFunctions;
  /** Whether everything runs: `GET /health`. */
  isReady: () => boolean;
  /** `GET /stack`: the local equivalent of the outputs of a deployed stack. */
  describe: () => object;
  /** Answers the routes of the console. Resolves to false for another path. */
  console: (request: IncomingMessage, response: ServerResponse, path: string) => Promise<boolean>;
  /** Called after every call of a function. */
  onAnswered?: (answered: { routeKey: string; status: number }) => void;
}

/** The request size limit of API Gateway. */
const GATEWAY_LIMIT_BYTES = 10 * 1024 * 1024;

/** Starts the HTTP front of docs/contract.md 2, 4 and 5 on the loopback, with the console page. */
export async function startFront(wantedPort: number, options: FrontOptions): Promise<Front> {
  const server = createServer((request, response) => {
    handle(request, response, options).catch(() => {
      if (!response.headersSent) writeJson(response, 500, { message: 'Internal Server Error' });
      else response.destroy();
    });
  });
  const port = await listen(server, wantedPort);
  return { url: `http://127.0.0.1:${port}`, port, close: () => closeServer(server) };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: FrontOptions,
): Promise<void> {
  const method = request.method ?? 'GET';
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (method === 'GET' && path === '/health') {
    const ready = options.isReady();
    writeJson(response, ready ? 200 : 503, { status: ready ? 'ok' : 'starting' });
    return;
  }
  if (method === 'GET' && path === '/stack' && isFromThisMachine(request)) {
    writeJson(response, 200, options.describe());
    return;
  }
  const route = routeOf(method, path);
  if (!route) {
    if (isFromThisMachine(request) && (await options.console(request, response, path))) return;
    writeJson(response, 404, { code: 'NOT_FOUND', message: `There is no route ${method} ${path}.` });
    return;
  }
  // Settings requests are not signed here: a web page must not send them through a visitor's browser. Events of Feishu
  // and of OAs are signed, and may come through a tunnel under any host name.
  if (route.target === 'MANAGE_SETTINGS' && !isFromThisMachine(request)) {
    writeJson(response, 403, { code: 'FORBIDDEN', message: 'Only this machine may use the settings.' });
    return;
  }
  const body = await readBody(request, GATEWAY_LIMIT_BYTES);
  if (!body) {
    writeJson(response, 413, { message: 'Request Entity Too Large' });
    return;
  }
  const event = gatewayEvent(request, body, route, new Date());
  const result = await functionOf(options.functions, route.target)(event);
  const status = writeResult(response, result);
  options.onAnswered?.({ routeKey: route.routeKey, status });
}

function functionOf(functions: HttpFunctions, target: GatewayRoute['target']) {
  switch (target) {
    case 'RECEIVE_FEISHU_EVENTS':
      return functions.receiveFeishuEvents;
    case 'RECEIVE_EXTERNAL_EVENTS':
      return functions.receiveExternalEvents;
    case 'MANAGE_SETTINGS':
      return functions.manageSettings;
    default:
      return target satisfies never;
  }
}
