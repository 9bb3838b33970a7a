import { randomBytes } from 'node:crypto';
import type { Clock } from '../kit/clock.ts';
import { createApprovals, type Decision, type OaApprovalRecord } from './approvals.ts';
import { createEventSender, type OaDelivery, type OaPost } from './events.ts';
import { type CallFault, createFaults, type EventFault, type OaFault } from './faults.ts';
import { type CallCounts, createGateway, type OaCall, type OaOutcome } from './gateway.ts';

/** What people and operators do with the OA. `id`: the id in the OA, or the approvalId. */
export interface OaControl {
  /** `approve` and `reject` throw an ActRefused if there is no such approval, or it is not PENDING. */
  approve(id: string, by: string, comment?: string): OaApprovalRecord;
  reject(id: string, by: string, comment?: string): OaApprovalRecord;
  /** Simulates a restart without memory: approvals and unsent events are lost, faults stay. */
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
  /** By the id in the OA, in order of arrival. */
  approvals: ReadonlyMap<string, OaApprovalRecord>;
  /** Handles a request whose signature the caller has verified. */
  handle(call: OaCall): OaOutcome;
  control: OaControl;
  /** Cancels all timers. */
  close(): void;
}

/**
 * Makes an organisation's OA system (docs/contract.md 5) without a network: its answers, its events and its faults.
 * `post` sends the events; without it none is sent.
 */
export function createOa(options: {
  clock: Clock;
  nodeId: string;
  post?: OaPost | undefined;
  /** Must never return the same id twice, also after `forget`. Default: random ids. */
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
