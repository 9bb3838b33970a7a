import type { CloseReason, Hold } from '../../issue/approval-words.ts';
import type { Step } from '../../issue/record.ts';
import type { Trigger } from '../../issue/triggers.ts';
import type { Deadlines } from './deadlines.ts';
import type { ReportedEvents } from './event-hints.ts';
import type { IssueMemory, ItemRetention } from './issue-memory.ts';
import type { Round, Subject } from './round.ts';

/** A round to be opened. */
export interface Opening {
  subject: Subject;
  generation: number;
  triggers: Trigger[];
}

/** One action of a plan. Each is safe to repeat. */
export type Action =
  | { do: 'REMEMBER'; memory: IssueMemory }
  /** The issue has arrived at its stage again: assign the live round of the stage to this arrival. */
  | { do: 'JOIN'; approvalId: string; arrival: number }
  /** Store which tasks asked, on rounds of an earlier version that did not keep it. */
  | { do: 'FIRST_SIGHT'; sights: Sight[] }
  /** Set tasks that have no approval back to PENDING_APPROVAL, in a stage that was approved through this product. */
  | { do: 'REQUIRE_APPROVAL'; stageId: string; taskIds: string[] }
  /** Store the tasks that ask without an approval, by task hash, on the round that approved their stage. */
  | { do: 'RECORD_ASKING'; approvalId: string; asked: Record<string, string> }
  | { do: 'OPEN'; opening: Opening }
  | { do: 'SEND'; approvalId: string }
  | { do: 'LOOK'; approvalId: string; reported: ReportedEvents }
  /**
   * `next`: the round to open when this one closes. `reported`: events about a round that waits for its cancel; only
   * then the round is looked at without a slot.
   */
  | { do: 'WITHDRAW'; approvalId: string; reason: CloseReason; next?: Opening; reported?: ReportedEvents }
  /** The settings give another time for the reminder or the expiry. */
  | { do: 'RETIME'; approvalId: string; deadlines: Deadlines }
  | { do: 'REMIND'; approvalId: string }
  | { do: 'WRITE_BACK'; writeBack: WriteBack }
  | { do: 'CLOSE_LEFTOVER'; approvalId: string }
  | { do: 'COMMENT'; approvalId: string }
  /** The round is closed, and no task of its stage asks for approval any more. */
  | { do: 'REST'; approvalId: string }
  /** Store the statuses that events reported while nothing can be done about the round. */
  | { do: 'KEEP_EVENTS'; approvalId: string; missed: string[] }
  | { do: 'POSTPONE'; approvalId: string }
  /** Make the items of the issue expire, or, if undefined, keep them all (ADR 22). */
  | { do: 'RETAIN'; retention: ItemRetention | undefined };

/** What a round of an earlier version stores when this version first reads it. */
export type Sight = Required<Pick<Round, 'approvalId' | 'asking' | 'underWay' | 'asked'>>;

/** The changes that make the record agree with the rounds. */
export interface WriteBack {
  /** Approvals to set or remove, by id. */
  stageApprovals: MapChange;
  stepApprovals: MapChange;
  /** EXTERNAL steps whose `status` must change, by stepId. */
  stepStatuses: Record<string, Step['status']>;
  /** The hold to set. Null removes it; undefined leaves it as it is. */
  approvalHold?: Hold | null;
  /** The error to set. Null removes the error of a record that has become valid. */
  approvalError?: { code: 'INVALID_RECORD'; message: string; at: string } | null;
}

export interface MapChange {
  set: Record<string, unknown>;
  /**
   * Ids of entries that have no round. Only this product writes here, so they come from a copied or an older record.
   */
  remove: string[];
}
