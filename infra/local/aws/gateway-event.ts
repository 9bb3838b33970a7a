import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from 'aws-lambda';

export interface GatewayRoute {
  target: 'RECEIVE_FEISHU_EVENTS' | 'RECEIVE_EXTERNAL_EVENTS' | 'MANAGE_SETTINGS';
  routeKey: string;
  pathParameters?: Record<string, string>;
}

const ROUTES: { routeKey: string; target: GatewayRoute['target'] }[] = [
  { routeKey: 'POST /feishu/events', target: 'RECEIVE_FEISHU_EVENTS' },
  { routeKey: 'POST /external-approvals/{nodeId}/events', target: 'RECEIVE_EXTERNAL_EVENTS' },
  { routeKey: 'PUT /settings/feishu', target: 'MANAGE_SETTINGS' },
  { routeKey: 'GET /settings/feishu', target: 'MANAGE_SETTINGS' },
  { routeKey: 'DELETE /settings/feishu', target: 'MANAGE_SETTINGS' },
  { routeKey: 'POST /settings/feishu/check', target: 'MANAGE_SETTINGS' },
  { routeKey: 'GET /settings/feishu/check/{testId}', target: 'MANAGE_SETTINGS' },
  { routeKey: 'GET /settings/external-approvals', target: 'MANAGE_SETTINGS' },
  { routeKey: 'PUT /settings/external-approvals/{nodeId}', target: 'MANAGE_SETTINGS' },
  { routeKey: 'GET /settings/external-approvals/{nodeId}', target: 'MANAGE_SETTINGS' },
  { routeKey: 'DELETE /settings/external-approvals/{nodeId}', target: 'MANAGE_SETTINGS' },
];

/** Returns the route of docs/contract.md 2, 4 and 5 for a request, or undefined. */
export function routeOf(method: string, path: string): GatewayRoute | undefined {
  const parts = path.split('/');
  for (const { routeKey, target } of ROUTES) {
    const [routeMethod, routePath = ''] = routeKey.split(' ');
    const pattern = routePath.split('/');
    if (routeMethod !== method || pattern.length !== parts.length) continue;
    const parameters: Record<string, string> = {};
    const fits = pattern.every((name, index) => {
      const part = parts[index] ?? '';
      if (!name.startsWith('{')) return name === part;
      parameters[name.slice(1, -1)] = decode(part);
      return part !== '';
    });
    if (fits)
      return {
        target,
        routeKey,
        ...(Object.keys(parameters).length > 0 && { pathParameters: parameters }),
      };
  }
  return undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Builds the event that an HTTP API passes to a function: payload format 2.0. */
export function gatewayEvent(
  request: IncomingMessage,
  body: Buffer,
  route: GatewayRoute,
  now: Date,
): APIGatewayProxyEventV2 {
  const [rawPath = '/', rawQueryString = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const headers = joinedHeaders(request.rawHeaders);
  const query = [...new URLSearchParams(rawQueryString)];
  const text = isText(headers['content-type'], body);
  const method = request.method ?? 'GET';
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath,
    rawQueryString,
    headers,
    ...(query.length > 0 && { queryStringParameters: Object.fromEntries(query) }),
    ...(route.pathParameters && { pathParameters: route.pathParameters }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: headers.host ?? '',
      domainPrefix: 'local',
      http: {
        method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: route.routeKey,
      stage: '$default',
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(text ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !text,
  };
}

/** Returns headers as the gateway does: names in lower case, repeated headers joined with a comma. */
function joinedHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    const value = rawHeaders[index + 1] ?? '';
    headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  return headers;
}

/** The gateway encodes bodies without a text content type. Bytes that are not UTF-8 must be encoded, too. */
function isText(contentType: string | undefined, body: Buffer): boolean {
  const textual = /^\s*(text\/|application\/(json|xml|javascript)\b)/i.test(contentType ?? '');
  return textual && Buffer.from(body.toString('utf8'), 'utf8').equals(body);
}

/** Writes the answer of a function, by the gateway's rules for payload format 2.0. Returns the status. */
export function writeResult(response: ServerResponse, result: APIGatewayProxyResultV2): number {
  if (typeof result === 'string' || typeof result.statusCode !== 'number') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(typeof result === 'string' ? result : JSON.stringify(result));
    return 200;
  }
  const headers = Object.entries(result.headers ?? {}).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    String(value),
  ]);
  response.writeHead(result.statusCode, { 'content-type': 'text/plain', ...Object.fromEntries(headers) });
  response.end(Buffer.from(result.body ?? '', result.isBase64Encoded ? 'base64' : 'utf8'));
  return result.statusCode;
}
