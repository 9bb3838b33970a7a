import type { IssueRecord, Stage, Task } from '../../shared/issue/record.ts';
import type { FrabitAction } from './actions.ts';
import { DATABASES, type Frabit, flowOf, PEOPLE, STATEMENTS } from './frabit.ts';
import { fillCard } from './sql-at-card-limit.ts';
import { changeField, makeAlike } from './task-differences.ts';

const stageOf = (issue: IssueRecord): Stage | undefined =>
  issue.stages.find(({ stageId }) => stageId === issue.currentStageId);

/** Carries out an action of Frabit. */
export async function writeAsFrabit(frabit: Frabit, action: FrabitAction): Promise<void> {
  const { issue: index } = action;
  const change = (run: (issue: IssueRecord) => void) => frabit.change(index, run);
  const changeTask = (at: number, keepsStatus: boolean, run: (task: Task) => void) =>
    change((issue) => {
      const tasks = stageOf(issue)?.tasks ?? [];
      const task = tasks.at(at % Math.max(1, tasks.length));
      if (!task) return;
      run(task);
      if (!keepsStatus) task.status = 'PENDING_APPROVAL';
    });
  switch (action.do) {
    case 'EDIT_SQL':
      return changeTask(action.task, action.keepsStatus, (task) => {
        task.statement = STATEMENTS[action.sql % STATEMENTS.length];
        delete task.sheet;
      });
    case 'CHANGE_FIELD':
      return changeTask(action.task, action.keepsStatus, (task) => changeField(task, action.difference));
    case 'MAKE_ALIKE':
      return change((issue) => makeAlike(stageOf(issue)?.tasks ?? [], action.difference));
    case 'FILL_CARD':
      return change((issue) => {
        const stage = stageOf(issue);
        if (stage) fillCard(issue, stage, action.extra);
      });
    case 'CHANGE_DATABASE':
      return changeTask(action.task, action.keepsStatus, (task) => {
        task.database = DATABASES[action.database % DATABASES.length];
      });
    case 'ASSIGN':
      return change((issue) => {
        issue.assignee = action.to === null ? null : { email: PEOPLE[action.to] };
      });
    case 'RING':
      return change((issue) => {
        const rungBy = action.by === 'CREATOR' ? issue.creator.email.toUpperCase() : 'other@example.com';
        issue.bell = { seq: frabit.nextRing(index), rungBy, rungAt: '2026-03-01T08:00:00.000Z' };
      });
    case 'GO_TO_STAGE':
      return change((issue) => {
        issue.currentStageId = action.stage === null ? null : (issue.stages[action.stage]?.stageId ?? null);
      });
    case 'SET_STATUS':
      return change((issue) => {
        issue.status = action.status;
      });
    case 'SET_TASKS':
      return change((issue) => {
        for (const task of stageOf(issue)?.tasks ?? []) task.status = action.status;
      });
    case 'SET_TASK':
      return changeTask(action.task, true, (task) => {
        task.status = action.status;
      });
    case 'ADD_TASK':
      return change((issue) => {
        const tasks = stageOf(issue)?.tasks;
        const first = tasks?.[0];
        if (!tasks || !first || tasks.length > 2) return;
        tasks.push({
          ...first,
          taskId: `t${tasks.length + 5}`,
          title: 'added',
          status: action.status ?? 'PENDING_APPROVAL',
        });
      });
    case 'DROP_TASK':
      return change((issue) => {
        const tasks = stageOf(issue)?.tasks;
        if (tasks && tasks.length > 1) tasks.pop();
      });
    case 'RENAME':
      return change((issue) => {
        issue.title = `${issue.title.slice(0, 40)} again`;
      });
    case 'CHECK':
      return change((issue) => {
        for (const task of stageOf(issue)?.tasks ?? []) {
          if (action.check === null) delete task.check;
          else task.check = action.check;
        }
      });
    case 'MODE':
      return change((issue) => {
        issue.approvalMode = action.mode;
      });
    case 'FLOW':
      return change((issue) => {
        const { status } = action;
        issue.approvalFlow =
          status === null
            ? undefined
            : { steps: [{ stepId: 'review', title: 'Review', kind: 'FRABIT', status }] };
      });
    case 'OA_FLOW':
      return change((issue) => {
        issue.approvalFlow = { steps: flowOf(action.steps, action) };
      });
    case 'BREAK':
      return change((issue) => {
        issue.title = '';
      });
    case 'FIX':
      return change((issue) => {
        if (issue.title === '') issue.title = 'Fixed';
      });
    case 'UNDO':
      return frabit.undo(index);
    case 'CREATE':
      return (await frabit.read(index)) ? undefined : frabit.create(index);
    case 'DELETE':
      return frabit.remove(index);
    case 'RESTORE':
      return frabit.restore(index, action.back);
    default:
      return action satisfies never;
  }
}
