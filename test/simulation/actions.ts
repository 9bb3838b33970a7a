import type { Fault } from '../../infra/local/simulators/feishu/faults.ts';
import { openTasks } from '../../infra/local/simulators/feishu/flow.ts';
import type { CreateLimit } from '../../infra/local/simulators/feishu/instance-switches.ts';
import type { PersonState } from '../../infra/local/simulators/feishu/people.ts';
import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import { ActRefused } from '../../infra/local/simulators/kit/control-routes.ts';
import type { OaApprovalRecord } from '../../infra/local/simulators/oa/approvals.ts';
import type { OaFault } from '../../infra/local/simulators/oa/faults.ts';
import { isLive } from '../../shared/approval/plan/round.ts';
import type { IssueRecord, Stage, Step, Task } from '../../shared/issue/record.ts';
import type { Interruption } from './call-interceptor.ts';
import {
  createFrabit,
  DATABASES,
  type FlowName,
  type Frabit,
  flowOf,
  type IssueIndex,
  PEOPLE,
  type PersonName,
  STATEMENTS,
} from './frabit.ts';
import { fillCard } from './sql-at-card-limit.ts';
import { changeField, type Difference, makeAlike } from './task-differences.ts';
import type { World } from './world.ts';

/**
 * What Frabit writes. `task` counts within the current stage. `keepsStatus`: Frabit changes the task and, against its
 * duty, does not set it to PENDING_APPROVAL.
 */
export type FrabitAction =
  | { do: 'EDIT_SQL'; issue: IssueIndex; task: number; sql: number; keepsStatus: boolean }
  | { do: 'CHANGE_DATABASE'; issue: IssueIndex; task: number; database: number; keepsStatus: boolean }
  /** Changes one field of a task and nothing else. The same action again changes it back. */
  | { do: 'CHANGE_FIELD'; issue: IssueIndex; task: number; difference: Difference; keepsStatus: boolean }
  /** Makes the first two tasks equal except for one field. */
  | { do: 'MAKE_ALIKE'; issue: IssueIndex; difference: Difference }
  /** Writes as much SQL as a card holds, and `extra` characters more. */
  | { do: 'FILL_CARD'; issue: IssueIndex; extra: number }
  | { do: 'ASSIGN'; issue: IssueIndex; to: PersonName | null }
  | { do: 'RING'; issue: IssueIndex; by: 'CREATOR' | 'OTHER' }
  | { do: 'GO_TO_STAGE'; issue: IssueIndex; stage: 0 | 1 | null }
  | { do: 'SET_STATUS'; issue: IssueIndex; status: IssueRecord['status'] }
  /** Sets the status of one task and changes nothing else. */
  | { do: 'SET_TASK'; issue: IssueIndex; task: number; status: Task['status'] }
  | { do: 'SET_TASKS'; issue: IssueIndex; status: 'PENDING' | 'PENDING_APPROVAL' | 'DONE' }
  | {
      do: 'DROP_TASK' | 'RENAME' | 'CREATE' | 'DELETE' | 'BREAK' | 'FIX' | 'UNDO';
      issue: IssueIndex;
    }
  | { do: 'ADD_TASK'; issue: IssueIndex; status?: Task['status'] }
  | { do: 'CHECK'; issue: IssueIndex; check: NonNullable<Task['check']> | null }
  | { do: 'MODE'; issue: IssueIndex; mode: 'AUTO' | 'BELL_ONLY' }
  | { do: 'FLOW'; issue: IssueIndex; status: Step['status'] | null }
  /** A flow with EXTERNAL steps. `oaStatus`: the status that Frabit writes for them, against its duty. */
  | { do: 'OA_FLOW'; issue: IssueIndex; steps: FlowName; review: Step['status']; oaStatus: Step['status'] }
  | { do: 'RESTORE'; issue: IssueIndex; back: number };

/** What people, time limits and rules do in Feishu. `card` counts the open cards, the newest first. */
export type FeishuAction =
  /** RETURN: the approver returns the card to its initiator. RESUBMIT: the initiator sends it again. */
  | { do: 'APPROVE' | 'REJECT' | 'ROLLBACK' | 'RETURN' | 'RESUBMIT'; card: number }
  | { do: 'TRANSFER'; card: number; to: PersonName }
  | { do: 'ADD_SIGNER'; card: number; who: PersonName; place: 'BEFORE' | 'WITH' | 'AFTER' }
  | {
      do: 'WITHDRAW_CARD' | 'DELETE_CARD' | 'OVERTIME' | 'OVERTIME_REJECTED' | 'AUTO_PASS' | 'AUTO_REJECT';
      card: number;
    }
  /** Lifts the time limit that closed a card. */
  | { do: 'RECOVER'; card: number };

/** What happens at the OA. `approval` counts the open approvals, the newest first. */
export type OaAction =
  | { do: 'OA_APPROVE' | 'OA_REJECT'; approval: number }
  /** The OA restarts and loses all approvals. */
  | { do: 'OA_FORGET' };

/** Faults, lost and repeated messages, and changes of the settings. */
export type TroubleAction =
  | { do: 'OA_FAULT'; fault: OaFault }
  /** Adds the external node to the settings, or removes it if no live round needs it. */
  | { do: 'SAVE_NODE'; configured: boolean }
  | { do: 'FAULT'; fault: Fault }
  | { do: 'TROUBLE'; what: 'NO_SCOPES' | 'APP_DISABLED' | 'QUOTA' | 'DEFINITION_DISABLED' | 'NONE' }
  | { do: 'PERSON'; who: PersonName; state: PersonState }
  | { do: 'LOSE_HINT' | 'LOSE_CHANGE' | 'LOSE_EVENT' | 'REPEAT_HINT' }
  /** Sends a hint again, however old it is. `back` counts from the newest. */
  | { do: 'REDRIVE'; back: number }
  /** Limits which creates the tenant accepts; null: all of them. */
  | { do: 'LIMIT_CREATES'; limit: CreateLimit | null; keysRefused: boolean }
  /** Feishu does not answer a create, and carries it out late or never. It refuses the next one (invalid parameters). */
  | { do: 'LOSE_CREATE'; late: boolean }
  | {
      do: 'SETTINGS';
      enabled: boolean;
      reminderHours: number | null;
      expiryHours: number | null;
      cutForms?: 'allow' | 'refuse';
      withdrawalComments?: boolean;
    };

/** Deliveries. `interrupt`: what happens at one of the calls that the handlers make meanwhile. */
export type DeliveryAction =
  | { do: 'DRAIN'; interrupt?: InterruptAction }
  | { do: 'DELIVER_EVENT'; event: number }
  | { do: 'DELIVER_HINT' | 'DELIVER_CHANGE' | 'SWEEP' }
  | { do: 'PASS_TIME'; minutes: number };

export interface InterruptAction extends Omit<Interruption, 'how'> {
  how:
    | 'KILL'
    | 'FAIL'
    | 'TWICE'
    | 'REPEAT_HINT'
    | (FrabitAction | FeishuAction | OaAction | { do: 'REPEAT_HINT' })[];
}

export type Action = FrabitAction | FeishuAction | OaAction | TroubleAction | DeliveryAction;

/** Carries out an action. Does nothing if the action is impossible in this world. */
export async function perform(world: World, action: Action): Promise<unknown> {
  const frabit = createFrabit(world);
  switch (action.do) {
    case 'DRAIN': {
      const { interrupt } = action;
      if (interrupt) world.interceptor.schedule({ ...interrupt, how: resolveHow(world, interrupt) });
      await world.drain();
      return world.interceptor.schedule();
    }
    case 'DELIVER_EVENT':
      return world.deliverEvent(action.event);
    case 'DELIVER_HINT':
      return world.deliverHint();
    case 'DELIVER_CHANGE':
      return world.deliverChange();
    case 'SWEEP':
      return world.sweep();
    case 'PASS_TIME':
      return world.clock.advance(action.minutes * 60_000);
    case 'LOSE_HINT':
      world.hintsLost = true;
      return world.queue.lose();
    case 'LOSE_CHANGE':
      world.hintsLost = true;
      return world.stream.shift();
    case 'REDRIVE':
      return world.queue.redrive(action.back);
    case 'LOSE_EVENT':
      return world.events.shift()?.answer(200);
    case 'REPEAT_HINT':
      return world.deliverHintAgain();
    case 'FAULT':
      world.refusalsExpected ||= action.fault.kind === 'ERROR_CODE';
      return world.tenant.control.misbehave(action.fault);
    case 'OA_FAULT':
      return world.oa.control.misbehave(action.fault);
    case 'SAVE_NODE':
      return world.saveNode(action.configured);
    case 'OA_APPROVE':
    case 'OA_REJECT':
    case 'OA_FORGET':
      return actAtOa(world, action);
    case 'TROUBLE':
      return breakTenant(world, action.what);
    case 'PERSON':
      world.refusalsExpected = true;
      return ignoreImpossible(() => world.tenant.control.setPersonState(PEOPLE[action.who], action.state));
    case 'SETTINGS':
      world.commentsOff ||= action.withdrawalComments === false;
      return world.saveSettings({
        enabled: action.enabled,
        reminderHours: action.reminderHours ?? undefined,
        expiryHours: action.expiryHours ?? undefined,
        cutForms: action.cutForms,
        withdrawalComments: action.withdrawalComments,
      });
    case 'LOSE_CREATE':
      world.refusalsExpected = true;
      return world.tenant.control.misbehave(
        action.late
          ? { kind: 'COMMIT_LATE', endpoint: 'createInstance', times: 1, ms: 600_000 }
          : { kind: 'RESET_BEFORE', endpoint: 'createInstance', times: 1 },
        { kind: 'ERROR_CODE', endpoint: 'createInstance', times: 1, code: 1390001, status: 400 },
      );
    case 'LIMIT_CREATES':
      world.refusalsExpected = true;
      world.tenant.control.setCreateLimit(action.limit ?? undefined);
      return world.tenant.control.setKeysRefused(action.keysRefused);
    case 'APPROVE':
    case 'REJECT':
    case 'ROLLBACK':
    case 'RETURN':
    case 'RESUBMIT':
    case 'OVERTIME_REJECTED':
    case 'TRANSFER':
    case 'ADD_SIGNER':
    case 'WITHDRAW_CARD':
    case 'DELETE_CARD':
    case 'OVERTIME':
    case 'RECOVER':
    case 'AUTO_PASS':
    case 'AUTO_REJECT':
      return ignoreImpossible(() => act(world, action));
    default:
      return write(frabit, action);
  }
}

function resolveHow(world: World, { how }: InterruptAction): Interruption['how'] {
  if (typeof how === 'string' && how !== 'REPEAT_HINT') return how;
  const actions = how === 'REPEAT_HINT' ? [{ do: how } as const] : how;
  return async () => {
    world.workersOverlapped ||= actions.some((action) => action.do === 'REPEAT_HINT');
    for (const action of actions) await perform(world, action);
  };
}

function breakTenant(world: World, what: Extract<TroubleAction, { do: 'TROUBLE' }>['what']): unknown {
  const { control, world: tenant } = world.tenant;
  switch (what) {
    case 'NO_SCOPES':
      return control.setScopes([]);
    case 'APP_DISABLED':
      return control.setAppEnabled(false);
    case 'QUOTA':
      return control.setQuotaUsedUp(true);
    case 'DEFINITION_DISABLED':
      for (const code of tenant.definitions.keys()) control.setDefinitionStatus(code, 'INACTIVE');
      return undefined;
    case 'NONE':
      return control.behave();
    default:
      return what satisfies never;
  }
}

/** Whether the round of a card is being withdrawn or is closed: the product may have begun a cancel. */
function isBeingWithdrawn(world: World, { uuid }: Instance): boolean {
  const round = world.rounds().find(({ approvalId }) => approvalId.toLowerCase() === uuid?.toLowerCase());
  return round !== undefined && (round.withdraw !== undefined || !isLive(round));
}

/** Ignores what the simulator refuses: its page does not offer such an action either. */
function ignoreImpossible(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof ActRefused) return undefined;
    throw error;
  }
}

/** The approvals that the OA has not decided, the newest first. */
export const openApprovals = ({ oa }: World): OaApprovalRecord[] =>
  [...oa.approvals.values()].filter(({ status }) => status === 'PENDING').reverse();

export const OA_DECIDER = 'board@oa.example.com';

function actAtOa(world: World, action: OaAction): unknown {
  const { control } = world.oa;
  if (action.do === 'OA_FORGET') return control.forget();
  const open = openApprovals(world);
  const approval = open.at(action.approval % Math.max(1, open.length));
  if (!approval) return undefined;
  return action.do === 'OA_APPROVE'
    ? control.approve(approval.id, OA_DECIDER, 'Fine.')
    : control.reject(approval.id, OA_DECIDER, 'Not like this.');
}

/** Open instances, the newest first. A card that a time limit closed is not open. */
export const openInstances = ({ tenant }: World): Instance[] =>
  [...tenant.world.instances.values()]
    .filter(({ status, overtime }) => status === 'PENDING' && !overtime)
    .reverse();

function act(world: World, action: FeishuAction): unknown {
  const { control, world: tenant } = world.tenant;
  if (action.do === 'RECOVER') {
    const closed = [...tenant.instances.values()].filter(({ overtime }) => overtime);
    const card = closed.at(action.card % Math.max(1, closed.length));
    if (card) world.limitLifted.add(card.instanceCode);
    return card && control.overtimeRecover(card.instanceCode);
  }
  const open = openInstances(world);
  const card = open.at(action.card % Math.max(1, open.length));
  if (!card) return undefined;
  const code = card.instanceCode;
  const [turn] = openTasks(card);
  const owner = tenant.people.byId('open_id', turn?.openId ?? '')?.email ?? '';
  switch (action.do) {
    case 'APPROVE':
      return control.approve(code, owner, 'Fine.');
    case 'REJECT':
      return control.reject(code, owner, 'Not like this.');
    case 'ROLLBACK':
      return control.rollback(code, owner);
    case 'RETURN':
      return control.rollback(code, owner, 'Please explain.', 'INITIATOR');
    case 'RESUBMIT':
      return control.resubmit(code);
    case 'OVERTIME_REJECTED':
      world.closedByLimit.add(code);
      return control.overtimeClose(code, 'REJECTED');
    case 'TRANSFER':
      return control.transfer(code, owner, PEOPLE[action.to]);
    case 'ADD_SIGNER':
      return control.addSigner(code, owner, PEOPLE[action.who], action.place);
    case 'WITHDRAW_CARD':
      world.withdrawnByPeople.set(code, isBeingWithdrawn(world, card));
      return control.withdraw(code);
    case 'DELETE_CARD':
      return control.deleteInstance(code);
    case 'OVERTIME':
      world.closedByLimit.add(code);
      return control.overtimeClose(code);
    case 'AUTO_PASS':
      return control.autoPass(code);
    case 'AUTO_REJECT':
      return control.autoReject(code);
    default:
      return action satisfies never;
  }
}

const stageOf = (issue: IssueRecord): Stage | undefined =>
  issue.stages.find(({ stageId }) => stageId === issue.currentStageId);

async function write(frabit: Frabit, action: FrabitAction): Promise<void> {
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
