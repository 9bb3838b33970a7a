import * as z from 'zod';
import { storedSchema } from '../../shared/runtime/stored-items.ts';
import { CUT_FORMS, type CutForms } from '../../shared/settings/settings.ts';
import { testStateSchema } from '../../shared/settings/test-approvals.ts';
import type { Deployment } from './deployment.ts';
import { checkSchema, parseAnswer, type Refused, readRefusal } from './settings-answers.ts';

/** Calls of the settings API for Feishu (docs/contract.md 4). */

const checks = z.array(checkSchema).default([]);

/** A stack may be newer than this command: unknown values are shown as they are. */
const viewSchema = storedSchema(
  z.object({
    enabled: z.boolean(),
    appId: z.string().optional(),
    domain: z.enum(['feishu', 'lark']).optional(),
    approvalCode: z.string().optional(),
    bot: z.object({ openId: z.string(), name: z.string() }).optional(),
    checks,
    withdrawing: z.number().default(0),
    reminderHours: z.number().optional(),
    expiryHours: z.number().optional(),
    /** These two are absent before the first set-up, and on stacks of earlier versions. */
    cutForms: z.enum(CUT_FORMS).optional(),
    withdrawalComments: z.boolean().optional(),
  }),
);
export type View = z.infer<typeof viewSchema>;

const testSchema = storedSchema(
  z.object({
    testId: z.string(),
    email: z.string(),
    state: testStateSchema,
    sentAt: z.string().optional(),
    closedAt: z.string().optional(),
    /** `userId` is the Feishu open_id. */
    decidedBy: z.object({ email: z.string().optional(), userId: z.string() }).optional(),
    eventAt: z.string().optional(),
  }),
);
export type TestApproval = z.infer<typeof testSchema>;

export interface EnableRequest {
  appId: string;
  appSecret: string;
  encryptKey: string;
  verificationToken: string;
  domain: 'feishu' | 'lark';
  approvalCode?: string | undefined;
  replaceDefinition?: true | undefined;
  reminderHours?: number | undefined;
  expiryHours?: number | undefined;
  cutForms?: CutForms | undefined;
  withdrawalComments?: boolean | undefined;
}

export async function readView({ settings, where }: Deployment): Promise<View> {
  return parseAnswer(viewSchema, await settings('GET', '/feishu'), where);
}

/** Saves the settings. `NO_ANSWER`: API Gateway timed out, or the connection broke; the function may still run. */
export async function putSettings(
  { settings, where }: Deployment,
  request: EnableRequest,
): Promise<{ kind: 'ENABLED'; view: View } | Refused | { kind: 'NO_ANSWER' }> {
  const answer = await settings('PUT', '/feishu', request);
  if (answer.status === 422) return readRefusal(answer);
  if (answer.status >= 502 && readRefusal(answer).code === undefined) return { kind: 'NO_ANSWER' };
  return { kind: 'ENABLED', view: parseAnswer(viewSchema, answer, where) };
}

/** Runs all checks again. */
export async function runChecks({ settings, where }: Deployment): Promise<View | Refused> {
  const answer = await settings('POST', '/feishu/check', {});
  return answer.status === 409 || answer.status === 422
    ? readRefusal(answer)
    : parseAnswer(viewSchema, answer, where);
}

const sentSchema = z.object({ testId: z.string().min(1), checks });

export async function sendTest(
  { settings, where }: Deployment,
  email: string,
): Promise<z.infer<typeof sentSchema> | Refused> {
  const answer = await settings('POST', '/feishu/check', { email });
  return answer.status === 409 || answer.status === 422
    ? readRefusal(answer)
    : parseAnswer(sentSchema, answer, where);
}

export async function readTest({ settings, where }: Deployment, testId: string): Promise<TestApproval> {
  return parseAnswer(testSchema, await settings('GET', `/feishu/check/${encodeURIComponent(testId)}`), where);
}

export async function disableFeishu({ settings, where }: Deployment): Promise<{ withdrawing: number }> {
  const schema = z.object({ withdrawing: z.number().default(0) });
  return parseAnswer(schema, await settings('DELETE', '/feishu'), where);
}
