import { FEISHU_POLICY } from './feishu/policy.ts';
import { OA_POLICY } from './oa/policy.ts';
import type { ChannelPolicy } from './policy.ts';

/**
 * The registration of the channels. The schema of rounds derives from it. A new channel is one entry here, and one in
 * `create-channels.ts`, which the compiler demands (docs/channels.md).
 */
export const POLICIES = {
  FEISHU: FEISHU_POLICY,
  EXTERNAL: OA_POLICY,
} as const satisfies Record<string, ChannelPolicy>;

export type ChannelName = keyof typeof POLICIES;
type Registered = (typeof POLICIES)[ChannelName];

/** Where each kind of subject is asked. */
export const CHANNEL_OF = { STAGE: 'FEISHU', STEP: 'EXTERNAL' } as const satisfies Record<
  string,
  ChannelName
>;

/** Never empty: the types of a schema's enum need to know that. */
export const CHANNELS = Object.keys(POLICIES) as [ChannelName, ...ChannelName[]];

export type RefName = Registered['ref'];
export const REF_NAMES: readonly RefName[] = CHANNELS.map((name) => POLICIES[name].ref);

export type ChannelErrorCode = Registered['errorCodes'][number];
export const CHANNEL_ERROR_CODES: readonly ChannelErrorCode[] = CHANNELS.flatMap(
  (name) => POLICIES[name].errorCodes,
);

/** Stands for the channel of a newer version, whose rounds are left alone (ADR 15). */
const UNKNOWN: ChannelPolicy = {
  ref: '',
  hints: 'EXTERNAL_EVENT',
  pacing: 'EACH_API',
  ownerOf: () => undefined,
  lookPauses: [],
  isTapped: false,
  hasDeadlines: false,
  hasComments: false,
  needsNodes: false,
  errorCodes: [],
  matches: () => 'YES',
};

export const policyOf = ({ channel }: { channel: ChannelName }): ChannelPolicy =>
  Object.hasOwn(POLICIES, channel) ? POLICIES[channel] : UNKNOWN;
