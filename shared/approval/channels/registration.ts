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

/** Where each kind of subject is asked. */
export const CHANNEL_OF = { STAGE: 'FEISHU', STEP: 'EXTERNAL' } as const satisfies Record<
  string,
  keyof typeof POLICIES
>;
