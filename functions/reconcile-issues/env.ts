import * as z from 'zod';
import { CALLS_PER_MINUTE } from '../../shared/approval/pacing.ts';
import { once, readEnv } from '../../shared/runtime/env.ts';

const schema = z.object({
  ISSUE_TABLE_NAME: z.string(),
  APPROVAL_TABLE_NAME: z.string(),
  WORK_QUEUE_URL: z.url(),
  FEISHU_SECRET_ARN: z.string(),
  FEISHU_BASE_URL: z.url().optional(),
  /** How many creates, and how many cancels, Feishu takes in a minute. */
  FEISHU_CALLS_PER_MINUTE: z
    .string()
    .regex(/^\d+$/, 'not a whole number')
    .transform(Number)
    .pipe(z.int().min(CALLS_PER_MINUTE.fewest))
    .optional(),
});

export const reconcileIssuesEnv = once(() => readEnv(schema, process.env));
