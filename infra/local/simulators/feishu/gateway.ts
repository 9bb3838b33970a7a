import { randomBytes } from 'node:crypto';
import { type SimulatedAnswer, type SimulatedOutcome, withConnectionFault } from '../kit/faults.ts';
import { definitionDisabled } from './definitions.ts';
import type { EndpointName } from './endpoint-names.ts';
import { type Endpoint, matchEndpoint } from './endpoints.ts';
import { appliesTo, type CallFault, callFaultSchema } from './faults.ts';
import { isTooLargeForProxy, requireSize } from './instance-switches.ts';
import { createRateLimiter, type Limit, PER_PERSON, quotaUsedUp, rateLimited } from './limits.ts';
import { receiverOf } from './messages.ts';
import { Refusal } from './refusal.ts';
import { missingScope, requireScope } from './scopes.ts';
import { invalidToken, requireToken } from './tokens.ts';
import type { World } from './world.ts';

/** The gateway of the open platform: everything that happens before and after the API itself. */

export interface Incoming {
  method: string;
  /** Below /open-apis, still encoded. */
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  contentType: string | undefined;
  body: string;
}

export interface Answer extends SimulatedAnswer {
  refused: boolean;
  afterMs: number;
}
export type Outcome = SimulatedOutcome<Answer>;

export type Limits = Partial<Record<EndpointName, Limit>> & { monthlyQuota?: number };
type Counts = Partial<Record<EndpointName | 'unknown', number>>;
export interface CallCounts {
  calls: Counts;
  refused: Counts;
}

export interface Gateway {
  handle(incoming: Incoming): Outcome;
  counts(): CallCounts;
  resetCounts(): void;
}

const CALL_KINDS = callFaultSchema.options.map((option) => option.shape.kind.value);
const TAKEN_BEFORE_CALL = CALL_KINDS.filter((kind) => kind !== 'STALE_READ');

export function createGateway(world: World, limits: Limits): Gateway {
  const limiter = createRateLimiter(world.clock);
  let counts: CallCounts = { calls: {}, refused: {} };
  let metered = 0;

  function handle(incoming: Incoming): Outcome {
    let name: EndpointName | 'unknown' = 'unknown';
    const outcome = orRefusal(() => {
      const { endpoint, params } = matchEndpoint(incoming.method, incoming.path);
      name = endpoint.name;
      if (name === 'createInstance' && isTooLargeForProxy(world.switches.createLimit, incoming.body)) {
        return htmlPage(413, 'Request Entity Too Large');
      }
      const fault = world.faults.take(TAKEN_BEFORE_CALL, (each) => appliesTo(each, endpoint.name));
      return withFault(fault, endpoint, () =>
        orRefusal(() => {
          const answer = callEndpoint(endpoint, params, incoming);
          if (endpoint.metered) metered += 1;
          return respond(200, { code: 0, msg: endpoint.open ? 'ok' : 'success', ...answer });
        }),
      );
    });
    count(counts.calls, name);
    if (outcome.kind !== 'ANSWER' || outcome.refused) count(counts.refused, name);
    return outcome;
  }

  function callEndpoint(endpoint: Endpoint, params: Record<string, string>, incoming: Incoming) {
    if (!world.grants.appEnabled) throw appDisabled();
    if (!endpoint.open) requireToken(world.tokens, incoming.authorization);
    limiter.pass(endpoint.name, limits[endpoint.name] ?? endpoint.limit);
    const overQuota =
      world.grants.quotaUsedUp || metered >= (limits.monthlyQuota ?? Number.POSITIVE_INFINITY);
    if (endpoint.metered && overQuota) throw quotaUsedUp();
    requireScope(world.app.appId, world.grants.scopes, endpoint.scopes);
    if (endpoint.name === 'createInstance') requireSize(world.switches.createLimit, incoming.body);
    const body = readBody(endpoint, incoming);
    const receiver = endpoint.name === 'sendMessage' ? receiverOf(body) : undefined;
    if (receiver !== undefined) limiter.pass(`to ${receiver}`, PER_PERSON);
    return endpoint.answer(world, { endpoint: endpoint.name, params, query: incoming.query, body });
  }

  function withFault(fault: CallFault | undefined, endpoint: Endpoint, carryOut: () => Outcome): Outcome {
    if (fault === undefined || fault.kind === 'STALE_READ') return carryOut();
    switch (fault.kind) {
      case 'RATE_LIMITED':
        throw rateLimited(endpoint.limit.perMinute ?? 100, fault.resetSeconds);
      case 'TOKEN_INVALID':
        throw invalidToken();
      case 'SCOPE_MISSING':
        throw missingScope(world.app.appId, endpoint.scopes);
      case 'QUOTA_USED_UP':
        throw quotaUsedUp();
      case 'APP_DISABLED':
        throw appDisabled();
      case 'DEFINITION_DISABLED':
        throw definitionDisabled();
      case 'ERROR_CODE':
        throw new Refusal(fault.status, fault.code, 'a fault of the simulator');
      case 'BAD_GATEWAY':
        return htmlPage(502, 'Bad Gateway');
      case 'COMMIT_LATE':
        world.clock.after(fault.ms, () => void carryOut());
        return { kind: 'HANG' };
      case 'TOKEN_EXPIRED_EARLY':
        world.tokens.expireAll();
        return carryOut();
      default:
        return withConnectionFault(fault, carryOut);
    }
  }

  return {
    handle,
    counts: () => structuredClone(counts),
    resetCounts() {
      counts = { calls: {}, refused: {} };
    },
  };
}

/** The answer of a proxy: no JSON, no code of Feishu, no log id. */
const htmlPage = (status: number, reason: string): Answer => ({
  kind: 'ANSWER',
  status,
  headers: { 'Content-Type': 'text/html' },
  body: `<html><head><title>${status} ${reason}</title></head><body><center><h1>${status} ${reason}</h1></center></body></html>`,
  refused: true,
  afterMs: 0,
});

const appDisabled = () => new Refusal(400, 99991662, 'app is disabled or not in use');

function count(counts: Counts, name: EndpointName | 'unknown'): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** Ignores the body of a GET; an absent body is an empty object; any other must be JSON with its content type. */
function readBody(endpoint: Endpoint, { contentType, body }: Incoming): unknown {
  if (endpoint.method === 'GET' || body === '') return {};
  if (!/^application\/json\b/i.test(contentType ?? '')) throw endpoint.refuseBody('Content-Type');
  try {
    return JSON.parse(body);
  } catch {
    throw endpoint.refuseBody('not JSON');
  }
}

function orRefusal(run: () => Outcome): Outcome {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status, code, message, details, headers } = error;
    const logId = newLogId();
    const body = { code, msg: message, error: { log_id: logId, ...details } };
    return { ...respond(status, body, headers, logId), refused: true };
  }
}

function respond(
  status: number,
  body: object,
  headers: Record<string, string> = {},
  logId = newLogId(),
): Answer {
  return {
    kind: 'ANSWER',
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', 'x-tt-logid': logId, ...headers },
    body: JSON.stringify(body),
    refused: false,
    afterMs: 0,
  };
}

const newLogId = () => randomBytes(17).toString('hex').toUpperCase();
