import type { Clock } from '../kit/clock.ts';
import { ActRefused } from '../kit/control-routes.ts';
import type { ApprovalRequest } from './wire.ts';

/** One approval as the OA stores it. Times are ISO 8601 UTC. */
export interface OaApprovalRecord {
  /** The id in the OA. */
  id: string;
  approvalId: string;
  /** As it was received. */
  request: ApprovalRequest;
  status: 'PENDING' | 'APPROVED' | 'REJECTED' | 'CANCELED';
  receivedAt: string;
  decidedBy?: string;
  comment?: string;
  decidedAt?: string;
  canceledReason?: string;
  canceledAt?: string;
  /** How many times it was POSTed. */
  posts: number;
}

export type Decision = 'APPROVED' | 'REJECTED';

/** The approvals in the OA, and what can happen to them. */
export interface Approvals {
  readonly all: ReadonlyMap<string, OaApprovalRecord>;
  /** Returns the record before its last change, or undefined if it never changed. */
  before(id: string): OaApprovalRecord | undefined;
  byEitherId(idOrApprovalId: string): OaApprovalRecord | undefined;
  /** Returns the existing record for a known approvalId; CONFLICT if its body was different. */
  open(request: ApprovalRequest): { record: OaApprovalRecord; isNew: boolean } | 'CONFLICT';
  /** Returns false if the approval is decided already. */
  cancel(record: OaApprovalRecord, reason: string): boolean;
  /** Throws an ActRefused if there is no such approval, or it is not PENDING. */
  decide(idOrApprovalId: string, decision: Decision, by: string, comment?: string): OaApprovalRecord;
  forget(): void;
}

export function createApprovals(clock: Clock, newId: () => string): Approvals {
  const all = new Map<string, OaApprovalRecord>();
  const before = new Map<string, OaApprovalRecord>();

  const now = () => new Date(clock.now()).toISOString();
  const byApprovalId = (approvalId: string) =>
    [...all.values()].find((record) => record.approvalId === approvalId);
  const byEitherId = (id: string) => all.get(id) ?? byApprovalId(id);

  function change(record: OaApprovalRecord, changes: Partial<OaApprovalRecord>): void {
    before.set(record.id, { ...record });
    Object.assign(record, changes);
  }

  return {
    all,
    before: (id) => before.get(id),
    byEitherId,
    open(request) {
      const known = byApprovalId(request.approvalId);
      if (!known) {
        const id = `CHG-${newId()}`;
        const { approvalId } = request;
        const record = { id, approvalId, request, status: 'PENDING' as const, receivedAt: now(), posts: 1 };
        all.set(id, record);
        return { record, isNew: true };
      }
      known.posts += 1;
      // The schema put the keys of both in the same order.
      const isSame = JSON.stringify(known.request) === JSON.stringify(request);
      return isSame ? { record: known, isNew: false } : 'CONFLICT';
    },
    cancel(record, reason) {
      if (record.status === 'PENDING') {
        change(record, { status: 'CANCELED', canceledReason: reason, canceledAt: now() });
      }
      return record.status === 'CANCELED';
    },
    decide(id, decision, by, comment) {
      const record = byEitherId(id);
      if (!record) throw new ActRefused(404, 'NOT_FOUND', 'no such approval');
      if (record.status !== 'PENDING') {
        throw new ActRefused(409, 'NOT_POSSIBLE', `the approval is ${record.status}`);
      }
      change(record, {
        status: decision,
        decidedBy: by,
        decidedAt: now(),
        ...(comment !== undefined && { comment }),
      });
      return record;
    },
    forget() {
      all.clear();
      before.clear();
    },
  };
}
