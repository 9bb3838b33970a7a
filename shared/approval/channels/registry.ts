import type { Round } from '../plan/round.ts';
import type { Channel } from './channel.ts';
import { createFeishuChannel } from './feishu/feishu-channel.ts';
import { createOaChannel } from './oa/oa-channel.ts';
import type { ChannelServices } from './services.ts';

/** Where this round is asked. */
export function channelOf({ channel }: Pick<Round, 'channel'>, work: ChannelServices): Channel {
  switch (channel) {
    case 'FEISHU':
      return createFeishuChannel(work);
    case 'EXTERNAL':
      return createOaChannel(work);
    default:
      return channel satisfies never;
  }
}
