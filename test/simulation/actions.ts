import type { Fault } from '../../infra/local/simulators/feishu/faults.ts';
import type { CreateLimit } from '../../infra/local/simulators/feishu/instance-switches.ts';
import type { PersonState } from '../../infra/local/simulators/feishu/people.ts';
import type { OaFault } from '../../infra/local/simulators/oa/faults.ts';
import type { IssueRecord, Step, Task } from '../../shared/issue/record.ts';
import type { Interruption } from './call-interceptor.ts';
import type { FlowName, IssueIndex, PersonName } from './frabit.ts';
import type { Difference } from './task-differences.ts';

/** The actions that a story consists of. They are stored as JSON in mutant-stories.json. */

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

/** Deliveries. `interrupt`: what happens at one of the calls of the handlers that they start. */
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
