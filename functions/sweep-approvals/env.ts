import * as z from 'zod';
import { callsPerMinute } from '../../shared/approval/store/pacing.ts';
import { once, readEnv } from '../../shared/runtime/env.ts';

const schema = z.object({
  ISSUE_TABLE_NAME: z.string(),
  APPROVAL_TABLE_NAME: z.string(),
  WORK_QUEUE_URL: z.url(),
  FEISHU_CALLS_PER_MINUTE: callsPerMinute,
  /** Ids of the event source mappings to watch, separated by commas. */
  EVENT_SOURCE_MAPPINGS: z
    .string()
    .default('')
    .transform((ids) => ids.split(',').filter((id) => id !== '')),
});

export const sweepApprovalsEnv = once(() => readEnv(schema, process.env));
