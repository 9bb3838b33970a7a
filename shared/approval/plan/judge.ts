import type { FeishuInstance, FeishuTask, FeishuTimelineEntry } from '../../feishu/gateway.ts';
import { cutToBytes } from '../../runtime/cut-text.ts';
import type { Decision, Round } from './round.ts';

/** What the instance in Feishu says about its round (docs/feishu.md 3.5 and 4.1). Pure. */
export type Verdict =
  | Undecided
  | { kind: 'APPROVED'; by: 'APPROVER' | 'ANOTHER' | 'NOBODY'; decision: DecisionFacts }
  | { kind: 'REJECTED'; by: 'PERSON' | 'NOBODY'; decision: DecisionFacts }
  | { kind: 'CANCELED' }
  | { kind: 'DELETED' }
  /** Feishu reports it as rejected, but neither a person nor a rule rejected it: a time limit did. */
  | { kind: 'EXPIRED' };

/**
 * The instance is open.
 * - ASKING: it waits for an approver whom we asked, or for an approver whom they added.
 * - TRANSFERRED: it waits only for people whose approval cannot be accepted.
 * - STRANDED: every task is closed without a decision, so nobody can decide it.
 * - REVOKED: its initiator revoked it after it had been approved.
 * - RETURNED: a person sent it back to its initiator (timeline ROLLBACK, and no task is pending). That counts as a
 * rejection, although the instance is open.
 */
export type Undecided =
  | { kind: 'UNDECIDED'; now: 'ASKING' | 'TRANSFERRED' | 'STRANDED' | 'REVOKED' }
  | { kind: 'UNDECIDED'; now: 'RETURNED'; decision: DecisionFacts };

export type DecisionFacts = Omit<Decision, 'applied'>;

type WithApprovers = Pick<Round, 'approvers'>;

const AUTOMATIC_TASKS = new Set(['AUTO_PASS', 'AUTO_REJECT']);
const AUTOMATIC_ENTRIES = new Set(['AUTO_PASS', 'AUTO_REJECT', 'REMOVE_REPEAT']);
/** Timeline entries of a return: some tasks, or all, were sent back to a node or to the initiator. */
const ROLLBACKS = new Set(['ROLLBACK', 'ROLLBACK_SELECTED']);
/** Statuses of a task that was closed without a decision. */
const CLOSED_UNDECIDED = new Set(['DONE', 'TRANSFERRED']);

/**
 * Returns the verdict on an instance. It is approved by the approver only if a person we asked approved a task of our
 * node, not automatically, and nobody sent it back since. A rejection by any person is a rejection. An approval that
 * the initiator revoked does not count. Unknown statuses count as undecided.
 */
export function judge(read: FeishuInstance, round: WithApprovers, nodeId: string, now: Date): Verdict {
  const instance = { ...read, timeline: inOrder(read.timeline) };
  switch (instance.status) {
    case 'APPROVED':
      return instance.reverted ? { kind: 'CANCELED' } : judgeApproval(instance, round, nodeId, now);
    case 'REJECTED':
      return judgeRejection(instance, round, now);
    case 'CANCELED':
      return { kind: 'CANCELED' };
    case 'DELETED':
      return { kind: 'DELETED' };
    default:
      return judgeOpen(instance, round, now);
  }
}

/**
 * Returns the timeline in the order of time, because Feishu promises no order. If an entry has no time, the order
 * stays as it is.
 */
const inOrder = (timeline: readonly FeishuTimelineEntry[]): FeishuTimelineEntry[] =>
  timeline.every((entry) => entry.at !== undefined)
    ? timeline.toSorted((a, b) => Date.parse(a.at ?? '') - Date.parse(b.at ?? ''))
    : [...timeline];

function judgeApproval(instance: FeishuInstance, round: WithApprovers, nodeId: string, now: Date): Verdict {
  const byPeople = instance.tasks.filter((task) => isApproved(task, instance.timeline));
  const own = byPeople.find(
    (task) =>
      (task.customNodeId === undefined || task.customNodeId === nodeId) && isApprover(task.openId, round),
  );
  const task = own ?? byPeople.at(-1);
  const decision = factsOf('APPROVED', task, findEntry(instance.timeline, 'PASS', task), round, now);
  return { kind: 'APPROVED', by: own ? 'APPROVER' : task ? 'ANOTHER' : 'NOBODY', decision };
}

function judgeRejection(instance: FeishuInstance, round: WithApprovers, now: Date): Verdict {
  const task = instance.tasks.find((one) => one.status === 'REJECTED' && isHuman(one, instance.timeline));
  const entry = findEntry(instance.timeline, 'REJECT', task);
  const decision = factsOf('REJECTED', task, entry, round, now);
  if (decision.by.userId) return { kind: 'REJECTED', by: 'PERSON', decision };
  const byRule = [...instance.tasks, ...instance.timeline].some(({ type }) => type === 'AUTO_REJECT');
  return byRule ? { kind: 'REJECTED', by: 'NOBODY', decision } : { kind: 'EXPIRED' };
}

function judgeOpen(instance: FeishuInstance, round: WithApprovers, now: Date): Undecided {
  if (instance.reverted) return { kind: 'UNDECIDED', now: 'REVOKED' };
  const { tasks } = instance;
  if (tasks.some((task) => task.status === 'PENDING')) {
    return { kind: 'UNDECIDED', now: isTransferred(instance, round) ? 'TRANSFERRED' : 'ASKING' };
  }
  const returned = returnedBy(instance);
  if (returned) {
    return {
      kind: 'UNDECIDED',
      now: 'RETURNED',
      decision: factsOf('REJECTED', undefined, returned, round, now),
    };
  }
  return { kind: 'UNDECIDED', now: isStranded(instance) ? 'STRANDED' : 'ASKING' };
}

/**
 * Whether every task that is left was closed without a decision. If an added approver approved before, at least one
 * closed task must have no timeline entry that explains it.
 */
function isStranded({ tasks, timeline }: FeishuInstance): boolean {
  const left = tasks.filter((task) => task.status !== 'APPROVED');
  if (!left.every((task) => CLOSED_UNDECIDED.has(task.status))) return false;
  const unexplained = left.filter(({ id }) => !timeline.some(({ taskId }) => taskId === id));
  return left.length === tasks.length ? tasks.length > 0 : unexplained.length > 0;
}

/**
 * Returns the entry of a return, if a person returned the instance and nothing was decided since. Then nobody has the
 * task now.
 */
function returnedBy({ tasks, timeline }: FeishuInstance): FeishuTimelineEntry | undefined {
  const last = timeline.findLast((entry) => entry.type !== 'CC');
  const decidedBefore = (task: FeishuTask) =>
    task.status === 'APPROVED' && timeline.some(({ type, taskId }) => type === 'PASS' && taskId === task.id);
  const nobodyHasIt = tasks.every((task) => CLOSED_UNDECIDED.has(task.status) || decidedBefore(task));
  return last?.openId && ROLLBACKS.has(last.type) && nobodyHasIt ? last : undefined;
}

const isApprover = (openId: string | undefined, { approvers }: WithApprovers): boolean =>
  openId !== undefined && approvers.some((approver) => approver.userId === openId);

const isApproved = (task: FeishuTask, timeline: readonly FeishuTimelineEntry[]): boolean =>
  task.status === 'APPROVED' && isHuman(task, timeline) && !isSentBack(task, timeline);

/** Whether a task was approved and then sent back. Its approver is asked again. */
function isSentBack(task: FeishuTask, timeline: readonly FeishuTimelineEntry[]): boolean {
  const returnedAt = timeline.findLastIndex((entry) => ROLLBACKS.has(entry.type));
  const passed = findEntry(timeline, 'PASS', task);
  return returnedAt >= 0 && (passed === undefined || timeline.indexOf(passed) < returnedAt);
}

/** Whether a person decided the task: it names a person, and the timeline does not call it automatic. */
function isHuman(task: FeishuTask, timeline: readonly FeishuTimelineEntry[]): boolean {
  if (!task.openId || AUTOMATIC_TASKS.has(task.type)) return false;
  const about = timeline.filter(
    ({ taskId, openId }) =>
      taskId === task.id || (taskId === undefined && (openId ?? task.openId) === task.openId),
  );
  const automatic = about.some((entry) => AUTOMATIC_ENTRIES.has(entry.type));
  return !automatic || about.some((entry) => entry.type === 'PASS' || entry.type === 'REJECT');
}

function findEntry(
  timeline: readonly FeishuTimelineEntry[],
  type: 'PASS' | 'REJECT',
  task: FeishuTask | undefined,
): FeishuTimelineEntry | undefined {
  const entries = timeline.filter((entry) => entry.type === type);
  if (!task) return type === 'REJECT' ? entries.at(-1) : undefined;
  return (
    entries.findLast((entry) => entry.taskId === task.id) ??
    entries.findLast((entry) => entry.openId === task.openId)
  );
}

function factsOf(
  result: Decision['result'],
  task: FeishuTask | undefined,
  entry: FeishuTimelineEntry | undefined,
  round: WithApprovers,
  now: Date,
): DecisionFacts {
  const userId = task?.openId ?? entry?.openId;
  const email = round.approvers.find((approver) => userId && approver.userId === userId)?.email;
  return {
    result,
    by: { ...(email && { email }), ...(userId && { userId }) },
    at: entry?.at ?? now.toISOString(),
    ...(entry?.comment && { comment: shorten(entry.comment) }),
  };
}

/**
 * The longest comment that is stored, in characters and in bytes, because the record has limited room (ADR 8). Feishu
 * keeps the whole comment.
 */
const MAX_COMMENT = 1_000;
const MAX_COMMENT_BYTES = 1_500;

function shorten(comment: string): string {
  const cut = cutToBytes(Array.from(comment).slice(0, MAX_COMMENT).join(''), MAX_COMMENT_BYTES);
  return cut.length === comment.length ? comment : `${cut}…`;
}

/**
 * Whether the instance waits only for people we did not ask, and not because the approver asked for a signature
 * before their own.
 */
function isTransferred({ tasks, timeline }: FeishuInstance, round: WithApprovers): boolean {
  const pending = tasks.filter((task) => task.status === 'PENDING' && task.openId);
  const isWithApprover = [...pending, ...tasks.filter((task) => isApproved(task, timeline))].some((task) =>
    isApprover(task.openId, round),
  );
  const lastTransfer = timeline.findLast(
    ({ type, openId }) =>
      isApprover(openId, round) && (type === 'TRANSFER' || type === 'ADD_APPROVER_BEFORE'),
  );
  return pending.length > 0 && !isWithApprover && lastTransfer?.type !== 'ADD_APPROVER_BEFORE';
}
