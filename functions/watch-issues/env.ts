import * as z from 'zod';
import { once, readEnv } from '../../shared/runtime/env.ts';

const schema = z.object({
  WORK_QUEUE_URL: z.url(),
  /** Without it no record is set aside. */
  FAILED_RECORDS_BUCKET: z.string().optional(),
});

export const watchIssuesEnv = once(() => readEnv(schema, process.env));
