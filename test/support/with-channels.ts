import type { ChannelServices } from '../../shared/approval/channels/channel-services.ts';
import { type Channels, createChannels } from '../../shared/approval/channels/create-channels.ts';

/** Builds the channels from the services of a test, and returns both. */
export const withChannels = <S extends ChannelServices>(services: S): S & { channels: Channels } => ({
  ...services,
  channels: createChannels(services),
});
