import * as z from 'zod';
import type { ChannelPolicy } from './policy.ts';
import { POLICIES } from './registration.ts';

export type ChannelName = keyof typeof POLICIES;
type Registered = (typeof POLICIES)[ChannelName];

/** The names of all channels. The type says that the list is never empty, because an enum of a schema needs that. */
export const CHANNELS = Object.keys(POLICIES) as [ChannelName, ...ChannelName[]];

export type RefName = Registered['ref'];
/** The members of a round that hold the id which a channel gave the request, one for each channel. */
export const REF_NAMES: readonly RefName[] = CHANNELS.map((name) => POLICIES[name].ref);

export type ChannelErrorCode = Registered['errorCodes'][number];
/** The error codes of all channels. */
export const CHANNEL_ERROR_CODES: readonly ChannelErrorCode[] = CHANNELS.flatMap(
  (name) => POLICIES[name].errorCodes,
);

/**
 * The schemas of stored requests, the channel that was added last first. Requests of the first channel, Feishu, are
 * the only ones that do not name their channel, so their schema is tried last. Never empty, as above.
 */
export const REQUEST_SCHEMAS = CHANNELS.map((name) => POLICIES[name].requestSchema).reverse() as [
  Registered['requestSchema'],
  ...Registered['requestSchema'][],
];

/** Used for a channel that only a newer version knows. Rounds of such a channel are left alone (ADR 15). */
const UNKNOWN: ChannelPolicy = {
  ref: '',
  hints: 'NONE',
  pacing: 'EACH_API',
  ownerOf: () => undefined,
  lookPauses: [],
  reportsDecisions: false,
  isTapped: false,
  hasDeadlines: false,
  hasComments: false,
  needsNodes: false,
  requestSchema: z.object({}),
  errorCodes: [],
  matches: () => 'YES',
};

/** Returns the policy of the channel of a round. */
export const policyOf = ({ channel }: { channel: ChannelName }): ChannelPolicy =>
  Object.hasOwn(POLICIES, channel) ? POLICIES[channel] : UNKNOWN;
