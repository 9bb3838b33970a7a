import type { FlowNode } from './definition-rules.ts';
import type { Instance, StatusChange, Task, TaskEventStatus, TaskStatus, TaskType } from './world.ts';

/** How an instance moves through its nodes. Each function changes the instance and returns the changes, in order. */

export interface Moment {
  at: number;
  newTaskId(): string;
}

export function startInstance(instance: Instance, moment: Moment): StatusChange[] {
  instance.timeline.push({ type: 'START', at: moment.at, openId: instance.initiator });
  return [{ what: 'instance', status: 'PENDING', at: moment.at }, ...enterNode(instance, 0, moment)];
}

/** Gives tasks to the people of node `index`; after the last node the instance is approved. */
export function enterNode(instance: Instance, index: number, moment: Moment): StatusChange[] {
  instance.at = index;
  instance.waiting = [];
  const node = instance.nodes[index];
  if (node === undefined) return finishInstance(instance, 'APPROVED', moment);
  if (instance.autoApproved.has(node.id)) return passAutomatically(instance, node, moment);
  const asked = instance.approvers.get(node.id) ?? [];
  // The worst case on purpose: without a starter_assignee the platform may pass the requester's own node.
  const passesStarter = node.starter_assignee === undefined || node.starter_assignee === 'AUTO_PASS';
  const people = passesStarter ? asked.filter((openId) => openId !== instance.initiator) : asked;
  if (people.length === 0) return passAutomatically(instance, node, moment);
  if (node.node_type !== 'SEQUENTIAL')
    return people.map((openId) => addPendingTask(instance, node, openId, moment));
  const [first, ...rest] = people;
  instance.waiting = rest;
  return first === undefined ? [] : [addPendingTask(instance, node, first, moment)];
}

export function addPendingTask(
  instance: Instance,
  node: FlowNode,
  openId: string,
  moment: Moment,
): StatusChange {
  const task = addTask(instance, node, openId, 'PENDING', node.node_type, moment);
  return { what: 'task', status: 'PENDING', task: { ...task }, at: moment.at };
}

/** A person approves `task` (PASS in the timeline). */
export function approveTask(
  instance: Instance,
  task: Task,
  moment: Moment,
  comment?: string,
): StatusChange[] {
  addTimelineEntry(instance, 'PASS', task, moment, comment);
  const approved = closeTask(task, 'APPROVED', moment);
  const [next, ...rest] = instance.waiting;
  if (next !== undefined) {
    instance.waiting = rest;
    return [approved, addPendingTask(instance, task.node, next, moment)];
  }
  const others = openTasks(instance);
  if (task.node.node_type !== 'OR' && others.length > 0) return [approved];
  const done = others.map((other) => closeTask(other, 'DONE', moment));
  return [approved, ...done, ...enterNode(instance, instance.at + 1, moment)];
}

export function rejectTask(instance: Instance, task: Task, moment: Moment, comment?: string): StatusChange[] {
  addTimelineEntry(instance, 'REJECT', task, moment, comment);
  return [
    closeTask(task, 'REJECTED', moment),
    ...closeOpenTasks(instance, 'DONE', moment),
    ...finishInstance(instance, 'REJECTED', moment),
  ];
}

/** Closes every open task without a decision of its owner. */
export const closeOpenTasks = (
  instance: Instance,
  status: 'DONE',
  moment: Moment,
  eventStatus: TaskEventStatus = status,
): StatusChange[] => openTasks(instance).map((task) => closeTask(task, status, moment, eventStatus));

export function closeTask(
  task: Task,
  status: TaskStatus,
  moment: Moment,
  eventStatus: TaskEventStatus = status,
): StatusChange {
  task.status = status;
  task.endTime = moment.at;
  return { what: 'task', status: eventStatus, task: { ...task }, at: moment.at };
}

export function finishInstance(
  instance: Instance,
  status: Instance['status'],
  moment: Moment,
): StatusChange[] {
  if (status === 'PENDING') return [];
  instance.status = status;
  instance.endTime = moment.at;
  instance.waiting = [];
  return [{ what: 'instance', status, at: moment.at }];
}

/** Decides the current node without a person: a task with an empty open_id (docs/feishu.md 3.5, 12.3). */
export function decideAutomatically(
  instance: Instance,
  type: 'AUTO_PASS' | 'AUTO_REJECT',
  moment: Moment,
): StatusChange[] {
  const node = instance.nodes[instance.at];
  if (node === undefined) return [];
  const done = closeOpenTasks(instance, 'DONE', moment);
  if (type === 'AUTO_PASS') return [...done, ...passAutomatically(instance, node, moment)];
  const task = addTask(instance, node, '', 'REJECTED', type, moment);
  addTimelineEntry(instance, type, task, moment);
  return [
    ...done,
    { what: 'task', status: 'REJECTED', task: { ...task }, at: moment.at },
    ...finishInstance(instance, 'REJECTED', moment),
  ];
}

function passAutomatically(instance: Instance, node: FlowNode, moment: Moment): StatusChange[] {
  const task = addTask(instance, node, '', 'APPROVED', 'AUTO_PASS', moment);
  addTimelineEntry(instance, 'AUTO_PASS', task, moment);
  const passed: StatusChange = { what: 'task', status: 'APPROVED', task: { ...task }, at: moment.at };
  return [passed, ...enterNode(instance, instance.at + 1, moment)];
}

export const openTasks = (instance: Instance): Task[] =>
  instance.tasks.filter((task) => task.status === 'PENDING');

function addTask(
  instance: Instance,
  node: FlowNode,
  openId: string,
  status: TaskStatus,
  type: TaskType,
  moment: Moment,
): Task {
  const endTime = status === 'PENDING' ? 0 : moment.at;
  const task: Task = { id: moment.newTaskId(), openId, status, type, node, startTime: moment.at, endTime };
  instance.tasks.push(task);
  return task;
}

export function addTimelineEntry(
  instance: Instance,
  type: string,
  task: Task,
  moment: Moment,
  comment?: string,
): void {
  instance.timeline.push({
    type,
    at: moment.at,
    openId: task.openId,
    taskId: task.id,
    nodeKey: task.node.nodeKey,
    ...(comment === undefined || comment === '' ? {} : { comment }),
  });
}
