import * as z from 'zod';
import { declareSecret } from './secrets.ts';

export interface StubRequest {
  method: string;
  url: URL;
  headers: Headers;
  /** The parsed body; undefined without one. */
  body: unknown;
}

/** Returns `METHOD /path`, with the path below /open-apis. */
export const routeOf = (request: StubRequest): string =>
  `${request.method} ${request.url.pathname.replace('/open-apis', '')}`;

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers });

export const TOKEN_ROUTE = 'POST /auth/v3/tenant_access_token/internal';

/**
 * Returns a fetch that gives scripted answers for each route. The last answer of a route repeats. The token route
 * answers t-1, t-2, … unless it is scripted too.
 */
export function stubFetch(script: Record<string, (() => Response | Promise<Response>)[]>) {
  const requests: StubRequest[] = [];
  const left = new Map(Object.entries(script).map(([route, answers]) => [route, [...answers]]));
  let tokens = 0;
  const stub: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    const text = typeof init?.body === 'string' ? init.body : undefined;
    const request: StubRequest = {
      method: init?.method ?? 'GET',
      url,
      headers: new Headers(init?.headers),
      body: text === undefined ? undefined : JSON.parse(text),
    };
    requests.push(request);
    declareKeysOf(request);
    const answers = left.get(routeOf(request));
    const answer = answers && answers.length > 1 ? answers.shift() : answers?.[0];
    if (answer) return answer();
    if (routeOf(request) !== TOKEN_ROUTE) throw new Error(`nothing is scripted for ${routeOf(request)}`);
    tokens += 1;
    return json({ code: 0, msg: 'ok', tenant_access_token: `t-${tokens}`, expire: 7200 });
  };
  return { fetch: stub, requests, routes: () => requests.map(routeOf) };
}

const tokenRequestSchema = z.object({ app_secret: z.string() });

/** Declares the credentials in a request, which must not appear in a log. */
function declareKeysOf({ body, headers }: StubRequest): void {
  declareSecret('tenant token', headers.get('authorization')?.replace(/^Bearer /, '') ?? '');
  const { data } = tokenRequestSchema.safeParse(body);
  if (data) declareSecret('app secret', data.app_secret);
}
