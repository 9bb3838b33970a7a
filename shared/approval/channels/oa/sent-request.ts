import * as z from 'zod';
import { oaRequestSchema } from '../../../external/wire.ts';

/** The stored request of a round at an OA. */
export const externalRequestSchema = z.object({ channel: z.literal('EXTERNAL'), body: oaRequestSchema });
export type ExternalRequest = z.infer<typeof externalRequestSchema>;

/**
 * Whether a stored request is for an OA. The value is compared too, because a newer version may store a `channel`
 * with every request.
 */
export const isExternalRequest = (request: object): request is ExternalRequest =>
  'channel' in request && request.channel === 'EXTERNAL';
