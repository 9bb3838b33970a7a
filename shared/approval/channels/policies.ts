import * as z from 'zod';
import type { ChannelPolicy } from './policy.ts';
import { POLICIES } from './registration.ts';

export type ChannelName = keyof typeof POLICIES;
type Registered = (typeof POLICIES)[ChannelName];

/** Never empty: the types of a schema's enum need to know that. */
export const CHANNELS = Object.keys(POLICIES) as [ChannelName, ...ChannelName[]];

export type RefName = Registered['ref'];
export const REF_NAMES: readonly RefName[] = CHANNELS.map((name) => POLICIES[name].ref);

export type ChannelErrorCode = Registered['errorCodes'][number];
export const CHANNEL_ERROR_CODES: readonly ChannelErrorCode[] = CHANNELS.flatMap(
  (name) => POLICIES[name].errorCodes,
);

/**
 * The schemas of stored requests, the latest channel first: only the requests of the first one, Feishu, do not name their
 * channel. Never empty, as above.
 */
export const REQUEST_SCHEMAS = CHANNELS.map((name) => POLICIES[name].requestSchema).reverse() as [
  Registered['requestSchema'],
  ...Registered['requestSchema'][],
];

/** Stands for the channel of a newer version, whose rounds are left alone (ADR 15). */
const UNKNOWN: ChannelPolicy = {
  ref: '',
  hints: 'NONE',
  pacing: 'EACH_API',
  ownerOf: () => undefined,
  lookPauses: [],
  isTapped: false,
  hasDeadlines: false,
  hasComments: false,
  needsNodes: false,
  requestSchema: z.object({}),
  errorCodes: [],
  matches: () => 'YES',
};

export const policyOf = ({ channel }: { channel: ChannelName }): ChannelPolicy =>
  Object.hasOwn(POLICIES, channel) ? POLICIES[channel] : UNKNOWN;
