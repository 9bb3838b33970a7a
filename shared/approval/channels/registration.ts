import { FEISHU_POLICY } from './feishu/policy.ts';
import { OA_POLICY } from './oa/policy.ts';
import type { ChannelPolicy } from './policy.ts';

/**
 * The registered channels. The schema of rounds is derived from this list. A new channel needs one entry here, and
 * one in `create-channels.ts`, which the compiler requires (docs/channels.md).
 */
export const POLICIES = {
  FEISHU: FEISHU_POLICY,
  EXTERNAL: OA_POLICY,
} as const satisfies Record<string, ChannelPolicy>;

/** The channel in which each kind of subject is asked. */
export const CHANNEL_OF = { STAGE: 'FEISHU', STEP: 'EXTERNAL' } as const satisfies Record<
  string,
  keyof typeof POLICIES
>;
