import { isFeishuError } from '../../feishu/errors.ts';
import type { CloseReason, CommentKind, Ending } from '../../issue/approval-words.ts';
import type { IssueRecord } from '../../issue/record.ts';
import { CallError } from '../../runtime/errors.ts';
import type { Cover } from '../plan/cover.ts';
import type { Verdict } from '../plan/judge.ts';
import type { Round, SentForm } from '../plan/round.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import type { SubjectView } from '../plan/subject.ts';
import type { SentRequest } from '../store/store.ts';
import { REF_NAMES, type RefName } from './policies.ts';

/**
 * Where a round is asked: in Feishu, or at an OA. What the plan must know of it is its `ChannelPolicy`. Every method
 * that returns a promise rejects with a `ChannelError`. What is shown is made once, before the first attempt to send, and stored: later ones send the same.
 */
export interface Channel {
  /** Who is asked and who asks; `missing`: an approver whom the channel does not know. `fresh`: nothing cached counts. */
  findParticipants(
    round: Round,
    snapshot: Snapshot,
    options: { fresh: boolean },
  ): Promise<Participants | { missing: string }>;
  /**
   * What is going to be shown, from the very record whose content the round holds; rejects with `STALE` otherwise. Of a
   * round whose forms so far were refused: the next form, from what the first was made from.
   */
  compose(round: Round, participants: Participants, snapshot: Snapshot): Promise<Composed>;
  /**
   * Learns from the form that has passed, and from those that were refused before it. `created`: by this very call, and
   * not found afterwards.
   */
  learn(round: Round, how: { created: boolean }): Promise<void>;
  /** Asks. Safe to repeat: under one approvalId there is at most one request. */
  send(round: Round, request: SentRequest, snapshot: Snapshot): Promise<Sighting>;
  /** What has become of it; undefined: the channel knows none. Only for a round whose sending was begun. */
  look(round: Round, snapshot: Snapshot): Promise<Sighting | undefined>;
  /** Takes it back; only after a look that showed it open. */
  withdraw(round: Round, snapshot: Snapshot): Promise<void>;
  /** Whether there is all that a withdrawal needs. */
  canWithdraw(round: Round): boolean;
  /** Whether this error will not pass: nothing can be done about the round any more. */
  isLostForGood(round: Round, error: ChannelError, snapshot: Snapshot): boolean;
  /** Whether a withdrawal that failed so is given up: its successor is sent, and the request closed later. */
  isGivenUp(round: Round, error: ChannelError, snapshot: Snapshot): boolean;
  /** Returns where the request of a new round goes, and who is asked; rejects with `STALE` if nobody is. */
  addressOf(record: IssueRecord, view: SubjectView, snapshot: Snapshot): Address;
  /** Returns what a refused send means. */
  readRefusal(error: ChannelError): Refusal;
  /** Whether this error of a send may be an outage or a refusal: the channel's documentation allows both. */
  isDoubtful(error: ChannelError): boolean;
  /** Returns what is known of sends that succeeded: one since this time, ISO 8601; one as large as this form. */
  passed(round: Round, form: SentForm, since: string): Promise<{ since: boolean; asLarge: boolean }>;
  /** Returns the error of a round, with a sentence for whoever reads the record (docs/contract.md 1). */
  explain(problem: Problem): NonNullable<Round['error']>;
  /** Returns what a round keeps of a call that failed for a reason which is not the issue's. */
  afterFailure(round: Round, error: ChannelError): Partial<Round>;
  /** Comments on requests; absent: the channel has none (`hasComments` of its policy). */
  readonly comments?: Comments;
  /** Writes to the approver that the request waits for them; absent: the channel has no reminders. */
  remind?(round: Round, reminder: Reminder): Promise<void>;
  /** How often a send whose answer is lost is tried in one go. */
  readonly sendTries: number;
  /** A withdrawal that was answered is not looked at again. */
  readonly trustsWithdrawal: boolean;
}

export interface Comments {
  /** Whether a comment can be written on this round's request. */
  canWrite(round: Round, snapshot: Snapshot): boolean;
  /** Returns the text of a comment; it depends on nothing but its arguments. */
  textOf(kind: CommentKind, details: CommentDetails): string;
  /** Returns those of these texts that the request does not show yet. */
  findMissing(round: Round, texts: readonly string[]): Promise<string[]>;
  write(round: Round, text: string, snapshot: Snapshot): Promise<void>;
}

export interface CommentDetails {
  /** Why the request was withdrawn; only WITHDRAWN says it. */
  reason?: CloseReason | Ending | undefined;
  /** E-mail of who is asked by the request that follows; only WITHDRAWN says it. */
  successor?: string | undefined;
}

export interface Reminder {
  issue: string;
  stage: string;
  url: string;
  waitedMs: number;
  /** The same for each attempt of one reminder. */
  uuid: string;
}

export type Address = Pick<Round, 'approvers' | 'appId' | 'domain' | 'definitionCode' | 'nodeId'>;

/**
 * PARAMETERS: another form may pass. PERSON: somebody in it is not known any more. FINAL: the round fails. LATER: it is
 * tried again, for the reasons are the channel's own and may change.
 */
export type Refusal = 'PARAMETERS' | 'PERSON' | 'FINAL' | 'LATER';

/** What went wrong, for `explain`. */
export type Problem =
  | { kind: 'UNKNOWN_PERSON'; email: string }
  | { kind: 'REFUSED'; detail: string | undefined }
  | { kind: 'DECIDED_BY_ANOTHER'; decidedBy: string | undefined }
  | { kind: 'DECIDED_AUTOMATICALLY'; result: 'APPROVED' | 'REJECTED' }
  | { kind: 'WITHDRAWAL_REFUSED'; error: ChannelError | undefined };

/** `cover`: which tasks the request covers, if it is for a stage. `none`: every form was refused, or those left do not show every statement whole and the settings want that. */
export type Composed = { request: SentRequest; form?: SentForm; cover?: Cover } | { none: 'REFUSED' | 'CUT' };

export type Participants = Pick<Round, 'approvers' | 'requester'>;

/** Whether the same people, or bot, stand on both sides. */
export const sameParticipants = (one: Participants, other: Participants): boolean =>
  one.requester.userId === other.requester.userId &&
  one.approvers.every(({ userId }, index) => userId === other.approvers[index]?.userId);

/** What is seen of a request. */
export interface Sighting {
  ref: Partial<Pick<Round, RefName>>;
  /** It was made by this very round, and not by somebody else under the same id. */
  ours: boolean;
  verdict: Verdict;
  /** Revoked after it had been approved. */
  reverted: boolean;
  /** It waits for the approver who was asked; absent where the channel does not tell. */
  waitsForApprover?: boolean;
}

/** A failed call of a channel. UUID_CONFLICT: the id of the request was used before. */
export type ChannelError = CallError<'REFUSED' | 'SETUP' | 'UNAVAILABLE' | 'RATE_LIMITED' | 'UUID_CONFLICT'>;

export const isChannelError = (error: unknown): error is ChannelError => error instanceof CallError;

/** The channel's own name of what was sent, if it has told one. */
export const refOf = (round: Round): string | undefined =>
  REF_NAMES.map((name) => round[name]).find((ref) => ref !== undefined);

/** Returns what a log line says of a failed call: codes only. */
export const errorFields = (error: ChannelError): Record<string, string | number | undefined> => ({
  code: error.code,
  ...(isFeishuError(error) ? { feishuCode: error.feishuCode } : { httpStatus: error.httpStatus }),
});
