import type { OaApprovalRecord } from '../../infra/local/simulators/oa/approvals.ts';
import { sweep } from '../../shared/approval/sweep.ts';
import type { IssueRecord, Step } from '../../shared/issue/record.ts';
import { type Core, ISSUE, type StoredApproval } from './core.ts';
import { anIssue, aStage, aTask } from './issue.ts';
import { anOaStep } from './round.ts';
import { deliver } from './sweep-over-time.ts';

/** Helpers for tests of EXTERNAL steps. */

export const DECIDER = 'board@example.com';

/** An issue with a flow, by default of one EXTERNAL step. */
export const withFlow = (changes: Partial<IssueRecord> = {}, steps: Step[] = [anOaStep()]): IssueRecord =>
  anIssue({ approvalFlow: { steps }, ...changes });

/** Changes of an issue: one stage with this SQL. */
export const withSql = (statement: string): Pick<IssueRecord, 'stages'> => ({
  stages: [aStage({ tasks: [aTask({ statement })] })],
});

export const ring = (issue: IssueRecord, by = issue.creator.email): void => {
  issue.bell = { seq: (issue.bell?.seq ?? 0) + 1, rungBy: by, rungAt: '2026-03-01T08:00:00Z' };
};

/** Returns the open approvals of the OA. */
export const openAtOa = ({ oa }: Core): OaApprovalRecord[] =>
  [...oa.approvals.values()].filter(({ status }) => status === 'PENDING');

/** Returns the only open approval of the OA. Throws if there is another, or none. */
export function onlyApprovalAtOa(core: Core): OaApprovalRecord {
  const open = openAtOa(core);
  const [approval] = open;
  if (!approval || open.length > 1) throw new Error(`the OA has ${open.length} approvals open`);
  return approval;
}

/** Returns a step as the record shows it. */
export async function stepOf(core: Core, stepId = 'oa') {
  const { approvalFlow, stepApprovals, approvalHold } = await core.record(ISSUE);
  const step = approvalFlow?.steps.find((one) => one.stepId === stepId);
  const approval: StoredApproval | undefined = stepApprovals?.[stepId];
  return { status: step?.status, hold: approvalHold, approval };
}

/** Decides the open approval in the OA, and handles its event. */
export async function decideAtOa(core: Core, what: 'approve' | 'reject', comment?: string): Promise<void> {
  const { id, approvalId } = onlyApprovalAtOa(core);
  core.oa.control[what](id, DECIDER, comment);
  await core.receiveOaEvent(approvalId);
}

/** Lets time pass, with a sweep at the end of each interval, and handles all hints. */
export async function sweepAtIntervals(core: Core, totalMs: number, intervalMs = totalMs): Promise<void> {
  const { documents, tables, work, clock, queued } = core;
  for (let passed = 0; passed < totalMs; passed += intervalMs) {
    await clock.advance(intervalMs);
    queued.length = 0;
    await sweep({ documents, tables, queue: work.queue, now: clock.date });
    for (const { hint } of queued.splice(0)) await deliver(core, hint);
  }
}

/** Returns how many times the OA is called during `run`. */
export async function callsDuring({ oa }: Core, run: () => Promise<unknown>): Promise<number> {
  const sum = () => Object.values(oa.control.calls()).reduce((total, calls) => total + calls, 0);
  const before = sum();
  await run();
  return sum() - before;
}
