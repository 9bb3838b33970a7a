import * as z from 'zod';
import { OaActRefused } from './act-refused.ts';
import type { OaApprovalRecord } from './approvals.ts';
import { oaFaultSchema } from './faults.ts';
import type { Oa } from './oa.ts';

/** The control over HTTP: /simulator/*, JSON in and out. For the demo, the e2e tests and the inbox page. */

export interface ControlRequest {
  method: string;
  /** Below /simulator, decoded. */
  path: string;
  body: string;
}
export interface ControlAnswer {
  status: number;
  body: unknown;
}

export interface EventsUrl {
  get(): string | undefined;
  set(url: string | undefined): void;
}

const decidingSchema = z.strictObject({ by: z.string().min(1), comment: z.string().optional() });
const faultsSchema = z.strictObject({ faults: z.array(oaFaultSchema) });
const eventsUrlSchema = z.strictObject({ url: z.url().optional() });

function route(oa: Oa, eventsUrl: EventsUrl, { method, path, body }: ControlRequest): unknown {
  const { control } = oa;
  const json = (): unknown => (body === '' ? {} : JSON.parse(body));
  switch (`${method} ${path}`) {
    case 'GET /approvals':
      return { approvals: [...oa.approvals.values()].reverse() };
    case 'GET /events':
      return { events: control.deliveries() };
    case 'GET /events-url':
      return { url: eventsUrl.get() };
    case 'PUT /events-url': {
      const { url } = eventsUrlSchema.parse(json());
      eventsUrl.set(url);
      return { url };
    }
    case 'GET /calls':
      return control.calls();
    case 'POST /calls/reset':
      control.resetCalls();
      return control.calls();
    case 'POST /forget':
      control.forget();
      return {};
    case 'GET /misbehave':
      return { faults: control.faults() };
    case 'PUT /misbehave': {
      // A list replaces the one before.
      const { faults } = faultsSchema.parse(json());
      control.behave();
      control.misbehave(...faults);
      return { faults: control.faults() };
    }
    case 'DELETE /misbehave':
      control.behave();
      return { faults: control.faults() };
    default:
      return actOn(oa, method, path, json);
  }
}

/** `/approvals/{id or approvalId}`, and POST `…/approve` and `…/reject` below it: the approval as it stands then. */
function actOn({ approvals, control }: Oa, method: string, path: string, json: () => unknown) {
  const [, root, id = '', act, ...rest] = path.split('/');
  const what = `${method} ${act ?? ''}`;
  if (root === 'approvals' && id !== '' && rest.length === 0) {
    switch (what) {
      case 'GET ':
        return find(approvals, id);
      case 'POST approve':
      case 'POST reject': {
        const { by, comment } = decidingSchema.parse(json());
        return act === 'approve' ? control.approve(id, by, comment) : control.reject(id, by, comment);
      }
    }
  }
  throw new OaActRefused(404, 'NOT_FOUND', `no route ${method} /simulator${path}`);
}

function find(approvals: Oa['approvals'], id: string): OaApprovalRecord {
  const found = approvals.get(id) ?? [...approvals.values()].find(({ approvalId }) => approvalId === id);
  if (!found) throw new OaActRefused(404, 'NOT_FOUND', 'no such approval');
  return found;
}

/** 200, or `{code, message}`: 400 what is malformed, 404 what is not there, 409 what cannot be done any more. */
export function answerControl(oa: Oa, eventsUrl: EventsUrl, request: ControlRequest): ControlAnswer {
  try {
    return { status: 200, body: route(oa, eventsUrl, request) };
  } catch (error) {
    if (error instanceof OaActRefused) {
      return { status: error.status, body: { code: error.code, message: error.message } };
    }
    if (error instanceof z.ZodError) {
      return { status: 400, body: { code: 'BAD_REQUEST', message: z.prettifyError(error) } };
    }
    if (error instanceof SyntaxError)
      return { status: 400, body: { code: 'BAD_REQUEST', message: 'not JSON' } };
    throw error;
  }
}
