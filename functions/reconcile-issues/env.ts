import * as z from 'zod';
import { callsPerMinute } from '../../shared/approval/store/pacing.ts';
import { once, readEnv } from '../../shared/runtime/env.ts';

const schema = z.object({
  ISSUE_TABLE_NAME: z.string(),
  APPROVAL_TABLE_NAME: z.string(),
  WORK_QUEUE_URL: z.url(),
  FEISHU_SECRET_ARN: z.string(),
  EXTERNAL_SECRET_ARN: z.string(),
  /** Only in the local stack: http and loopback endpoints of OAs are allowed. */
  EXTERNAL_LOCAL_ENDPOINTS: z.literal('true').optional(),
  FEISHU_BASE_URL: z.url().optional(),
  /** Only where the two platforms stand in two places of one's own. */
  LARK_BASE_URL: z.url().optional(),
  FEISHU_CALLS_PER_MINUTE: callsPerMinute,
});

export const reconcileIssuesEnv = once(() => readEnv(schema, process.env));
