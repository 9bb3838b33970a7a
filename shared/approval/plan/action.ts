import type { CloseReason, Hold } from '../../issue/approval-words.ts';
import type { Step } from '../../issue/record.ts';
import type { Trigger } from '../../issue/triggers.ts';
import type { Deadlines } from './deadlines.ts';
import type { ReportedEvents } from './event-hints.ts';
import type { IssueMemory } from './issue-memory.ts';
import type { Round, Subject } from './round.ts';

/** A round to be opened. */
export interface Opening {
  subject: Subject;
  generation: number;
  triggers: Trigger[];
}

/** One thing to do; each is safe to repeat. */
export type Action =
  | { do: 'REMEMBER'; memory: IssueMemory }
  /** A live round of the stage at which the issue has arrived anew belongs to that arrival. */
  | { do: 'JOIN'; approvalId: string; arrival: number }
  /** Which tasks asked, of rounds of an earlier version. */
  | { do: 'FIRST_SIGHT'; sights: Sight[] }
  /** Tasks of a stage approved through us that have no approval: back to PENDING_APPROVAL. */
  | { do: 'REQUIRE_APPROVAL'; stageId: string; taskIds: string[] }
  /** Tasks without an approval that ask, by hash: kept on the round that approved their stage. */
  | { do: 'RECORD_ASKING'; approvalId: string; asked: Record<string, string> }
  | { do: 'OPEN'; opening: Opening }
  | { do: 'SEND'; approvalId: string }
  | { do: 'LOOK'; approvalId: string; reported: ReportedEvents }
  /** `heard`: it waits for its cancel, and is looked at because of that. */
  | { do: 'WITHDRAW'; approvalId: string; reason: CloseReason; next?: Opening; reported?: ReportedEvents }
  /** The settings say another time for the reminder or the expiry. */
  | { do: 'RETIME'; approvalId: string; deadlines: Deadlines }
  | { do: 'REMIND'; approvalId: string }
  | { do: 'WRITE_BACK'; writeBack: WriteBack }
  | { do: 'CLOSE_LEFTOVER'; approvalId: string }
  | { do: 'COMMENT'; approvalId: string }
  /** The stage of a closed round is seen without a task that asks for approval. */
  | { do: 'REST'; approvalId: string }
  /** Statuses that events told while nothing could be done about them. */
  | { do: 'KEEP_EVENTS'; approvalId: string; missed: string[] }
  | { do: 'POSTPONE'; approvalId: string };

/** What a round of an earlier version takes at first sight. */
export type Sight = Required<Pick<Round, 'approvalId' | 'asking' | 'underWay' | 'asked'>>;

/** What must change on the record so that it says what the rounds say; pure. */
export interface WriteBack {
  /** Approvals to set under `stageApprovals` and `stepApprovals`, by id. */
  stageApprovals: MapChange;
  stepApprovals: MapChange;
  /** EXTERNAL steps whose `status` is to be set, by stepId. */
  stepStatuses: Record<string, Step['status']>;
  /** A hold to set, or null to remove it; undefined: it stands right. */
  approvalHold?: Hold | null;
  /** `null` removes the error of a record that has become valid. */
  approvalError?: { code: 'INVALID_RECORD'; message: string; at: string } | null;
}

export interface MapChange {
  set: Record<string, unknown>;
  /** Entries without a round: nobody but us writes here, so they came with a copied or an old record. */
  remove: string[];
}
