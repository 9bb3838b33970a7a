import {
  addPendingTask,
  addTimelineEntry,
  closeOpenTasks,
  closeTask,
  enterNode,
  finishInstance,
  type Moment,
  openTasks,
} from './flow.ts';
import type { Instance, StatusChange, Task } from './world.ts';

/** What people, time limits and administrators do to an instance beyond approving and rejecting it. */

/** Does `act`, keeping what stood before for reads that lag behind; undefined (nothing done) keeps nothing. */
export function changeInstance(
  instance: Instance,
  act: () => StatusChange[] | undefined,
): StatusChange[] | undefined {
  const { before: _, ...now } = instance;
  const before = {
    ...now,
    tasks: instance.tasks.map((task) => ({ ...task })),
    timeline: [...instance.timeline],
    comments: [...instance.comments],
  };
  const changes = act();
  if (changes !== undefined) instance.before = before;
  return changes;
}

const DEFAULT_REVERT_SECONDS = 31 * 24 * 3600;

/**
 * The initiator takes it back (FEISHU 3.7): an open instance ends CANCELED; an approved one goes back to "in
 * approval" if the definition still allows it. undefined: neither is possible.
 */
export function revoke(instance: Instance, moment: Moment): StatusChange[] | undefined {
  if (instance.forbidRevoke || instance.overtime) return undefined;
  if (instance.status === 'PENDING') {
    instance.timeline.push({ type: 'CANCEL', at: moment.at, openId: instance.initiator });
    return [...closeOpenTasks(instance, 'DONE', moment), ...finishInstance(instance, 'CANCELED', moment)];
  }
  const limit = instance.definition.body.settings?.revert_interval ?? DEFAULT_REVERT_SECONDS;
  const inTime = moment.at - instance.endTime < limit * 1000;
  return instance.status === 'APPROVED' && inTime ? reopen(instance, moment) : undefined;
}

function reopen(instance: Instance, moment: Moment): StatusChange[] {
  const approved = instance.tasks.filter((task) => task.status === 'APPROVED' && task.openId !== '');
  instance.status = 'PENDING';
  instance.reverted = true;
  instance.endTime = 0;
  instance.timeline.push({ type: 'CANCEL', at: moment.at, openId: instance.initiator });
  instance.autoApproved = new Set();
  return [
    { what: 'instance', status: 'REVERTED', at: moment.at },
    ...approved.map((task) => closeTask(task, 'DONE', moment, 'REVERTED')),
    ...enterNode(instance, Math.max(0, instance.nodes.length - 1), moment),
  ];
}

export function transferTask(
  instance: Instance,
  task: Task,
  to: string,
  moment: Moment,
  comment?: string,
): StatusChange[] {
  addTimelineEntry(instance, 'TRANSFER', task, moment, comment);
  const entry = instance.timeline.at(-1);
  if (entry) entry.openIds = [to];
  return [closeTask(task, 'TRANSFERRED', moment), addPendingTask(instance, task.node, to, moment)];
}

export type SignerPlace = 'BEFORE' | 'WITH' | 'AFTER';

/** BEFORE: the signer first, then this person again. WITH: both. AFTER: this person approves, then the signer. */
export function addSigner(
  instance: Instance,
  task: Task,
  signer: string,
  place: SignerPlace,
  moment: Moment,
): StatusChange[] {
  const type = { BEFORE: 'ADD_APPROVER_BEFORE', WITH: 'ADD_APPROVER', AFTER: 'ADD_APPROVER_AFTER' }[place];
  addTimelineEntry(instance, type, task, moment);
  const entry = instance.timeline.at(-1);
  if (entry) entry.openIds = [signer];
  switch (place) {
    case 'BEFORE':
      instance.waiting.unshift(task.openId);
      return [closeTask(task, 'DONE', moment), addPendingTask(instance, task.node, signer, moment)];
    case 'WITH':
      return [addPendingTask(instance, task.node, signer, moment)];
    case 'AFTER':
      addTimelineEntry(instance, 'PASS', task, moment);
      return [closeTask(task, 'APPROVED', moment), addPendingTask(instance, task.node, signer, moment)];
    default:
      return place satisfies never;
  }
}

export type RollbackTarget = 'NODE' | 'INITIATOR';

/**
 * Sent back: the open task ends as ROLLBACK. NODE: the first node is asked again. INITIATOR: nobody is asked, and the
 * instance stands open until its initiator submits it again or takes it back.
 */
export function rollBack(
  instance: Instance,
  task: Task,
  moment: Moment,
  comment?: string,
  to: RollbackTarget = 'NODE',
): StatusChange[] {
  addTimelineEntry(instance, 'ROLLBACK', task, moment, comment);
  const first = to === 'NODE' ? instance.nodes[0] : undefined;
  const extra = JSON.stringify({
    rollback_node_ids: first === undefined ? [] : [first.nodeId],
    rollback_custom_node_ids: first === undefined ? [] : [first.id],
  });
  const rolledBack = closeTask(task, 'DONE', moment, 'ROLLBACK');
  return [
    rolledBack.what === 'task' ? { ...rolledBack, extra } : rolledBack,
    ...closeOpenTasks(instance, 'DONE', moment),
    ...(to === 'NODE' ? enterNode(instance, 0, moment) : []),
  ];
}

/** The initiator submits again what was sent back to them; undefined: it is not with them. */
export function resubmit(instance: Instance, moment: Moment): StatusChange[] | undefined {
  const isWithThem = openTasks(instance).length === 0 && instance.timeline.at(-1)?.type === 'ROLLBACK';
  return isWithThem ? enterNode(instance, 0, moment) : undefined;
}

/** The definition was deleted or disabled while the instance ran. */
export function deleteInstance(instance: Instance, moment: Moment): StatusChange[] {
  instance.timeline.push({ type: 'DELETE', at: moment.at, openId: '' });
  return [...closeOpenTasks(instance, 'DONE', moment), ...finishInstance(instance, 'DELETED', moment)];
}

/** Timed out: only the events say so. GET goes on saying PENDING, or says REJECTED, by nobody. */
export function closeOvertime(
  instance: Instance,
  moment: Moment,
  shownAs: Instance['overtimeShownAs'] = 'PENDING',
): StatusChange[] {
  instance.overtime = true;
  instance.overtimeShownAs = shownAs;
  return [
    ...closeOpenTasks(instance, 'DONE', moment, 'OVERTIME_CLOSE'),
    { what: 'instance', status: 'OVERTIME_CLOSE', at: moment.at },
  ];
}

export function recoverOvertime(instance: Instance, moment: Moment): StatusChange[] {
  instance.overtime = false;
  const asked = enterNode(instance, instance.at, moment);
  return [
    { what: 'instance', status: 'OVERTIME_RECOVER', at: moment.at },
    ...asked.map(
      (each): StatusChange => (each.what === 'task' ? { ...each, status: 'OVERTIME_RECOVER' } : each),
    ),
  ];
}
