import * as z from 'zod';
import { CUT_FORMS, type CutForms, MAX_HOURS, MIN_HOURS } from '../../../shared/settings/settings.ts';
import type { CliIo } from '../io.ts';
import { badInput } from '../problem.ts';

export interface EnableFlags {
  appId?: string;
  /** A path, or `-` for standard input. Secrets have no options: see secret-flags.ts. */
  secretsFrom?: string;
  domain?: string;
  approvalCode?: string;
  replaceDefinition: boolean;
  yes: boolean;
  reminderHours?: string;
  expiryHours?: string;
  cutForms?: string;
  withdrawalComments?: string;
}

const APP_VALUES = ['appId', 'appSecret', 'encryptKey', 'verificationToken'] as const;
export type AppValue = (typeof APP_VALUES)[number];

export const NAMES: Record<AppValue, { title: string; variable: string }> = {
  appId: { title: 'App ID', variable: 'FEISHU_APP_ID' },
  appSecret: { title: 'App Secret', variable: 'FEISHU_APP_SECRET' },
  encryptKey: { title: 'Encrypt Key', variable: 'FEISHU_ENCRYPT_KEY' },
  verificationToken: { title: 'Verification Token', variable: 'FEISHU_VERIFICATION_TOKEN' },
};

/** `keep`: the present value stays. */
export type Hours = number | 'off' | 'keep';

/** The input from options, file and environment. `missing` lists the values that `app` does not have. */
export interface EnableInput {
  app: Partial<Record<AppValue, string>>;
  missing: AppValue[];
  domain: 'feishu' | 'lark' | undefined;
  approvalCode: string | undefined;
  /** Only with `approvalCode`. */
  replaceDefinition: boolean;
  reminderHours: Hours;
  expiryHours: Hours;
  /** For these two, undefined means: the present value stays. */
  cutForms: CutForms | undefined;
  withdrawalComments: boolean | undefined;
}

/** The limit of the settings API. */
const MAX_SECRET = 512;

/** Returns what is wrong with a value, without repeating it, or undefined. */
export function validateAppValue(name: AppValue, value: string): string | undefined {
  if (name === 'appId') {
    return /^cli_[0-9a-f]{16}$/i.test(value)
      ? undefined
      : 'The App ID must be cli_ and 16 hexadecimal digits: copy it from Credentials & Basic Info.';
  }
  const { title } = NAMES[name];
  if (value === '' && name === 'encryptKey') {
    return 'The Encrypt Key must not be empty: set one under Events & Callbacks, Encryption Strategy.';
  }
  if (value === '') return `The ${title} must not be empty: copy it from the developer console.`;
  return value.length > MAX_SECRET ? `The ${title} must have at most ${MAX_SECRET} characters.` : undefined;
}

/** Reads and validates the input. Throws a CommandProblem with exit code 2 that says what is wrong. */
export async function readEnableInput(
  flags: EnableFlags,
  io: SecretsIo & Pick<CliIo, 'env'>,
): Promise<EnableInput> {
  const file = flags.secretsFrom === undefined ? {} : await readSecrets(flags.secretsFrom, io);
  const given = APP_VALUES.flatMap((name): [AppValue, string][] => {
    // An empty variable counts as not set; an empty option is an error.
    const value =
      (name === 'appId' ? flags.appId : undefined) ??
      file[name] ??
      (io.env[NAMES[name].variable] || undefined);
    return value === undefined ? [] : [[name, value.trim()]];
  });
  const wrong = given
    .map(([name, value]) => validateAppValue(name, value))
    .find((problem) => problem !== undefined);
  if (wrong) throw badInput(wrong);
  const app: EnableInput['app'] = Object.fromEntries(given);
  const approvalCode = readApprovalCode(flags.approvalCode ?? io.env.FEISHU_APPROVAL_CODE);
  if (flags.replaceDefinition && approvalCode === undefined) {
    throw badInput('--replace-definition needs --approval-code: the definition to replace.');
  }
  return {
    app,
    missing: APP_VALUES.filter((name) => app[name] === undefined),
    domain: readDomain(flags.domain ?? (io.env.FEISHU_DOMAIN || undefined)),
    approvalCode,
    replaceDefinition: flags.replaceDefinition,
    reminderHours: readHours('--reminder-hours', flags.reminderHours),
    expiryHours: readHours('--expiry-hours', flags.expiryHours),
    cutForms: readCutForms(flags.cutForms),
    withdrawalComments: readWithdrawalComments(flags.withdrawalComments),
  };
}

export function missingProblem(missing: readonly AppValue[]): Error {
  const each = missing.map((name) => `${NAMES[name].title} (${NAMES[name].variable})`).join(', ');
  return badInput(
    `Missing: ${each}. Set the variables, use --secrets-from, or run this on a terminal to be asked.`,
  );
}

const secretsSchema = z
  .object({
    appId: z.string(),
    appSecret: z.string(),
    encryptKey: z.string(),
    verificationToken: z.string(),
  })
  .partial();

type SecretsIo = Pick<CliIo, 'readStdin' | 'readFile' | 'isReadableByOthers' | 'stderr'>;

async function readSecrets(from: string, io: SecretsIo) {
  let text: string;
  try {
    text = from === '-' ? await io.readStdin() : await io.readFile(from);
    if (from !== '-' && (await io.isReadableByOthers(from))) {
      io.stderr.write('Warning: other users can read the file of --secrets-from: run chmod 600 on it.\n');
    }
  } catch {
    throw badInput('The file of --secrets-from cannot be read: correct its path or its permissions.');
  }
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch {
    // The message of the parser would repeat the text.
    throw badInput(
      '--secrets-from needs a JSON object of strings: {"appSecret", "encryptKey", "verificationToken"}, any of them, and appId.',
    );
  }
}

function readDomain(text: string | undefined): 'feishu' | 'lark' | undefined {
  if (text === undefined || text === 'feishu' || text === 'lark') return text;
  throw badInput('The platform (--domain, FEISHU_DOMAIN) must be feishu or lark.');
}

function readApprovalCode(text: string | undefined): string | undefined {
  const code = text?.trim();
  if (code && code.length > 128) throw badInput('The code of --approval-code has at most 128 characters.');
  return code || undefined;
}

function readHours(flag: string, text: string | undefined): Hours {
  if (text === undefined) return 'keep';
  if (text === 'off') return 'off';
  const hours = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (hours >= MIN_HOURS && hours <= MAX_HOURS) return hours;
  throw badInput(`${flag} must be a number of hours from ${MIN_HOURS} to ${MAX_HOURS}, or off.`);
}

function readCutForms(text: string | undefined): CutForms | undefined {
  const value = CUT_FORMS.find((known) => known === text);
  if (text !== undefined && value === undefined) {
    throw badInput(`--cut-forms must be ${CUT_FORMS.join(' or ')}.`);
  }
  return value;
}

function readWithdrawalComments(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text === 'on' || text === 'off') return text === 'on';
  throw badInput('--withdrawal-comments must be on or off.');
}
