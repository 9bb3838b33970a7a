import * as z from 'zod';
import { type ChannelPolicy, MINUTE } from '../../shared/approval/channels/policy.ts';

export const mailRequestSchema = z.object({
  channel: z.literal('MAIL'),
  to: z.string(),
  from: z.string(),
  text: z.string(),
});
export type MailRequest = z.infer<typeof mailRequestSchema>;

/** Stages are asked by e-mail: a channel that exists only in the tests. */
export const MAIL_POLICY = {
  ref: 'mailId',
  hints: 'EXTERNAL_EVENT',
  pacing: 'EACH_API',
  ownerOf: () => undefined,
  lookPauses: [10 * MINUTE],
  reportsDecisions: false,
  isTapped: true,
  hasDeadlines: false,
  hasComments: true,
  needsNodes: false,
  requestSchema: mailRequestSchema,
  errorCodes: ['NOBODY_BY_MAIL', 'MAIL_REFUSED', 'MAIL_UNAVAILABLE'],
  matches: () => 'YES',
} as const satisfies ChannelPolicy;
