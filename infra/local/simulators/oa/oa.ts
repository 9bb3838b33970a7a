import { randomBytes } from 'node:crypto';
import type { Clock } from '../kit/clock.ts';
import { createApprovals, type Decision, type OaApprovalRecord } from './approvals.ts';
import { createEventSender, type OaDelivery, type OaPost } from './events.ts';
import { type CallFault, createFaults, type EventFault, type OaFault } from './faults.ts';
import { type CallCounts, createGateway, type OaCall, type OaOutcome } from './gateway.ts';

/** What people and operators do with the OA. `id`: the OA's own, or the approvalId. */
export interface OaControl {
  /** Throws an ActRefused if there is no such approval, or it is not PENDING any more; so does `reject`. */
  approve(id: string, by: string, comment?: string): OaApprovalRecord;
  reject(id: string, by: string, comment?: string): OaApprovalRecord;
  /** Restarts, and knows nothing of what was before; events that were not sent yet are lost. Switches stay. */
  forget(): void;
  misbehave(...faults: OaFault[]): void;
  faults(): (CallFault | EventFault)[];
  behave(): void;
  calls(): CallCounts;
  resetCalls(): void;
  deliveries(): OaDelivery[];
}

export interface Oa {
  nodeId: string;
  /** By the OA's own id, in the order in which they came. */
  approvals: ReadonlyMap<string, OaApprovalRecord>;
  /** One request, whose signature whoever calls this has looked at. */
  handle(call: OaCall): OaOutcome;
  control: OaControl;
  /** Calls off every timer. */
  close(): void;
}

/**
 * An organisation's OA system by CONTRACT section 5, without network: what it answers, whom it tells of a decision,
 * and the ways in which it may misbehave. `post` sends its events; without one none is sent.
 */
export function createOa(options: {
  clock: Clock;
  nodeId: string;
  post?: OaPost | undefined;
  /** Never the same twice, also after `forget`. Random unless given. */
  newId?: () => string;
}): Oa {
  const { clock, nodeId, post, newId = () => randomBytes(4).toString('hex') } = options;
  const faults = createFaults();
  const approvals = createApprovals(clock, newId);
  const events = createEventSender({ clock, nodeId, newId, faults, post });
  const gateway = createGateway(approvals, faults);

  function decide(id: string, decision: Decision, by: string, comment?: string): OaApprovalRecord {
    const record = approvals.decide(id, decision, by, comment);
    events.announce(record.approvalId);
    return { ...record };
  }

  return {
    nodeId,
    approvals: approvals.all,
    handle: gateway.handle,
    control: {
      approve: (id, by, comment) => decide(id, 'APPROVED', by, comment),
      reject: (id, by, comment) => decide(id, 'REJECTED', by, comment),
      forget() {
        approvals.forget();
        events.forget();
      },
      misbehave(...given) {
        for (const fault of given) faults.add(fault);
      },
      faults: faults.list,
      behave: faults.clear,
      calls: gateway.calls,
      resetCalls: gateway.resetCalls,
      deliveries: events.deliveries,
    },
    close: events.forget,
  };
}
