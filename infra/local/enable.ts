import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { FeishuAppValues } from './config.ts';
import { StartProblem } from './problem.ts';

export interface Enabled {
  approvalCode: string;
  /** Created now and never before: worth telling, as it can never be deleted. */
  created: boolean;
}

const answerSchema = z.object({
  enabled: z.boolean().optional(),
  approvalCode: z.string().optional(),
  checks: z
    .array(
      z.object({
        name: z.string(),
        ok: z.boolean(),
        detail: z.string().optional(),
        fix: z.string().optional(),
      }),
    )
    .optional(),
  message: z.string().optional(),
});

/**
 * "Enable and Create" through the HTTP front, as an operator would. With `keep`, the definition of this host and
 * app is looked up in and written to the directory: definitions made by API can never be deleted. One is made anew
 * only if Feishu says that the kept one is gone, as a simulator that was started again does.
 */
export async function enableFeishu(options: {
  frontUrl: string;
  app: FeishuAppValues;
  baseUrl: string;
  approvalCode?: string | undefined;
  keep?: { directory: string };
}): Promise<Enabled> {
  const { app, baseUrl, keep } = options;
  const kept = keep && (await readKept(keep.directory, baseUrl, app.appId));
  let approvalCode = options.approvalCode ?? kept;
  let answer = await put(options, approvalCode);
  if (options.approvalCode === undefined && kept !== undefined && isGone(answer)) {
    approvalCode = undefined;
    answer = await put(options, approvalCode);
  }
  if (!answer?.enabled || !answer.approvalCode) {
    throw new StartProblem(refusal(baseUrl, answer, options.approvalCode ? undefined : kept));
  }
  if (keep && kept !== answer.approvalCode) {
    await writeKept(keep.directory, baseUrl, app.appId, answer.approvalCode);
  }
  return { approvalCode: answer.approvalCode, created: approvalCode === undefined };
}

async function put(
  { frontUrl, app, baseUrl }: { frontUrl: string; app: FeishuAppValues; baseUrl: string },
  approvalCode: string | undefined,
): Promise<z.infer<typeof answerSchema> | undefined> {
  const response = await fetch(`${frontUrl}/settings/feishu`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...app,
      domain: new URL(baseUrl).hostname === 'open.larksuite.com' ? 'lark' : 'feishu',
      ...(approvalCode && { approvalCode }),
    }),
  });
  return answerSchema.safeParse(await response.json().catch(() => undefined)).data;
}

/** In the words of the settings API: a definition that is only disabled, or not ours to use, is not gone. */
const isGone = (answer: z.infer<typeof answerSchema> | undefined): boolean =>
  answer?.checks?.some(
    ({ name, ok, detail = '' }) =>
      name === 'definition' && !ok && /does not know the approval definition|is deleted/.test(detail),
  ) ?? false;

function refusal(
  baseUrl: string,
  answer: z.infer<typeof answerSchema> | undefined,
  kept: string | undefined,
): string {
  // Without its request URL, which is entered only later, these two cannot pass and stop nothing.
  const failed = answer?.checks?.find(({ name, ok }) => !ok && name !== 'encryption' && name !== 'events');
  const what = failed
    ? `${failed.name}: ${[failed.detail, failed.fix].filter(Boolean).join(' ')}`
    : (answer?.message ?? 'no answer');
  const hint =
    failed?.name === 'definition' && kept
      ? ` (definition ${kept} is kept in definitions.json of the state directory: set FEISHU_APPROVAL_CODE for another)`
      : '';
  return oneLine(`Feishu at ${baseUrl} cannot be used yet: ${what}${hint}`);
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

const keptSchema = z.record(z.string(), z.string());
const FILE = 'definitions.json';
const keyOf = (baseUrl: string, appId: string): string => `${new URL(baseUrl).host} ${appId}`;

async function readAllKept(directory: string): Promise<Record<string, string>> {
  try {
    return keptSchema.parse(JSON.parse(await readFile(join(directory, FILE), 'utf8')));
  } catch {
    return {};
  }
}

async function readKept(directory: string, baseUrl: string, appId: string): Promise<string | undefined> {
  return (await readAllKept(directory))[keyOf(baseUrl, appId)];
}

async function writeKept(directory: string, baseUrl: string, appId: string, code: string): Promise<void> {
  const all = { ...(await readAllKept(directory)), [keyOf(baseUrl, appId)]: code };
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, FILE), `${JSON.stringify(all, null, 2)}\n`);
}
