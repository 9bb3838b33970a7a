import * as z from 'zod';
import { once, readEnv } from '../../shared/runtime/env.ts';

const schema = z.object({
  EVENT_BUS_NAME: z.string().default('default'),
  /** Without it no record is set aside. */
  FAILED_RECORDS_BUCKET: z.string().optional(),
});

export const publishApprovalEventsEnv = once(() => readEnv(schema, process.env));
