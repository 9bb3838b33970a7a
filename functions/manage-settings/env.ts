import * as z from 'zod';
import { callsPerMinute } from '../../shared/approval/store/pacing.ts';
import { once, readEnv } from '../../shared/runtime/env.ts';

const schema = z.object({
  APPROVAL_TABLE_NAME: z.string(),
  WORK_QUEUE_URL: z.url(),
  /** ARN, or locally a name. */
  FEISHU_SECRET_ARN: z.string(),
  EXTERNAL_SECRET_ARN: z.string(),
  /** Of the local stack alone: endpoints of OAs may be http and on this machine. */
  EXTERNAL_LOCAL_ENDPOINTS: z.literal('true').optional(),
  FEISHU_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Only where the two platforms stand in two places of one's own. */
  LARK_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  FEISHU_CALLS_PER_MINUTE: callsPerMinute,
});

export const manageSettingsEnv = once(() => readEnv(schema, process.env));
