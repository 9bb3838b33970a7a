import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { convertToAttr } from '@aws-sdk/util-dynamodb';
import type { Image, RawValue } from '../../runtime/attribute-values.ts';
import { type IssueChange, marshallOptions } from '../../runtime/dynamodb-writes.ts';
import { AppError } from '../../runtime/errors.ts';
import type { MapChange, WriteBack } from '../plan/action.ts';
import type { ApprovedSubject } from './store.ts';

/**
 * The changes of an issue record, as DynamoDB updates. Each one names only the paths that it changes. It requires
 * that the record exists and that its `version` is unchanged or still missing, and adds one to the version
 * (docs/contract.md 1).
 */

/** Above this many tasks the paths would not fit into an expression of 4 KB, so the whole list is set. */
const MAX_PATHS = 50;

/** The most step statuses in one write, beside as many entries of both maps. The rest follows in the next write. */
const MAX_STATUSES = 20;

/**
 * The attributes that an approval requires unchanged, all compared raw: what the approver was shown, and what decides
 * whether the approval still counts.
 */
const APPROVAL_CONDITIONS = ['stages', 'status', 'currentStageId', 'assignee', 'approvalFlow'] as const;

/** Returns the update that approves a stage or a step. Throws `STALE` if the record does not have it any more. */
export function approvalChange(change: ApprovedSubject): IssueChange {
  const { after, raw, taskIds, approvedTasks, approval } = change;
  const { issueId, subject } = after;
  const update = new UpdateExpression(issueId, raw);
  for (const name of APPROVAL_CONDITIONS) update.requireUnchanged(name);
  if (subject.kind === 'STEP') {
    setStepStatus(update, raw, subject.id, 'APPROVED');
    update.setEntries('stepApprovals', { set: { [subject.id]: approval }, remove: [] });
    return update.build();
  }
  const stage = findStage(raw, subject.id);
  const approvedIds = new Set(taskIds);
  const tasksToApprove = stage.tasks.filter(({ taskId }) => approvedIds.has(taskId));
  if (tasksToApprove.length <= MAX_PATHS) {
    for (const { index } of tasksToApprove) {
      update.set(`#stages[${stage.index}].#tasks[${index}].#status`, { S: 'PENDING' });
    }
    update.name('stages', 'tasks', 'status');
  } else {
    const list = stage.tasks.map(({ taskId, raw: task }) =>
      approvedIds.has(taskId) ? { M: { ...task.M, status: { S: 'PENDING' } } } : task,
    );
    update.set(`#stages[${stage.index}].#tasks`, { L: list });
    update.name('stages', 'tasks');
  }
  update.setEntries('approvedTasks', { set: { [subject.id]: approvedTasks }, remove: [] });
  update.setEntries('stageApprovals', { set: { [subject.id]: approval }, remove: [] });
  return update.build();
}

/**
 * Returns the update that sets tasks back to PENDING_APPROVAL, at most 50 at once; each must be exactly as it was read.
 * Throws `STALE` if the record does not have the stage any more.
 */
export function requireApprovalChange(
  issueId: string,
  raw: Image,
  stageId: string,
  taskIds: readonly string[],
): IssueChange {
  const update = new UpdateExpression(issueId, raw);
  const stage = findStage(raw, stageId);
  const wanted = new Set(taskIds);
  update.name('stages', 'tasks', 'status');
  for (const { index, raw: task } of stage.tasks
    .filter(({ taskId }) => wanted.has(taskId))
    .slice(0, MAX_PATHS)) {
    const path = `#stages[${stage.index}].#tasks[${index}]`;
    update.require(path, task);
    update.set(`${path}.#status`, { S: 'PENDING_APPROVAL' });
  }
  return update.build();
}

/** Returns the update that writes approvals, step statuses, hold and error. */
export function writeBackChange(issueId: string, raw: Image, change: WriteBack): IssueChange {
  const update = new UpdateExpression(issueId, raw);
  update.setEntries('stageApprovals', change.stageApprovals);
  update.setEntries('stepApprovals', change.stepApprovals);
  const statuses = Object.entries(change.stepStatuses).slice(0, MAX_STATUSES);
  if (statuses.length > 0) update.requireUnchanged('approvalFlow');
  for (const [stepId, status] of statuses) setStepStatus(update, raw, stepId, status);
  for (const name of ['approvalHold', 'approvalError'] as const) {
    const value = change[name];
    if (value === undefined) continue;
    update.name(name);
    if (value === null) update.remove(`#${name}`);
    else update.set(`#${name}`, toRaw(value));
  }
  return update.build();
}

/**
 * Sets the status of a step. The step is addressed by its index, so callers require `approvalFlow` to be unchanged.
 */
function setStepStatus(update: UpdateExpression, raw: Image, stepId: string, status: string): void {
  const index = (raw.approvalFlow?.M?.steps?.L ?? []).findIndex((step) => step.M?.stepId?.S === stepId);
  if (index < 0) throw new AppError('STALE', 'The step is no longer on the record.', { retryable: true });
  update.name('approvalFlow', 'steps', 'status');
  update.set(`#approvalFlow.#steps[${index}].#status`, { S: status });
}

function findStage(raw: Image, stageId: string) {
  const stages = raw.stages?.L ?? [];
  const index = stages.findIndex((stage) => stage.M?.stageId?.S === stageId);
  const tasks = stages[index]?.M?.tasks?.L;
  if (!tasks) throw new AppError('STALE', 'The stage is no longer on the record.', { retryable: true });
  return {
    index,
    tasks: tasks.map((task, at) => ({ index: at, taskId: task.M?.taskId?.S ?? '', raw: task })),
  };
}

/** Collects an update expression; names and values get placeholders. */
class UpdateExpression {
  readonly #issueId: string;
  readonly #raw: Image;
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, RawValue>();
  readonly #sets: string[] = [];
  readonly #removes: string[] = [];
  readonly #conditions = ['attribute_exists(issueId)'];

  constructor(issueId: string, raw: Image) {
    this.#issueId = issueId;
    this.#raw = raw;
    this.requireUnchanged('version');
    if (raw.version?.N === undefined) return;
    this.set('#version', { N: '1' }, (one) => `#version + ${one}`);
  }

  name(...names: string[]): void {
    for (const name of names) this.#names.set(`#${name}`, name);
  }

  set(path: string, value: RawValue, expression: (placeholder: string) => string = (same) => same): void {
    this.#sets.push(`${path} = ${expression(this.#value(value))}`);
  }

  remove(path: string): void {
    this.#removes.push(path);
  }

  require(path: string, value: RawValue): void {
    this.#conditions.push(`${path} = ${this.#value(value)}`);
  }

  requireUnchanged(name: string): void {
    this.name(name);
    const value = this.#raw[name];
    if (value) this.require(`#${name}`, value);
    else this.#conditions.push(`attribute_not_exists(#${name})`);
  }

  /**
   * Changes entries of a map that this product writes. The whole map is written if it is missing, if it is not a map,
   * or if too many entries change.
   */
  setEntries(name: string, { set, remove }: MapChange): void {
    const entries = Object.entries(set);
    if (entries.length === 0 && remove.length === 0) return;
    this.name(name);
    const present = this.#raw[name]?.M;
    if (!present || entries.length + remove.length > MAX_PATHS || remove.some((id) => id.length > 128)) {
      const kept = Object.entries(present ?? {}).filter(([id]) => !remove.includes(id));
      this.requireUnchanged(name);
      this.set(`#${name}`, {
        M: Object.fromEntries([...kept, ...entries.map(([id, value]) => [id, toRaw(value)] as const)]),
      });
      return;
    }
    this.#conditions.push(`attribute_type(#${name}, ${this.#value({ S: 'M' })})`);
    for (const [id, value] of entries) this.set(`#${name}.${this.#key(id)}`, toRaw(value));
    for (const id of remove) this.remove(`#${name}.${this.#key(id)}`);
  }

  build(): IssueChange {
    const clauses = [
      ...(this.#sets.length > 0 ? [`SET ${this.#sets.join(', ')}`] : []),
      ...(this.#removes.length > 0 ? [`REMOVE ${this.#removes.join(', ')}`] : []),
    ];
    return {
      Key: { issueId: { S: this.#issueId } },
      UpdateExpression: clauses.join(' '),
      ConditionExpression: this.#conditions.join(' AND '),
      ...(this.#names.size > 0 && { ExpressionAttributeNames: Object.fromEntries(this.#names) }),
      ...(this.#values.size > 0 && {
        ExpressionAttributeValues: Object.fromEntries(
          [...this.#values].map(([placeholder, value]) => [placeholder, asAttributeValue(value)]),
        ),
      }),
    };
  }

  #value(value: RawValue): string {
    const placeholder = `:v${this.#values.size}`;
    this.#values.set(placeholder, value);
    return placeholder;
  }

  #key(id: string): string {
    const placeholder = `#k${this.#names.size}`;
    this.#names.set(placeholder, id);
    return placeholder;
  }
}

const toRaw = (value: unknown): RawValue => convertToAttr(value, marshallOptions());

/** Both types describe the same values. Only the client's type is a union of the kinds. */
const asAttributeValue = (value: RawValue): AttributeValue => value as AttributeValue;
