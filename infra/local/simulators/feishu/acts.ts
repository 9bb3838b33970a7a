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

/** What people, time limits and administrators do to an instance, except approving and rejecting. */

/** Runs `act` and keeps the state before it for stale reads. If `act` returns undefined, nothing changed. */
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
 * The initiator revokes an instance (docs/feishu.md 3.7): an open one ends CANCELED; an approved one is open again if
 * the definition still allows that. Returns undefined if neither is possible.
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

/** BEFORE: the signer decides, then this person. WITH: both. AFTER: this person approves, then the signer decides. */
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
 * Sends an instance back: the open task ends as ROLLBACK. NODE: the first node gets tasks again. INITIATOR: nobody gets a
 * task, and the instance stays open until its initiator resubmits or revokes it.
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

/** The initiator resubmits an instance. Returns undefined if it was not sent back to them. */
export function resubmit(instance: Instance, moment: Moment): StatusChange[] | undefined {
  const isWithThem = openTasks(instance).length === 0 && instance.timeline.at(-1)?.type === 'ROLLBACK';
  return isWithThem ? enterNode(instance, 0, moment) : undefined;
}

/** Ends an instance whose definition was deleted or disabled. */
export function deleteInstance(instance: Instance, moment: Moment): StatusChange[] {
  instance.timeline.push({ type: 'DELETE', at: moment.at, openId: '' });
  return [...closeOpenTasks(instance, 'DONE', moment), ...finishInstance(instance, 'DELETED', moment)];
}

/** Ends an instance at its time limit. Only events say so: GET still returns PENDING, or REJECTED by nobody. */
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
