import * as z from 'zod';
import {
  ActRefused,
  type ControlRequest,
  commonRoutes,
  noSuchRoute,
  parseBody,
} from '../kit/control-routes.ts';
import type { OaApprovalRecord } from './approvals.ts';
import { oaFaultSchema } from './faults.ts';
import type { Oa } from './oa.ts';

/** The control routes of the OA simulator, for the demo, the e2e tests and the inbox page. */

interface EventsUrl {
  get(): string | undefined;
  set(url: string | undefined): void;
}

const decidingSchema = z.strictObject({ by: z.string().min(1), comment: z.string().optional() });
const faultsSchema = z.strictObject({ faults: z.array(oaFaultSchema) });
const eventsUrlSchema = z.strictObject({ url: z.url().optional() });

export const controlRoutes =
  (oa: Oa, eventsUrl: EventsUrl) =>
  (request: ControlRequest): unknown => {
    const { control } = oa;
    const route = `${request.method} ${request.path}`;
    const common = commonRoutes(control)[route];
    if (common) return common();
    switch (route) {
      case 'GET /approvals':
        return { approvals: [...oa.approvals.values()].reverse() };
      case 'GET /events-url':
        return { url: eventsUrl.get() };
      case 'PUT /events-url': {
        const { url } = eventsUrlSchema.parse(parseBody(request));
        eventsUrl.set(url);
        return { url };
      }
      case 'POST /forget':
        control.forget();
        return {};
      case 'PUT /misbehave': {
        // A list replaces the one before.
        const { faults } = faultsSchema.parse(parseBody(request));
        control.behave();
        control.misbehave(...faults);
        return { faults: control.faults() };
      }
      default:
        return actOn(oa, request);
    }
  };

/** `/approvals/{id or approvalId}`, and POST `…/approve` and `…/reject` below it. Returns the approval after the act. */
function actOn({ approvals, control }: Oa, request: ControlRequest) {
  const [, root, id = '', act, ...rest] = request.path.split('/');
  if (root === 'approvals' && id !== '' && rest.length === 0) {
    switch (`${request.method} ${act ?? ''}`) {
      case 'GET ':
        return find(approvals, id);
      case 'POST approve':
      case 'POST reject': {
        const { by, comment } = decidingSchema.parse(parseBody(request));
        return act === 'approve' ? control.approve(id, by, comment) : control.reject(id, by, comment);
      }
    }
  }
  throw noSuchRoute(request);
}

function find(approvals: Oa['approvals'], id: string): OaApprovalRecord {
  const found = approvals.get(id) ?? [...approvals.values()].find(({ approvalId }) => approvalId === id);
  if (!found) throw new ActRefused(404, 'NOT_FOUND', 'no such approval');
  return found;
}
