import { type Approval, type Issue, type Step, stageOf } from './frabit.ts';

const quoted = (text: string): string => `“${text.length > 60 ? `${text.slice(0, 59)}…` : text}”`;
const tasks = (count: number): string => (count === 1 ? '1 task' : `${count} tasks`);

/** Describes what Frabit changed, and what the approvals wrote back. Pure. */
export function describeChange(
  before: Issue | 'UNREADABLE' | undefined,
  after: Issue | 'UNREADABLE' | undefined,
): { byFrabit: string[]; ours: string[] } {
  if (after === undefined) return { byFrabit: ['issue deleted'], ours: [] };
  if (after === 'UNREADABLE') return { byFrabit: ['an invalid record was written'], ours: [] };
  if (before === undefined || before === 'UNREADABLE') return { byFrabit: [written(after)], ours: [] };
  return { byFrabit: changesOfFrabit(before, after), ours: changesOfOurs(before, after) };
}

function written(issue: Issue): string {
  const stage = stageOf(issue);
  const where = stage ? `at stage ${quoted(stage.title)} with ${tasks(stage.tasks.length)}` : 'at no stage';
  const who = issue.assignee ? `to be approved by ${issue.assignee.email}` : 'without an assignee';
  const steps = (issue.approvalFlow?.steps ?? []).map(({ title }) => quoted(title));
  const first = steps.length > 0 ? `, after ${steps.join(', ')}` : '';
  return `issue written: ${quoted(issue.title)}, ${where}, ${who}${first}`;
}

function changesOfFrabit(before: Issue, after: Issue): string[] {
  const found: string[] = [];
  const stage = stageOf(after);
  if (before.status !== after.status) found.push(`issue ${after.status}`);
  if (before.currentStageId !== after.currentStageId && stage) {
    found.push(`issue moved to stage ${quoted(stage.title)} with ${tasks(stage.tasks.length)}`);
  }
  if (before.assignee?.email !== after.assignee?.email) {
    found.push(`assignee changed to ${after.assignee?.email ?? 'nobody'}`);
  }
  const edited = pairsOfTasks(before, after).filter(
    ([old, task]) => old !== undefined && old.statement !== task.statement,
  );
  if (edited.length > 0) {
    found.push(`SQL changed in ${edited.map(([, task]) => quoted(task.title)).join(', ')}`);
  }
  if ((before.bell?.seq ?? 0) < (after.bell?.seq ?? 0)) found.push(`bell rung by ${after.bell?.rungBy}`);
  return found;
}

function changesOfOurs(before: Issue, after: Issue): string[] {
  const ofStages = Object.entries(after.stageApprovals ?? {}).flatMap(([stageId, approval]) =>
    describeApproval(before.stageApprovals?.[stageId], approval, recipients(approval)),
  );
  const ofSteps = (after.approvalFlow?.steps ?? []).flatMap((step) => describeStep(before, after, step));
  const found = [...ofSteps, ...ofStages];
  const approved = pairsOfTasks(before, after).filter(
    ([old, task]) => old?.status === 'PENDING_APPROVAL' && task.status === 'PENDING',
  );
  if (approved.length > 0) found.push(`${tasks(approved.length)} PENDING: ready to run`);
  if (after.approvalHold && before.approvalHold !== after.approvalHold) {
    found.push(`on hold: ${after.approvalHold}`);
  }
  if (after.approvalError && before.approvalError?.message !== after.approvalError.message) {
    found.push(`record refused: ${after.approvalError.message}`);
  }
  return found;
}

/** Describes changes of a step that an OA decides, and a step that must be approved again. */
function describeStep(before: Issue, after: Issue, { stepId, title, status }: Step): string[] {
  const approval = after.stepApprovals?.[stepId];
  const changes = approval ? describeApproval(before.stepApprovals?.[stepId], approval, 'the OA') : [];
  const old = before.approvalFlow?.steps.find((step) => step.stepId === stepId);
  const isBack = old?.status === 'APPROVED' && status === 'PENDING';
  return [...(isBack ? ['must be approved again'] : []), ...changes].map(
    (text) => `step ${quoted(title)}: ${text}`,
  );
}

const recipients = ({ approvers }: Approval): string => approvers.map(({ email }) => email).join(', ');

function describeApproval(before: Approval | undefined, after: Approval, whom: string): string[] {
  const same = before?.approvalId === after.approvalId;
  const errorIsNew = after.error && !(same && before?.error?.code === after.error.code);
  if (same && before?.state === after.state) {
    return errorIsNew ? [`approval waits: ${after.error?.message}`] : [];
  }
  const [decision] = after.decisions;
  const who = decision?.by.email ?? decision?.by.userId ?? 'somebody';
  const said = decision?.comment ? `: ${quoted(decision.comment)}` : '';
  switch (after.state) {
    case 'REQUESTED':
    case 'WITHDRAWN':
      // The event bus has reported it already.
      return errorIsNew ? [`approval waits: ${after.error?.message}`] : [];
    case 'PENDING':
      return [`approval sent to ${whom}`];
    case 'APPROVED':
      return [`approved by ${who}${said}`];
    case 'REJECTED':
      return [`rejected by ${who}${said}`];
    default:
      return [`approval ${after.state}${after.error ? `: ${after.error.message}` : ''}`];
  }
}

type Task = Issue['stages'][number]['tasks'][number];

function pairsOfTasks(before: Issue, after: Issue): [Task | undefined, Task][] {
  const old = new Map(
    before.stages.flatMap((stage) =>
      stage.tasks.map((task): [string, Task] => [JSON.stringify([stage.stageId, task.taskId]), task]),
    ),
  );
  return after.stages.flatMap((stage) =>
    stage.tasks.map((task): [Task | undefined, Task] => [
      old.get(JSON.stringify([stage.stageId, task.taskId])),
      task,
    ]),
  );
}
