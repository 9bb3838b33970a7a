import * as z from 'zod';
import { retentionDays } from '../../shared/approval/plan/retention.ts';
import { callsPerMinute } from '../../shared/approval/store/pacing.ts';
import { once, readEnv } from '../../shared/runtime/env.ts';

const schema = z.object({
  ISSUE_TABLE_NAME: z.string(),
  APPROVAL_TABLE_NAME: z.string(),
  WORK_QUEUE_URL: z.url(),
  /** Without it the handler sets nothing aside: the queue itself moves a message after too many receives. */
  DEAD_LETTER_QUEUE_URL: z.url().optional(),
  FEISHU_SECRET_ARN: z.string(),
  EXTERNAL_SECRET_ARN: z.string(),
  /** Set only by the local stack: endpoints of OAs may use http and be on this machine. */
  EXTERNAL_LOCAL_ENDPOINTS: z.literal('true').optional(),
  FEISHU_BASE_URL: z.url().optional(),
  /** Set only where Feishu and Lark are replaced by two servers of our own. */
  LARK_BASE_URL: z.url().optional(),
  FEISHU_CALLS_PER_MINUTE: callsPerMinute,
  /** How many days rounds and their pointers are kept after the end of their issue. */
  ROUND_RETENTION_DAYS: retentionDays,
  /** How many days what each request showed is kept. */
  SHOWN_RETENTION_DAYS: retentionDays,
});

export const reconcileIssuesEnv = once(() => readEnv(schema, process.env));
