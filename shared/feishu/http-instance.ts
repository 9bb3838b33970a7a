import type { HttpInstance, HttpRequestOptions } from '@larksuiteoapi/node-sdk';
import { FeishuError } from './errors.ts';

/** Timeout of a Feishu call (docs/design.md 4.9). */
export const CALL_TIMEOUT_MS = 8_000;

/** An answer with any HTTP status. Its meaning depends on the `code` in its body. */
export interface FeishuAnswer {
  httpStatus: number;
  /** `x-ogw-ratelimit-reset` (docs/feishu.md 8). */
  retryAfterSeconds: number | undefined;
  /** `x-tt-logid`, which Feishu's support asks for. */
  logId: string | undefined;
  /** The parsed body; undefined if it is not JSON. */
  body: unknown;
}

/**
 * Creates an HTTP instance for the SDK, over fetch. The SDK passes on what it returns: a `FeishuAnswer` for
 * every status. It rejects with a `FeishuError` UNAVAILABLE on timeout, reset or redirect. The error contains nothing
 * of the request, which has tokens, secrets and SQL.
 */
export function createHttpInstance(options: {
  fetch: typeof fetch;
  /** How long a call that begins now may take; undefined if too little time is left for one. */
  timeForCall: () => number | undefined;
}): HttpInstance {
  const exchange = async (request: HttpRequestOptions<unknown>): Promise<FeishuAnswer> => {
    const method = (request.method ?? 'GET').toUpperCase();
    const hasBody = method !== 'GET' && request.data !== undefined;
    const timeoutMs = options.timeForCall();
    if (timeoutMs === undefined) throw noTimeLeft();
    try {
      const response = await options.fetch(withParameters(request.url ?? '', request.params), {
        method,
        headers: {
          ...request.headers,
          ...(hasBody && { 'Content-Type': 'application/json; charset=utf-8' }),
        },
        ...(hasBody && { body: JSON.stringify(request.data) }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return {
        httpStatus: response.status,
        retryAfterSeconds: seconds(response.headers.get('x-ogw-ratelimit-reset')),
        logId: response.headers.get('x-tt-logid') ?? undefined,
        body: parseJson(await response.text()),
      };
    } catch (error) {
      throw new FeishuError('UNAVAILABLE', describeFailure(error));
    }
  };
  // In the SDK's interface each caller names its result type, which no implementation can check.
  const request = exchange as HttpInstance['request'];
  const send =
    (method: string) =>
    (url: string, data?: unknown, rest: HttpRequestOptions<unknown> = {}) =>
      request({ ...rest, url, method, data });
  const fetchOnly =
    (method: string) =>
    (url: string, rest: HttpRequestOptions<unknown> = {}) =>
      request({ ...rest, url, method });
  return {
    request,
    get: fetchOnly('GET'),
    delete: fetchOnly('DELETE'),
    head: fetchOnly('HEAD'),
    options: fetchOnly('OPTIONS'),
    post: send('POST'),
    put: send('PUT'),
    patch: send('PATCH'),
  };
}

function withParameters(url: string, parameters: Record<string, unknown> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) query.append(name, String(one));
    }
  }
  return query.size > 0 ? `${url}?${query}` : url;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function seconds(header: string | null): number | undefined {
  const value = Number(header ?? Number.NaN);
  return header?.trim() && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/**
 * The error of a call that was not made, because Lambda would end the function during it. It counts like a call
 * without an answer: what is stored as begun may have been done by an earlier call.
 */
export const noTimeLeft = (): FeishuError =>
  new FeishuError('UNAVAILABLE', 'Too little time was left to call Feishu.');

/** Names the code of the network or of TLS, such as ECONNRESET. The cause itself may hold the request, and so a token. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'Feishu could not be reached.';
  if (error.name === 'TimeoutError') return 'Feishu did not answer in time.';
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(code)
    ? `Feishu could not be reached (${code}).`
    : 'Feishu could not be reached.';
}
