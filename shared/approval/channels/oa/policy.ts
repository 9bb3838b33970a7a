import { type ChannelPolicy, HOUR, MINUTE } from '../policy.ts';
import { externalRequestSchema } from './sent-request.ts';

/** EXTERNAL steps are asked at an organisation's OA system, through a configured node. */
export const OA_POLICY = {
  ref: 'externalId',
  hints: 'EXTERNAL_EVENT',
  pacing: 'ALL_CALLS',
  ownerOf: ({ nodeId }) => nodeId,
  // More often than Feishu: an OA may never send an event (ADR 12).
  lookPauses: [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR],
  isTapped: false,
  // An OA has its own reminders and deadlines, and no place for comments.
  hasDeadlines: false,
  hasComments: false,
  needsNodes: true,
  outageError: 'OA_UNAVAILABLE',
  requestSchema: externalRequestSchema,
  errorCodes: ['OA_UNAVAILABLE'],
  matches: () => 'YES',
} as const satisfies ChannelPolicy;
