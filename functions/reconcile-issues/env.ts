import * as z from 'zod';
import { callsPerMinute } from '../../shared/approval/store/pacing.ts';
import { once, readEnv } from '../../shared/runtime/env.ts';

/** The fewest days for which items are kept. A lost hint must be found long before. */
const FEWEST_DAYS = 30;

/** How many days items are kept after the end of their issue. Absent: for ever. */
const retentionDays = z
  .string()
  .regex(/^\d+$/, 'not a whole number')
  .transform(Number)
  .pipe(z.int().min(FEWEST_DAYS))
  .optional();

const schema = z.object({
  ISSUE_TABLE_NAME: z.string(),
  APPROVAL_TABLE_NAME: z.string(),
  WORK_QUEUE_URL: z.url(),
  FEISHU_SECRET_ARN: z.string(),
  EXTERNAL_SECRET_ARN: z.string(),
  /** Set only by the local stack: endpoints of OAs may use http and be on this machine. */
  EXTERNAL_LOCAL_ENDPOINTS: z.literal('true').optional(),
  FEISHU_BASE_URL: z.url().optional(),
  /** Set only where Feishu and Lark are replaced by two servers of our own. */
  LARK_BASE_URL: z.url().optional(),
  FEISHU_CALLS_PER_MINUTE: callsPerMinute,
  /** Of rounds and their pointers. */
  ROUND_RETENTION_DAYS: retentionDays,
  /** Of what each request showed. */
  SHOWN_RETENTION_DAYS: retentionDays,
});

export const reconcileIssuesEnv = once(() => readEnv(schema, process.env));
