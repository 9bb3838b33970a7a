import type * as z from 'zod';
import { type SimulatedAnswer, type SimulatedOutcome, withConnectionFault } from '../kit/faults.ts';
import type { ApiCall } from '../kit/http-front.ts';
import type { Approvals, OaApprovalRecord } from './approvals.ts';
import { type CallFault, type Faults, METHODS, type Method } from './faults.ts';
import { cancelSchema, requestSchema } from './wire.ts';

/** The API of the OA: the three requests of docs/contract.md 5, and the faults. No network. */

/** `path`: below the node's endpoint. */
export type OaCall = Omit<ApiCall, 'query'>;
export type OaAnswer = SimulatedAnswer;
export type OaOutcome = SimulatedOutcome;

export type CallCounts = Record<Method, number>;

export interface Gateway {
  handle(call: OaCall): OaOutcome;
  calls(): CallCounts;
  resetCalls(): void;
}

type Route = { method: 'POST' } | { method: 'GET' | 'PATCH'; id: string };

export function createGateway(approvals: Approvals, faults: Faults): Gateway {
  let counts = none();

  function handle(call: OaCall): OaOutcome {
    const route = routeOf(call);
    if (typeof route === 'number') return refuse(route, 'no such route');
    counts[route.method] += 1;
    const fault = faults.takeBeforeCall(route.method);
    return fault ? withFault(fault, () => answer(route, call)) : answer(route, call);
  }

  function answer(route: Route, call: OaCall): OaAnswer {
    if (route.method === 'POST') return create(call);
    const record = approvals.all.get(route.id);
    if (!record) return refuse(404, 'no such approval');
    return route.method === 'GET' ? read(record) : cancel(record, call);
  }

  function create({ headers, body }: OaCall): OaAnswer {
    const request = parse(requestSchema, body);
    if (typeof request === 'string') return refuse(400, request);
    if (headers['idempotency-key'] !== request.approvalId) {
      return refuse(400, 'the header Idempotency-Key is not the approvalId');
    }
    const opened = approvals.open(request);
    if (opened === 'CONFLICT') return refuse(409, 'this Idempotency-Key was used with another body');
    return show(opened.isNew ? 201 : 200, opened.record);
  }

  function read(record: OaApprovalRecord): OaAnswer {
    const before = approvals.before(record.id);
    return show(200, before && faults.take('STALE_READ') ? before : record);
  }

  function cancel(record: OaApprovalRecord, { body }: OaCall): OaAnswer {
    const asked = parse(cancelSchema, body);
    if (typeof asked === 'string') return refuse(400, asked);
    return approvals.cancel(record, asked.reason)
      ? show(200, record)
      : refuse(409, `the approval is ${record.status}`);
  }

  return {
    handle,
    calls: () => ({ ...counts }),
    resetCalls() {
      counts = none();
    },
  };
}

const none = (): CallCounts => ({ POST: 0, GET: 0, PATCH: 0 });

/** Returns a route, or the status of the error. */
function routeOf({ method, path }: OaCall): Route | 404 | 405 {
  const [, root, id, ...rest] = path.split('/');
  if (root !== 'approval' || rest.length > 0 || id === '') return 404;
  const known = METHODS.find((each) => each === method);
  if (known === undefined || (known === 'POST') !== (id === undefined)) return 405;
  return known === 'POST' ? { method: known } : { method: known, id: decode(id ?? '') };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Returns the parsed body, or what is wrong with it: the place and the rule, never the value. */
function parse<T>(schema: z.ZodType<T>, body: string): T | string {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return 'the body is not JSON';
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return `${['body', ...(issue?.path.map(String) ?? [])].join('.')}: ${issue?.message ?? 'invalid'}`;
}

function withFault(fault: Exclude<CallFault, { kind: 'STALE_READ' }>, carryOut: () => OaAnswer): OaOutcome {
  switch (fault.kind) {
    case 'STATUS': {
      if (fault.carriedOut) carryOut();
      const refused = refuse(fault.status, 'a fault of the simulator');
      if (fault.retryAfterSeconds !== undefined) {
        refused.headers['retry-after'] = String(fault.retryAfterSeconds);
      }
      return refused;
    }
    case 'BAD_BODY':
      return fault.as === 'NOT_JSON'
        ? { ...carryOut(), headers: { 'content-type': 'text/html' }, body: '<html>Please log in</html>' }
        : { ...carryOut(), body: JSON.stringify({ result: 'ok' }) };
    case 'UNKNOWN_STATUS':
      return changed(carryOut(), { status: fault.as });
    case 'REDIRECT':
      return { ...refuse(fault.status, 'moved'), headers: { location: fault.to } };
    case 'HUGE_ANSWER':
      return changed(carryOut(), { padding: ' '.repeat(fault.bytes) });
    default:
      return withConnectionFault(fault, carryOut);
  }
}

/** Changes the body of a successful answer. */
const changed = (answer: OaAnswer, changes: object): OaAnswer =>
  answer.status < 300
    ? { ...answer, body: JSON.stringify({ ...JSON.parse(answer.body), ...changes }) }
    : answer;

function show(status: number, { id, status: stands, decidedBy, comment }: OaApprovalRecord): OaAnswer {
  return respond(status, { id, status: stands, decidedBy, comment });
}

export const refuse = (status: number, message: string): OaAnswer => respond(status, { message });

const respond = (status: number, body: object): OaAnswer => ({
  kind: 'ANSWER',
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});
