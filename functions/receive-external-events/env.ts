import * as z from 'zod';
import { once, readEnv } from '../../shared/runtime/env.ts';

const schema = z.object({
  APPROVAL_TABLE_NAME: z.string(),
  WORK_QUEUE_URL: z.url(),
  /** An ARN; in the local stack a name. */
  EXTERNAL_SECRET_ARN: z.string(),
});

export const receiveExternalEventsEnv = once(() => readEnv(schema, process.env));
