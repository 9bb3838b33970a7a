import { lookup as lookupOfSystem } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { AppError } from '../runtime/errors.ts';
import { type AddressRules, areAllowedAddresses, hostOf } from './addresses.ts';

/** A larger answer is refused (the "over 64 KiB"). */
export const MAX_ANSWER_BYTES = 64 * 1024;

export interface TransportRequest {
  method: 'GET' | 'POST' | 'PATCH';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** Of connecting, sending and reading together. */
  timeoutMs: number;
}

export interface TransportAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
}

/**
 * One exchange with an OA, whatever its status; a redirect is an answer like any other. Rejects with a
 * `TransportError` when there is no whole answer.
 */
export type Transport = (request: TransportRequest) => Promise<TransportAnswer>;

export type TransportErrorCode = 'TIMEOUT' | 'TOO_LARGE' | 'ADDRESS_REFUSED' | 'UNREACHABLE';

/** Its message holds nothing of the request, nor of the answer. */
export class TransportError extends AppError {
  declare readonly code: TransportErrorCode;
  /** Of an answer that was not read to its end. */
  readonly httpStatus: number | undefined;

  constructor(code: TransportErrorCode, message: string, httpStatus?: number) {
    super(code, message, { retryable: true });
    this.httpStatus = httpStatus;
  }
}

const notPublic = () => new TransportError('ADDRESS_REFUSED', "The OA's address is not a public one.");

/**
 * Over node:http and node:https. The address is checked at each connection, after the name was looked up: a name that
 * leads elsewhere than when it was saved leads nowhere. `allowLocal`, for the local stack: plain http too, and the
 * loopback; private networks stay refused. No proxy is asked.
 */
export function createTransport({
  lookup = lookupOfSystem,
  ...rules
}: AddressRules & { lookup?: LookupFunction }): Transport {
  // A connection that a frozen container kept is mostly dead when it wakes, and a POST on it is lost.
  const agents = {
    http: new http.Agent({ keepAlive: false }),
    https: new https.Agent({ keepAlive: false }),
  };
  return async ({ url, body, timeoutMs, ...asked }) => {
    const target = new URL(url);
    const isPlain = target.protocol === 'http:';
    if (target.protocol !== 'https:' && !(isPlain && rules.allowLocal)) {
      throw new TransportError('ADDRESS_REFUSED', "The OA's endpoint is not https.");
    }
    const host = hostOf(target);
    // Node looks up names only.
    if (isIP(host) !== 0 && !areAllowedAddresses([host], rules)) throw notPublic();
    const signal = AbortSignal.timeout(timeoutMs);
    const request = (isPlain ? http : https).request(target, {
      ...asked,
      agent: isPlain ? agents.http : agents.https,
      signal,
      lookup: allowedOnly(lookup, rules),
    });
    try {
      const response = await responseTo(request, body);
      return {
        status: response.statusCode ?? 0,
        headers: flat(response.headers),
        body: await readBody(response),
      };
    } catch (error) {
      throw describe(error, signal);
    } finally {
      request.destroy();
    }
  };
}

/**
 * Fails with `ADDRESS_REFUSED` unless every address of a name is allowed. Node connects to what this returns and to
 * nothing else, so no second lookup can lead elsewhere.
 */
function allowedOnly(lookup: LookupFunction, rules: AddressRules): LookupFunction {
  return (hostname, options, done) =>
    lookup(hostname, { ...options, all: true }, (error, answer, family) => {
      if (error) return done(error, []);
      const found =
        typeof answer === 'string' ? [{ address: answer, family: family ?? isIP(answer) }] : answer;
      const [first] = found;
      if (
        !first ||
        !areAllowedAddresses(
          found.map(({ address }) => address),
          rules,
        )
      ) {
        return done(notPublic(), []);
      }
      return options.all ? done(null, found) : done(null, first.address, first.family);
    });
}

function responseTo(request: http.ClientRequest, body: string | undefined): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  request.once('response', resolve);
  // Errors come also after the response: without a listener they would end the process.
  request.on('error', reject);
  // Some ends have no error of their own: a switch of protocols, for one.
  request.once('close', () => reject(new Error('closed')));
  request.end(body);
  return promise;
}

async function readBody(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    size += bytes.byteLength;
    if (size > MAX_ANSWER_BYTES) {
      throw new TransportError('TOO_LARGE', "The OA's answer is larger than 64 KiB.", response.statusCode);
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const flat = (headers: http.IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join(', ')]],
    ),
  );

function describe(error: unknown, signal: AbortSignal): TransportError {
  if (error instanceof TransportError) return error;
  if (signal.aborted) return new TransportError('TIMEOUT', 'The OA did not answer in time.');
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? ` (${code})` : '';
  return new TransportError('UNREACHABLE', `The OA could not be reached${known}.`);
}
