import type { Channel } from './channel.ts';
import type { ChannelServices } from './channel-services.ts';
import { createFeishuChannel } from './feishu/feishu-channel.ts';
import { createOaChannel } from './oa/oa-channel.ts';
import type { ChannelName } from './policies.ts';

export type Channels = Readonly<Record<ChannelName, Channel>>;

/** Creates every registered channel (`registration.ts`), once for a process. */
export const createChannels = (services: ChannelServices): Channels => ({
  FEISHU: createFeishuChannel(services),
  EXTERNAL: createOaChannel(services),
});

/** Returns the channel of a round. */
export const channelOf = (
  { channel }: { channel: ChannelName },
  { channels }: { channels: Channels },
): Channel => channels[channel];
