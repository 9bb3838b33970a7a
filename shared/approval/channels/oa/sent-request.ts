import * as z from 'zod';
import { oaRequestSchema } from '../../../external/wire.ts';

export const externalRequestSchema = z.object({ channel: z.literal('EXTERNAL'), body: oaRequestSchema });
export type ExternalRequest = z.infer<typeof externalRequestSchema>;

/** A newer version may keep a `channel` with every request. */
export const isExternalRequest = (request: object): request is ExternalRequest =>
  'channel' in request && request.channel === 'EXTERNAL';
