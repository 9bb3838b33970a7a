import type * as z from 'zod';
import type { FeishuSettings } from '../../settings/settings.ts';

/**
 * What the plan must know of a channel. Pure: no I/O. The channel itself, which calls the outside world, is a `Channel`
 * (`channel.ts`).
 */
export interface ChannelPolicy {
  /** The member of a round, and of `ref` on the record, that holds the channel's own id of the request. */
  readonly ref: string;
  /** The hints that report events of this channel. */
  readonly hints: 'FEISHU_EVENT' | 'EXTERNAL_EVENT' | 'NONE';
  /** Which calls share a line of time slots: those of one API, or all calls to the same owner. */
  readonly pacing: 'EACH_API' | 'ALL_CALLS';
  /** Returns whose calls are counted together: the id of an app or a node. Undefined: its calls are not paced. */
  ownerOf(round: RoundAddress): string | undefined;
  /** Pauses between looks at an open request when no event comes, in milliseconds; the last one repeats. */
  readonly lookPauses: readonly number[];
  /** Approvers answer with one tap and wait for its effect: no message of such an issue is hidden for long. */
  readonly isTapped: boolean;
  /** The settings' reminder and expiry hold for its requests. */
  readonly hasDeadlines: boolean;
  /** Comments can be written on its requests. */
  readonly hasComments: boolean;
  /** The configured external nodes are read for its rounds. */
  readonly needsNodes: boolean;
  /** The error of a round whose request was not answered for long; it ends when the channel answers. */
  readonly outageError?: string;
  /** The form in which a request is stored: what the approver was shown. */
  readonly requestSchema: z.ZodObject;
  /** The codes of `error` that only this channel gives. */
  readonly errorCodes: readonly string[];
  /** Whether a round's request is one that the present settings would send. */
  matches(round: RoundAddress, settings: FeishuSettings | undefined): SettingsMatch;
}

/** OTHER_SENDER: sent with another app. OTHER_DEFINITION: a card of another approval definition. */
export type SettingsMatch = 'YES' | 'OTHER_SENDER' | 'OTHER_DEFINITION';

/** The members of a round that say where its request goes. */
export interface RoundAddress {
  appId?: string | undefined;
  definitionCode?: string | undefined;
  nodeId?: string | undefined;
}

/** The APIs whose calls are paced: `create` and `cancel` each by itself, or `call`, whatever it is. */
export const PACED_APIS = ['create', 'cancel', 'call'] as const;
export type PacedApi = (typeof PACED_APIS)[number];

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
