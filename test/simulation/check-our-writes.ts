import { isDeepStrictEqual } from 'node:util';
import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import { issueRecordSchema, type Stage, type Task } from '../../shared/issue/record.ts';
import { readImage } from '../../shared/runtime/attribute-values.ts';
import type { StoredRecord } from '../support/core.ts';
import { differencesOf, hashOf, readingsOf, statusesOn } from './card-contents.ts';
import { externalStepsOf, hasDecided } from './oa-decisions.ts';
import type { IssueChange } from './recorded-dynamodb.ts';
import { violated } from './violation.ts';
import type { World } from './world.ts';

/**
 * Checks a write of the product to the Issues table, by the record before it and by what Feishu and the OA show
 * (docs/contract.md 1). Uses none of the product's own rules.
 */
export function checkOurWrite(world: World, { by, before, after, read }: IssueChange): void {
  if (by === 'FRABIT') return;
  if (!before || !after) throw violated('the product neither creates nor deletes issue records', 'an issue');
  const [old, now] = [recordIn(before), recordIn(after)];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (OURS.has(name) || isDeepStrictEqual(before[name], after[name])) continue;
    throw violated("the product changes no attribute of Frabit's", name);
  }
  if (typeof old.version === 'number' ? now.version !== old.version + 1 : now.version !== old.version) {
    throw violated('a write increments the version by one', `${old.version} → ${now.version}`);
  }
  if (!read || before.version?.N !== read.version?.N) {
    throw violated('a write requires the version that was read', old.issueId);
  }
  checkSteps(world, old, now);
  const moved = movedTasks(old, now);
  checkReapprovals(old, moved);
  const approved = moved.filter(({ to }) => to === 'PENDING');
  if (approved.length > 0) checkApproval(world, old, now, approved, recordIn(read));
  else if (!isDeepStrictEqual(old.approvedTasks, now.approvedTasks)) {
    throw violated('only the approving transaction writes approvedTasks', old.issueId);
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

// Frabit wrote it and the product changed it, so it has the type of both.
const recordIn = (image: NonNullable<IssueChange['before']>): StoredRecord =>
  readImage(image) as unknown as StoredRecord;

/** The product changes only the status of EXTERNAL steps, to what the OA decided on exactly this content. */
function checkSteps(world: World, old: StoredRecord, now: StoredRecord): void {
  const put = structuredClone(old.approvalFlow);
  for (const [at, step] of (put?.steps ?? []).entries()) {
    const to = now.approvalFlow?.steps[at]?.status;
    if (!to || to === step.status || step.kind !== 'EXTERNAL') continue;
    if (to !== 'PENDING' && !hasDecided(world, to, old, step)) {
      throw violated(
        'the status of a step is what its OA decided on exactly this content',
        `${step.stepId} ${to}`,
      );
    }
    step.status = to;
  }
  if (!isDeepStrictEqual(put, now.approvalFlow)) {
    throw violated('in the flow the product changes only statuses of EXTERNAL steps', old.issueId);
  }
}

interface Moved {
  stageId: string;
  task: Task;
  to: Task['status'];
}

/** The tasks whose status the product changed. Nothing else of the stages may differ. */
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
  if (!isDeepStrictEqual(put, now.stages))
    throw violated('in the stages the product changes only statuses of tasks', old.issueId);
  return moved;
}

/** The product sets back only a ready task whose present content it did not approve (docs/lessons.md 29). */
function checkReapprovals(old: StoredRecord, moved: readonly Moved[]): void {
  for (const { stageId, task, to } of moved) {
    if (to === 'PENDING') continue;
    const setBack = task.status === 'PENDING' && to === 'PENDING_APPROVAL';
    if (!setBack || old.approvedTasks?.[stageId]?.[task.taskId] === hashOf(task)) {
      throw violated(
        'only a task without an approval of its content is set back',
        `${stageId} ${task.taskId}`,
      );
    }
  }
}

function checkApproval(
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
  if (!stage || approved.some((one) => one.stageId !== stageId))
    throw refuse('the issue is at another stage');
  if (approved.some(({ task }) => task.status !== 'PENDING_APPROVAL')) throw refuse('a task did not ask');
  if (isLeftAsking(now, stageId)) throw refuse('one approval must approve the whole stage');
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
  if (unasked) throw refuse('the card shows another status for a task that asks');
  if (!isDeepStrictEqual(now.approvedTasks?.[stageId], expectedApprovedTasks(old, stage, shown)))
    throw refuse('approvedTasks does not hold exactly the tasks that may run');
  const person = world.tenant.world.people.byEmail(old.assignee?.email ?? '')?.openId;
  if (!person || !isApprovedBy(instance, person)) throw refuse('the assignee did not approve');
  const [decision] = approval.decisions;
  if (decision?.by.userId !== person || !decision.applied) throw refuse('the decision names somebody else');
  const [difference] = differencesOf(world, instance, old, stage);
  if (difference) throw refuse(`the card does not show what is approved: ${difference}`);
  if (readingsOf(world, instance).some(({ level }) => level !== approval.form))
    throw refuse('the record names another form than the card');
}

const isAsking = ({ status }: Task): boolean => status === 'PENDING_APPROVAL';

/**
 * The task hashes that may run after an approval (docs/contract.md 1): of tasks that ask on the card and still wait, and of
 * tasks that the card shows as approved before, if they were.
 */
function expectedApprovedTasks(
  old: StoredRecord,
  { stageId, tasks }: Stage,
  shown: readonly (Task['status'] | undefined)[],
): Record<string, string> {
  const waiting = tasks.filter(
    ({ status }, at) =>
      shown[at] === 'PENDING_APPROVAL' && (status === 'PENDING_APPROVAL' || status === 'PENDING'),
  );
  const before = tasks.filter(
    (task, at) =>
      ['PENDING', 'RUNNING', 'FAILED'].includes(shown[at] ?? '') &&
      old.approvedTasks?.[stageId]?.[task.taskId] === hashOf(task),
  );
  return Object.fromEntries([...waiting, ...before].map((task) => [task.taskId, hashOf(task)]));
}

const isLeftAsking = (record: StoredRecord, stageId: string): boolean =>
  record.stages
    .filter((one) => one.stageId === stageId)
    .some(({ tasks }) => tasks.some(({ status }) => status === 'PENDING_APPROVAL'));

const isApprovedBy = ({ tasks, timeline }: Instance, person: string): boolean =>
  tasks.some(({ status, openId }) => status === 'APPROVED' && openId === person) &&
  timeline.some(({ type, openId }) => type === 'PASS' && openId === person);
