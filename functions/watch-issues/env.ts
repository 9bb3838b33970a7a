import * as z from 'zod';
import { once, readEnv } from '../../shared/runtime/env.ts';

const schema = z.object({ WORK_QUEUE_URL: z.url() });

export const watchIssuesEnv = once(() => readEnv(schema, process.env));
