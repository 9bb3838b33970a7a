import type * as z from 'zod';
import type { FeishuSettings } from '../../settings/settings.ts';

/**
 * What the plan needs to know about a channel. Pure: no I/O. The channel itself, which makes the calls, is a
 * `Channel` (`channel.ts`).
 */
export interface ChannelPolicy {
  /** The member of a round, and of `ref` on the record, that holds the channel's own id of the request. */
  readonly ref: string;
  /** The hints that report events of this channel. */
  readonly hints: 'FEISHU_EVENT' | 'EXTERNAL_EVENT' | 'NONE';
  /** Every decision is reported by an event within seconds, so one that only a look finds shows that events are lost. */
  readonly reportsDecisions: boolean;
  /** Which calls share a line of time slots: those of one API, or all calls to the same owner. */
  readonly pacing: 'EACH_API' | 'ALL_CALLS';
  /** Returns the id of the app or node whose calls are counted together. Undefined if its calls are not paced. */
  ownerOf(round: RoundAddress): string | undefined;
  /** Pauses between looks at an open request when no event comes, in milliseconds; the last one repeats. */
  readonly lookPauses: readonly number[];
  /** Approvers decide with one tap and wait for the result, so no message of such an issue is hidden for long. */
  readonly isTapped: boolean;
  /** The reminder and the expiry of the settings apply to its requests. */
  readonly hasDeadlines: boolean;
  /** Comments can be written on its requests. */
  readonly hasComments: boolean;
  /** Its rounds need the configured external nodes. */
  readonly needsNodes: boolean;
  /** The error of a round whose request was not answered for a long time. It is removed when the channel answers. */
  readonly outageError?: string;
  /** The form in which a request is stored: what the approver was shown. */
  readonly requestSchema: z.ZodObject;
  /** The codes of `error` that only this channel uses. */
  readonly errorCodes: readonly string[];
  /** Returns whether the present settings would send the request of the round in the same way. */
  matches(round: RoundAddress, settings: FeishuSettings | undefined): SettingsMatch;
}

/**
 * OTHER_SENDER: the round was sent with another app. OTHER_DEFINITION: its card is of another approval definition.
 */
export type SettingsMatch = 'YES' | 'OTHER_SENDER' | 'OTHER_DEFINITION';

/** The members of a round that say where its request goes. */
export interface RoundAddress {
  appId?: string | undefined;
  definitionCode?: string | undefined;
  nodeId?: string | undefined;
}

/** The APIs whose calls are paced: `create` and `cancel` each on its own, or `call` for all calls. */
export const PACED_APIS = ['create', 'cancel', 'call'] as const;
export type PacedApi = (typeof PACED_APIS)[number];

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
