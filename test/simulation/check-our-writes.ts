import { isDeepStrictEqual } from 'node:util';
import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import { issueRecordSchema, type Stage, type Task } from '../../shared/issue/record.ts';
import { readImage } from '../../shared/runtime/attribute-values.ts';
import type { StoredRecord } from '../support/core.ts';
import { differencesOf, hashOf, readingsOf, statusesOn } from './card-contents.ts';
import { externalStepsOf, hasDecided } from './oa-decisions.ts';
import { violated } from './violation.ts';
import type { IssueChange, World } from './world.ts';

/**
 * What we may do to an issue record, in words of its own and not in the product's: every write of ours to the Issues
 * table is judged by what stood there before it and by what the tenant shows (docs/contract.md 1).
 */
export function judgeChange(world: World, { by, before, after, read }: IssueChange): void {
  if (by === 'FRABIT') return;
  if (!before || !after) throw violated('we neither make nor delete records', 'an issue');
  const [old, now] = [recordIn(before), recordIn(after)];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (OURS.has(name) || isDeepStrictEqual(before[name], after[name])) continue;
    throw violated("nothing of Frabit's is changed", name);
  }
  if (typeof old.version === 'number' ? now.version !== old.version + 1 : now.version !== old.version) {
    throw violated('a version is counted up by one', `${old.version} → ${now.version}`);
  }
  if (!read || before.version?.N !== read.version?.N) {
    throw violated('a write of ours requires the version to be as it was read', old.issueId);
  }
  judgeSteps(world, old, now);
  const moved = movedTasks(old, now);
  judgeDemands(old, moved);
  const approved = moved.filter(({ to }) => to === 'PENDING');
  if (approved.length > 0) judgeApproval(world, old, now, approved, recordIn(read));
  else if (!isDeepStrictEqual(old.approvedTasks, now.approvedTasks)) {
    throw violated('approvedTasks is written only by the transaction that approves', old.issueId);
  }
}

const OURS = new Set([
  'stageApprovals',
  'stepApprovals',
  'approvedTasks',
  'approvalHold',
  'approvalError',
  'version',
  'stages',
  'approvalFlow',
]);

// Frabit put it there and we changed it: it is what both say it is.
const recordIn = (image: NonNullable<IssueChange['before']>): StoredRecord =>
  readImage(image) as unknown as StoredRecord;

/** Of the flow only the status of EXTERNAL steps is ours, and it says what the OA said of exactly this content. */
function judgeSteps(world: World, old: StoredRecord, now: StoredRecord): void {
  const put = structuredClone(old.approvalFlow);
  for (const [at, step] of (put?.steps ?? []).entries()) {
    const to = now.approvalFlow?.steps[at]?.status;
    if (!to || to === step.status || step.kind !== 'EXTERNAL') continue;
    if (to !== 'PENDING' && !hasDecided(world, to, old, step)) {
      throw violated('a step says what its OA decided on this very content', `${step.stepId} ${to}`);
    }
    step.status = to;
  }
  if (!isDeepStrictEqual(put, now.approvalFlow)) {
    throw violated('of the flow only the statuses of EXTERNAL steps are changed', old.issueId);
  }
}

interface Moved {
  stageId: string;
  task: Task;
  to: Task['status'];
}

/** Tasks whose status we changed; nothing else of the stages may differ. */
function movedTasks(old: StoredRecord, now: StoredRecord): Moved[] {
  const moved: Moved[] = [];
  const put = structuredClone(old.stages);
  for (const [at, stage] of put.entries()) {
    for (const [index, task] of stage.tasks.entries()) {
      const to = now.stages[at]?.tasks[index]?.status;
      if (!to || to === task.status) continue;
      moved.push({ stageId: stage.stageId, task: { ...task }, to });
      task.status = to;
    }
  }
  if (!isDeepStrictEqual(put, now.stages)) throw violated('of stages only statuses are changed', old.issueId);
  return moved;
}

/** A task is put back only if it was approved through us and has changed since (docs/lessons.md 29). */
function judgeDemands(old: StoredRecord, moved: readonly Moved[]): void {
  for (const { stageId, task, to } of moved) {
    if (to === 'PENDING') continue;
    const forgotten = task.status === 'PENDING' && to === 'PENDING_APPROVAL';
    if (!forgotten || old.approvedTasks?.[stageId]?.[task.taskId] === hashOf(task)) {
      throw violated('only what changed after its approval is put back', `${stageId} ${task.taskId}`);
    }
  }
}

function judgeApproval(
  world: World,
  old: StoredRecord,
  now: StoredRecord,
  approved: readonly Moved[],
  read: StoredRecord,
): void {
  const stageId = old.currentStageId ?? '';
  const stage = old.stages.find((one) => one.stageId === stageId);
  const refuse = (detail: string) => violated('no SQL is approved that its approver did not see', detail);
  if (!issueRecordSchema.safeParse(read).success) throw refuse('the record is invalid');
  if (old.status !== 'OPEN') throw refuse(`the issue is ${old.status}`);
  if (!stage || approved.some((one) => one.stageId !== stageId)) throw refuse('it is at another stage');
  if (approved.some(({ task }) => task.status !== 'PENDING_APPROVAL')) throw refuse('a task had not asked');
  if (isLeftAsking(now, stageId)) throw refuse('one tap approves the whole stage');
  if (old.approvalFlow?.steps.some(({ status }) => status !== 'APPROVED'))
    throw refuse('the flow is not passed');
  if (externalStepsOf(old).some((step) => !hasDecided(world, 'APPROVED', old, step)))
    throw refuse('the OA did not approve this content');
  const approval = now.stageApprovals?.[stageId];
  if (approval?.state !== 'APPROVED') throw refuse('the record does not say who approved');
  const instance = world.tenant.world.instances.get(approval.ref?.instanceCode ?? '');
  if (instance?.uuid?.toLowerCase() !== approval.approvalId.toLowerCase()) throw refuse('there is no card');
  const shown = statusesOn(world, instance, stage);
  const unasked = stage.tasks.some((task, at) => isAsking(task) && shown[at] !== 'PENDING_APPROVAL');
  if (unasked) throw refuse('a task asks that the card calls something else');
  if (!isDeepStrictEqual(now.approvedTasks?.[stageId], mayRun(old, stage, shown)))
    throw refuse('approvedTasks is not what may run');
  const person = world.tenant.world.people.byEmail(old.assignee?.email ?? '')?.openId;
  if (!person || !isApprovedBy(instance, person)) throw refuse('the assignee did not tap');
  const [decision] = approval.decisions;
  if (decision?.by.userId !== person || !decision.applied) throw refuse('the decision names somebody else');
  const [difference] = differencesOf(world, instance, old, stage);
  if (difference) throw refuse(`the card does not show what is approved: ${difference}`);
  if (readingsOf(world, instance).some(({ level }) => level !== approval.form))
    throw refuse('the record names another form than the card');
}

const isAsking = ({ status }: Task): boolean => status === 'PENDING_APPROVAL';

/** What asked on the card and waits, and what the card said to be approved before, if it was (docs/contract.md 1). */
function mayRun(
  old: StoredRecord,
  { stageId, tasks }: Stage,
  shown: readonly (Task['status'] | undefined)[],
): Record<string, string> {
  const waits = tasks.filter(
    ({ status }, at) =>
      shown[at] === 'PENDING_APPROVAL' && (status === 'PENDING_APPROVAL' || status === 'PENDING'),
  );
  const before = tasks.filter(
    (task, at) =>
      ['PENDING', 'RUNNING', 'FAILED'].includes(shown[at] ?? '') &&
      old.approvedTasks?.[stageId]?.[task.taskId] === hashOf(task),
  );
  return Object.fromEntries([...waits, ...before].map((task) => [task.taskId, hashOf(task)]));
}

const isLeftAsking = (record: StoredRecord, stageId: string): boolean =>
  record.stages
    .filter((one) => one.stageId === stageId)
    .some(({ tasks }) => tasks.some(({ status }) => status === 'PENDING_APPROVAL'));

const isApprovedBy = ({ tasks, timeline }: Instance, person: string): boolean =>
  tasks.some(({ status, openId }) => status === 'APPROVED' && openId === person) &&
  timeline.some(({ type, openId }) => type === 'PASS' && openId === person);
