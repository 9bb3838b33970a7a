import { type ChannelPolicy, HOUR, MINUTE } from '../policy.ts';
import { externalRequestSchema } from './sent-request.ts';

/** The policy of OAs: EXTERNAL steps are asked there, through a configured external node. */
export const OA_POLICY = {
  ref: 'externalId',
  hints: 'EXTERNAL_EVENT',
  // Events are optional (docs/contract.md 5).
  reportsDecisions: false,
  pacing: 'ALL_CALLS',
  ownerOf: ({ nodeId }) => nodeId,
  // These looks are more frequent than at Feishu, because an OA may never send an event (ADR 12).
  lookPauses: [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR],
  isTapped: false,
  // An OA has its own reminders and deadlines, and no comments.
  hasDeadlines: false,
  hasComments: false,
  needsNodes: true,
  outageError: 'OA_UNAVAILABLE',
  requestSchema: externalRequestSchema,
  errorCodes: ['OA_UNAVAILABLE'],
  matches: () => 'YES',
} as const satisfies ChannelPolicy;
