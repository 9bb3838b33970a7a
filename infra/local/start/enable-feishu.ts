import * as z from 'zod';
import { cannotStart } from '../../command-problem.ts';
import type { FeishuAppValues } from './config.ts';
import { KEPT_DEFINITIONS_FILE, type KeptDefinition, openKeptDefinition } from './kept-definitions.ts';

export interface Enabled {
  approvalCode: string;
  /** Whether it was created now. It can never be deleted, so the user must know. */
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
type Answer = z.infer<typeof answerSchema> | undefined;

interface Options {
  frontUrl: string;
  app: FeishuAppValues;
  baseUrl: string;
  approvalCode?: string | undefined;
  keep?: { directory: string };
}

/**
 * Enables approvals through the HTTP front, as an operator does. With `keep`, uses the definition that the directory
 * holds for this host and app, and stores a new one there as soon as it exists, even if the app is refused: a definition
 * made by API can never be deleted. Creates another one only if Feishu reports that the kept one is deleted. The tables
 * of a local stack start empty, so a definition that was made here is sent as one that may be overwritten.
 */
export async function enableFeishu(options: Options): Promise<Enabled> {
  const { app, baseUrl, keep, approvalCode: named } = options;
  const file = keep && openKeptDefinition(keep.directory, baseUrl, app.appId);
  const kept = await file?.read();
  let sent: KeptDefinition | undefined =
    named === undefined ? kept : { code: named, made: isMade(kept, named) };
  let answer = await put(options, sent);
  if (named === undefined && sent !== undefined && isDeleted(answer)) {
    sent = undefined;
    answer = await put(options, sent);
  }
  const code = answer?.approvalCode;
  const created = code !== undefined && code !== sent?.code;
  // Keep a definition that was made here, even if the user names another one.
  if (file && code !== undefined && code !== kept?.code && (created || !kept?.made)) {
    await file.write({ code, made: created });
  }
  if (!answer?.enabled || code === undefined) throw cannotStart(refusal(options, answer, kept?.code));
  return { approvalCode: code, created };
}

const isMade = (kept: KeptDefinition | undefined, code: string): boolean =>
  kept?.made === true && kept.code === code;

async function put(
  { frontUrl, app, baseUrl }: Options,
  definition: KeptDefinition | undefined,
): Promise<Answer> {
  const response = await fetch(`${frontUrl}/settings/feishu`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...app,
      domain: new URL(baseUrl).hostname === 'open.larksuite.com' ? 'lark' : 'feishu',
      ...(definition && { approvalCode: definition.code, replaceDefinition: definition.made }),
    }),
  });
  return answerSchema.safeParse(await response.json().catch(() => undefined)).data;
}

/** Matches the text of the settings API. An unknown definition may still exist, or belong to another app. */
const isDeleted = (answer: Answer): boolean =>
  answer?.checks?.some(
    ({ name, ok, detail = '' }) => name === 'definition' && !ok && /is deleted in Feishu/.test(detail),
  ) ?? false;

function refusal(
  { baseUrl, approvalCode: named }: Options,
  answer: Answer,
  kept: string | undefined,
): string {
  // These two cannot pass before the request URL is entered, and do not stop anything.
  const failed = answer?.checks?.find(({ name, ok }) => !ok && name !== 'encryption' && name !== 'events');
  const what = failed
    ? `${failed.name}: ${[failed.detail, hereOnly(failed.fix)].filter(Boolean).join(' ')}`
    : (answer?.message ?? 'no answer');
  const advice = failed?.name === 'definition' ? adviceOn(named, kept) : '';
  return oneLine(`Feishu at ${baseUrl} cannot be used yet: ${what} ${advice}`);
}

/** Leaves out fixes that use the command line: no stack runs yet that it could call. */
const hereOnly = (fix: string | undefined): string | undefined =>
  fix !== undefined && /frabit-im|--[a-z]/.test(fix) ? undefined : fix;

function adviceOn(named: string | undefined, kept: string | undefined): string {
  if (named !== undefined) {
    return `Set FEISHU_APPROVAL_CODE to the code of another definition, or leave it out to ${kept === undefined ? 'create one' : `use ${kept}`}.`;
  }
  return kept === undefined
    ? 'Start again, with FEISHU_APPROVAL_CODE if the approval administration shows a definition to use.'
    : `Definition ${kept} is kept in ${KEPT_DEFINITIONS_FILE} of the state directory: set FEISHU_APPROVAL_CODE to use another one, or remove the entry to create one.`;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
