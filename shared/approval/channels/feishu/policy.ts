import { type ChannelPolicy, HOUR, MINUTE } from '../policy.ts';
import { feishuRequestSchema } from './sent-request.ts';

/** The policy of Feishu: stages are asked there, with an approval instance that shows a card. */
export const FEISHU_POLICY = {
  ref: 'instanceCode',
  hints: 'FEISHU_EVENT',
  reportsDecisions: true,
  // Feishu limits the calls of each API of an app (docs/feishu.md 8).
  pacing: 'EACH_API',
  ownerOf: ({ appId }) => appId,
  lookPauses: [10 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR],
  isTapped: true,
  hasDeadlines: true,
  hasComments: true,
  needsNodes: false,
  requestSchema: feishuRequestSchema,
  errorCodes: ['ASSIGNEE_NOT_IN_FEISHU', 'FEISHU_REFUSED', 'FEISHU_SETUP', 'FEISHU_UNAVAILABLE'],
  matches: ({ appId, definitionCode }, settings) => {
    if (appId !== settings?.appId) return 'OTHER_SENDER';
    return definitionCode === settings?.definitionCode ? 'YES' : 'OTHER_DEFINITION';
  },
} as const satisfies ChannelPolicy;
