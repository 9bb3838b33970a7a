import { lookup as lookupOfSystem } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { AppError } from '../runtime/errors.ts';
import { type AddressRules, areAllowedAddresses, hostOf } from './addresses.ts';

/** A larger answer is refused (docs/contract.md 5). */
export const MAX_ANSWER_BYTES = 64 * 1024;

export interface TransportRequest {
  method: 'GET' | 'POST' | 'PATCH';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** Limit for connecting, sending and reading together. */
  timeoutMs: number;
}

export interface TransportAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
}

/**
 * Sends one request to an OA and returns the answer, whatever its status. Does not follow redirects. Rejects with a
 * `TransportError` if there is no complete answer.
 */
export type Transport = (request: TransportRequest) => Promise<TransportAnswer>;

export type TransportErrorCode = 'TIMEOUT' | 'TOO_LARGE' | 'ADDRESS_REFUSED' | 'UNREACHABLE';

/** Its message contains nothing of the request or of the answer. */
export class TransportError extends AppError {
  declare readonly code: TransportErrorCode;
  /** The status of an answer that was not read to its end. */
  readonly httpStatus: number | undefined;

  constructor(code: TransportErrorCode, message: string, httpStatus?: number) {
    super(code, message, { retryable: true });
    this.httpStatus = httpStatus;
  }
}

const notPublic = () => new TransportError('ADDRESS_REFUSED', "The OA's address is not public.");

/**
 * Creates a transport over node:http and node:https. It checks the address at each connection, after the name is
 * resolved, because a name may lead to another address than when it was saved. With `allowLocal`, for the local stack,
 * it accepts http and the loopback too; private networks stay refused. It uses no proxy.
 */
export function createTransport({
  lookup = lookupOfSystem,
  ...rules
}: AddressRules & { lookup?: LookupFunction }): Transport {
  // No keep-alive: connections of a frozen container are mostly dead when it wakes, and a POST on them is lost.
  const agents = {
    http: new http.Agent({ keepAlive: false }),
    https: new https.Agent({ keepAlive: false }),
  };
  return async ({ url, body, timeoutMs, ...asked }) => {
    const target = new URL(url);
    const isPlain = target.protocol === 'http:';
    if (target.protocol !== 'https:' && !(isPlain && rules.allowLocal)) {
      throw new TransportError('ADDRESS_REFUSED', "The OA's endpoint does not use https.");
    }
    const host = hostOf(target);
    // Node calls `lookup` for names only, so addresses are checked here.
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
 * Returns a lookup that fails with `ADDRESS_REFUSED` unless every address of a name is allowed. Node connects only to
 * what it returns, so a second lookup cannot lead elsewhere.
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
  // Errors also come after the response. Without a listener they would end the process.
  request.on('error', reject);
  // Some connections end without an error, for example after a switch of protocols.
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
