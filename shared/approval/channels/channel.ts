import { isOaError, type OaError } from '../../external/errors.ts';
import { type FeishuError, isFeishuError } from '../../feishu/errors.ts';
import type { Cover } from '../plan/cover.ts';
import type { Verdict } from '../plan/judge.ts';
import type { Round, SentForm } from '../plan/round.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import type { SentRequest } from '../store/store.ts';

/**
 * Where a round is asked: in Feishu, or at an OA. All that differs between the two; every method rejects with a
 * `ChannelError`. What is shown is made once, before the first attempt to send, and stored: later ones send the same.
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
  /** How often a send whose answer is lost is tried in one go. */
  readonly sendTries: number;
  /** A withdrawal that was answered is not looked at again. */
  readonly trustsWithdrawal: boolean;
}

/** `cover`: which tasks the request covers, if it is for a stage. `none`: every form was refused, or those left do not show every statement whole and the settings want that. */
export type Composed = { request: SentRequest; form?: SentForm; cover?: Cover } | { none: 'REFUSED' | 'CUT' };

export type Participants = Pick<Round, 'approvers' | 'requester'>;

/** Whether the same people, or bot, stand on both sides. */
export const sameParticipants = (one: Participants, other: Participants): boolean =>
  one.requester.userId === other.requester.userId &&
  one.approvers.every(({ userId }, index) => userId === other.approvers[index]?.userId);

/** What is seen of a request. */
export interface Sighting {
  ref: Pick<Round, 'instanceCode' | 'externalId'>;
  /** It was made by this very round, and not by somebody else under the same id. */
  ours: boolean;
  verdict: Verdict;
  /** Revoked after it had been approved. */
  reverted: boolean;
}

export type ChannelError = FeishuError | OaError;

export const isChannelError = (error: unknown): error is ChannelError =>
  isFeishuError(error) || isOaError(error);

/** The channel's own name of what was sent, if it has told one. */
export const refOf = ({ instanceCode, externalId }: Round): string | undefined => instanceCode ?? externalId;
