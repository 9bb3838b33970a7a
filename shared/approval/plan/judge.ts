import type { FeishuInstance, FeishuTask, FeishuTimelineEntry } from '../../feishu/gateway.ts';
import { cutToBytes } from '../../runtime/cut-text.ts';
import type { Decision, Round } from './round.ts';

/** What an instance says of its round, as read from Feishu; pure (docs/feishu.md 3.5 and 4.1). */
export type Verdict =
  | Undecided
  | { kind: 'APPROVED'; by: 'APPROVER' | 'ANOTHER' | 'NOBODY'; decision: DecisionFacts }
  | { kind: 'REJECTED'; by: 'PERSON' | 'NOBODY'; decision: DecisionFacts }
  | { kind: 'CANCELED' }
  | { kind: 'DELETED' }
  /** Ended as rejected, and neither a person nor a rule rejected it: a time limit did. */
  | { kind: 'EXPIRED' };

/**
 * Open. ASKING: its turn is with the person we asked, or with a signer whom they added. TRANSFERRED: only with people
 * whose approval could not be accepted. STRANDED: every task is closed without a decision, so nobody can decide it.
 * REVOKED: its initiator took it back after it had been approved. RETURNED: a person sent it back to its initiator,
 * which is a refusal, though the instance stands open (timeline ROLLBACK, and no task is pending).
 */
export type Undecided =
  | { kind: 'UNDECIDED'; now: 'ASKING' | 'TRANSFERRED' | 'STRANDED' | 'REVOKED' }
  | { kind: 'UNDECIDED'; now: 'RETURNED'; decision: DecisionFacts };

export type DecisionFacts = Omit<Decision, 'applied'>;

type Asked = Pick<Round, 'approvers'>;

const AUTOMATIC_TASKS = new Set(['AUTO_PASS', 'AUTO_REJECT']);
const AUTOMATIC_ENTRIES = new Set(['AUTO_PASS', 'AUTO_REJECT', 'REMOVE_REPEAT']);
/** Some tasks, or all, were sent back: to a node, or to the initiator. */
const ROLLBACKS = new Set(['ROLLBACK', 'ROLLBACK_SELECTED']);
/** A task so closed was decided by nobody. */
const CLOSED_UNDECIDED = new Set(['DONE', 'TRANSFERRED']);

/**
 * Judges an instance. APPROVED is the approver's only if a task of our node was approved by a person we asked,
 * not automatically, and not sent back since; a rejection by any person is a rejection. An approval that the
 * initiator revoked is none. Statuses we do not know count as undecided.
 */
export function judge(read: FeishuInstance, asked: Asked, nodeId: string, now: Date): Verdict {
  const instance = { ...read, timeline: inOrder(read.timeline) };
  switch (instance.status) {
    case 'APPROVED':
      return instance.reverted ? { kind: 'CANCELED' } : judgeApproval(instance, asked, nodeId, now);
    case 'REJECTED':
      return judgeRejection(instance, asked, now);
    case 'CANCELED':
      return { kind: 'CANCELED' };
    case 'DELETED':
      return { kind: 'DELETED' };
    default:
      return judgeOpen(instance, asked, now);
  }
}

/** As it happened; Feishu promises no order, and an entry without a time leaves the list as it came. */
const inOrder = (timeline: readonly FeishuTimelineEntry[]): FeishuTimelineEntry[] =>
  timeline.every((entry) => entry.at !== undefined)
    ? timeline.toSorted((a, b) => Date.parse(a.at ?? '') - Date.parse(b.at ?? ''))
    : [...timeline];

function judgeApproval(instance: FeishuInstance, asked: Asked, nodeId: string, now: Date): Verdict {
  const byPeople = instance.tasks.filter((task) => isApproved(task, instance.timeline));
  const own = byPeople.find(
    (task) =>
      (task.customNodeId === undefined || task.customNodeId === nodeId) && isAsked(task.openId, asked),
  );
  const task = own ?? byPeople.at(-1);
  const decision = factsOf('APPROVED', task, findEntry(instance.timeline, 'PASS', task), asked, now);
  return { kind: 'APPROVED', by: own ? 'APPROVER' : task ? 'ANOTHER' : 'NOBODY', decision };
}

function judgeRejection(instance: FeishuInstance, asked: Asked, now: Date): Verdict {
  const task = instance.tasks.find((one) => one.status === 'REJECTED' && isHuman(one, instance.timeline));
  const entry = findEntry(instance.timeline, 'REJECT', task);
  const decision = factsOf('REJECTED', task, entry, asked, now);
  if (decision.by.userId) return { kind: 'REJECTED', by: 'PERSON', decision };
  const byRule = [...instance.tasks, ...instance.timeline].some(({ type }) => type === 'AUTO_REJECT');
  return byRule ? { kind: 'REJECTED', by: 'NOBODY', decision } : { kind: 'EXPIRED' };
}

function judgeOpen(instance: FeishuInstance, asked: Asked, now: Date): Undecided {
  if (instance.reverted) return { kind: 'UNDECIDED', now: 'REVOKED' };
  const { tasks } = instance;
  if (tasks.some((task) => task.status === 'PENDING')) {
    return { kind: 'UNDECIDED', now: isTransferred(instance, asked) ? 'TRANSFERRED' : 'ASKING' };
  }
  const back = returnedBy(instance);
  if (back) {
    return { kind: 'UNDECIDED', now: 'RETURNED', decision: factsOf('REJECTED', undefined, back, asked, now) };
  }
  return { kind: 'UNDECIDED', now: isStranded(instance) ? 'STRANDED' : 'ASKING' };
}

/** Tasks were closed that nobody decided; where a signer approved before, of one the timeline does not tell why. */
function isStranded({ tasks, timeline }: FeishuInstance): boolean {
  const left = tasks.filter((task) => task.status !== 'APPROVED');
  if (!left.every((task) => CLOSED_UNDECIDED.has(task.status))) return false;
  const unexplained = left.filter(({ id }) => !timeline.some(({ taskId }) => taskId === id));
  return left.length === tasks.length ? tasks.length > 0 : unexplained.length > 0;
}

/** The last that happened is that a person sent it back, and nothing was decided since: nobody has it now. */
function returnedBy({ tasks, timeline }: FeishuInstance): FeishuTimelineEntry | undefined {
  const last = timeline.findLast((entry) => entry.type !== 'CC');
  const decidedBefore = (task: FeishuTask) =>
    task.status === 'APPROVED' && timeline.some(({ type, taskId }) => type === 'PASS' && taskId === task.id);
  const settled = tasks.every((task) => CLOSED_UNDECIDED.has(task.status) || decidedBefore(task));
  return last?.openId && ROLLBACKS.has(last.type) && settled ? last : undefined;
}

const isAsked = (openId: string | undefined, { approvers }: Asked): boolean =>
  openId !== undefined && approvers.some((approver) => approver.userId === openId);

const isApproved = (task: FeishuTask, timeline: readonly FeishuTimelineEntry[]): boolean =>
  task.status === 'APPROVED' && isHuman(task, timeline) && !isSentBack(task, timeline);

/** Approved, and then sent back: whoever approved it is to be asked again. */
function isSentBack(task: FeishuTask, timeline: readonly FeishuTimelineEntry[]): boolean {
  const back = timeline.findLastIndex((entry) => ROLLBACKS.has(entry.type));
  const passed = findEntry(timeline, 'PASS', task);
  return back >= 0 && (passed === undefined || timeline.indexOf(passed) < back);
}

/** A task that somebody decided: it names a person, and the timeline does not call it automatic. */
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
  asked: Asked,
  now: Date,
): DecisionFacts {
  const userId = task?.openId ?? entry?.openId;
  const email = asked.approvers.find((approver) => userId && approver.userId === userId)?.email;
  return {
    result,
    by: { ...(email && { email }), ...(userId && { userId }) },
    at: entry?.at ?? now.toISOString(),
    ...(entry?.comment && { comment: shorten(entry.comment) }),
  };
}

/** A record has room for a reason, not for an essay; the whole stands in Feishu. In characters, and in bytes (ADR 8). */
const MAX_COMMENT = 1_000;
const MAX_COMMENT_BYTES = 1_500;

function shorten(comment: string): string {
  const cut = cutToBytes(Array.from(comment).slice(0, MAX_COMMENT).join(''), MAX_COMMENT_BYTES);
  return cut.length === comment.length ? comment : `${cut}…`;
}

/** Only people we did not ask have it now, and not by a signature before the approver's own. */
function isTransferred({ tasks, timeline }: FeishuInstance, asked: Asked): boolean {
  const pending = tasks.filter((task) => task.status === 'PENDING' && task.openId);
  const withAsked = [...pending, ...tasks.filter((task) => isApproved(task, timeline))].some((task) =>
    isAsked(task.openId, asked),
  );
  const handedOn = timeline.findLast(
    ({ type, openId }) => isAsked(openId, asked) && (type === 'TRANSFER' || type === 'ADD_APPROVER_BEFORE'),
  );
  return pending.length > 0 && !withAsked && handedOn?.type !== 'ADD_APPROVER_BEFORE';
}
