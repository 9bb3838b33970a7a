import type { FeishuInstance, FeishuTask, FeishuTimelineEntry } from '../feishu/gateway.ts';
import type { Decision, Round } from './round.ts';

/** What an instance says of its round, as read from Feishu; pure (FEISHU sections 3.5 and 4.1). */
export type Verdict =
  /** Open. `transferredTo` is set when its pending task is no longer with the person we asked. */
  | { kind: 'UNDECIDED'; transferred: boolean }
  | { kind: 'APPROVED'; by: 'APPROVER' | 'ANOTHER' | 'NOBODY'; decision: DecisionFacts }
  | { kind: 'REJECTED'; by: 'PERSON' | 'NOBODY'; decision: DecisionFacts }
  | { kind: 'CANCELED' }
  | { kind: 'DELETED' };

export type DecisionFacts = Omit<Decision, 'applied'>;

const AUTOMATIC_TASKS = new Set(['AUTO_PASS', 'AUTO_REJECT']);
const AUTOMATIC_ENTRIES = new Set(['AUTO_PASS', 'AUTO_REJECT', 'REMOVE_REPEAT']);

/**
 * Judges an instance. APPROVED is the approver's only if a task of our node was approved by a person we asked,
 * not automatically; a rejection by any person is a rejection. Statuses we do not know count as undecided.
 */
export function judge(
  instance: FeishuInstance,
  asked: Pick<Round, 'approvers'>,
  nodeId: string,
  now: Date,
): Verdict {
  switch (instance.status) {
    case 'APPROVED':
      return judgeApproval(instance, asked, nodeId, now);
    case 'REJECTED':
      return judgeRejection(instance, asked, now);
    case 'CANCELED':
      return { kind: 'CANCELED' };
    case 'DELETED':
      return { kind: 'DELETED' };
    default:
      return { kind: 'UNDECIDED', transferred: isTransferred(instance, asked) };
  }
}

function judgeApproval(
  instance: FeishuInstance,
  asked: Pick<Round, 'approvers'>,
  nodeId: string,
  now: Date,
): Verdict {
  const byPeople = instance.tasks.filter(
    (task) => task.status === 'APPROVED' && isHuman(task, instance.timeline),
  );
  const own = byPeople.find(
    (task) =>
      (task.customNodeId === undefined || task.customNodeId === nodeId) &&
      asked.approvers.some((approver) => approver.userId === task.openId),
  );
  const task = own ?? byPeople.at(-1);
  const decision = factsOf('APPROVED', task, findEntry(instance.timeline, 'PASS', task), asked, now);
  return { kind: 'APPROVED', by: own ? 'APPROVER' : task ? 'ANOTHER' : 'NOBODY', decision };
}

function judgeRejection(instance: FeishuInstance, asked: Pick<Round, 'approvers'>, now: Date): Verdict {
  const task = instance.tasks.find((one) => one.status === 'REJECTED' && isHuman(one, instance.timeline));
  const entry = findEntry(instance.timeline, 'REJECT', task);
  const decision = factsOf('REJECTED', task, entry, asked, now);
  return { kind: 'REJECTED', by: decision.by.userId ? 'PERSON' : 'NOBODY', decision };
}

/** A task that somebody decided: it names a person, and the timeline does not call it automatic. */
function isHuman(task: FeishuTask, timeline: readonly FeishuTimelineEntry[]): boolean {
  if (!task.openId || AUTOMATIC_TASKS.has(task.type)) return false;
  const entries = timeline.filter((entry) => entry.taskId === task.id);
  const automatic = entries.some((entry) => AUTOMATIC_ENTRIES.has(entry.type));
  return !automatic || entries.some((entry) => entry.type === 'PASS' || entry.type === 'REJECT');
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
  asked: Pick<Round, 'approvers'>,
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

/** A record has room for a reason, not for an essay; the whole stands in Feishu. */
const MAX_COMMENT = 1_000;

function shorten(comment: string): string {
  const characters = Array.from(comment);
  return characters.length <= MAX_COMMENT ? comment : `${characters.slice(0, MAX_COMMENT).join('')}…`;
}

/** Only people we did not ask have it now: their decision could not be accepted. */
function isTransferred(instance: FeishuInstance, asked: Pick<Round, 'approvers'>): boolean {
  const isAsked = (task: FeishuTask) => asked.approvers.some((approver) => approver.userId === task.openId);
  const pending = instance.tasks.filter((task) => task.status === 'PENDING' && task.openId);
  const approved = instance.tasks.some((task) => task.status === 'APPROVED' && isAsked(task));
  return pending.length > 0 && !approved && !pending.some(isAsked);
}
