import { FEISHU_CODES } from '../feishu/classify-error.ts';
import { FeishuError, hasCode } from '../feishu/errors.ts';
import type { FeishuApp, FeishuDomain } from '../feishu/gateway.ts';
import type { FeishuBot, FeishuSetup } from '../feishu/setup-client.ts';
import type { Check, CheckName } from '../settings/settings.ts';
import { addScope, ENABLE_BOT, fixOf, PLATFORM_NAMES, RELEASE, SEE_CREDENTIALS } from './fixes.ts';

interface Scope {
  scope:
    | 'approval:approval'
    | 'approval:approval:readonly'
    | 'contact:user.id:readonly'
    | 'im:message:send_as_bot';
  /** Other scopes, each of which is enough instead. */
  or?: readonly string[];
  /** The effect if it is missing. */
  otherwise?: string;
}

/** The scopes of docs/contract.md 4. */
const SCOPES: readonly Scope[] = [
  { scope: 'approval:approval' },
  { scope: 'approval:approval:readonly' },
  { scope: 'contact:user.id:readonly' },
];

/** Checked only if reminders are on. Approvals work without it (docs/feishu.md 6.1). */
const TO_REMIND: Scope = {
  scope: 'im:message:send_as_bot',
  or: ['im:message', 'im:message:send'],
  otherwise: 'Approvals are sent, but nobody is reminded.',
};

const nameOf = ({ scope }: Scope) => `scope:${scope}` as const;

/** Checks that may fail: two cannot pass before the request URL is entered, and approvals work without the scope. */
const NOT_REQUIRED: readonly CheckName[] = ['scope:im:message:send_as_bot', 'encryption', 'events'];

export const failedChecks = (checks: readonly Check[]): Check[] =>
  checks.filter((check) => !check.ok && !NOT_REQUIRED.includes(check.name));

export const passed = (name: CheckName, detail: string): Check => ({ name, ok: true, detail });

export const notChecked = (name: CheckName, ...causes: readonly CheckName[]): Check => ({
  name,
  ok: false,
  detail: `Not checked. First fix: ${causes.join(', ')}.`,
});

/** Returns a failed check for a FeishuError. Rethrows any other error. */
export function failed(name: CheckName, error: unknown, fix: string): Check {
  if (!(error instanceof FeishuError)) throw error;
  return { name, ok: false, detail: error.message, fix: fixOf(error, fix) };
}

/**
 * Checks the app itself: credentials, bot and scopes. Runs all checks even if one fails. Returns `bot` if it can be
 * used. `reminders`: whether reminders are on.
 */
export async function checkApp(
  setup: FeishuSetup,
  app: FeishuApp,
  { reminders }: { reminders: boolean },
): Promise<{ checks: Check[]; bot: FeishuBot | undefined }> {
  const wanted = wantedScopes(reminders);
  const credentials = await checkCredentials(setup, app);
  if (!credentials.ok) return { checks: checksWithoutCredentials(credentials, reminders), bot: undefined };
  const [bot, scopes] = await Promise.all([checkBot(setup, app), checkScopes(setup, app, wanted)]);
  return { checks: [credentials, bot.check, ...scopes], bot: bot.bot };
}

const wantedScopes = (reminders: boolean): readonly Scope[] => (reminders ? [...SCOPES, TO_REMIND] : SCOPES);

/** Returns the checks of an app whose credentials are refused: no other check can run. */
export function checksWithoutCredentials(credentials: Check, reminders: boolean): Check[] {
  const names: CheckName[] = ['bot', ...wantedScopes(reminders).map(nameOf)];
  return [credentials, ...names.map((name) => notChecked(name, 'credentials'))];
}

async function checkCredentials(setup: FeishuSetup, app: FeishuApp): Promise<Check> {
  try {
    await setup.authorize(app);
    return passed('credentials', `${PLATFORM_NAMES[app.domain]} accepts the app id and the app secret.`);
  } catch (error) {
    const refused = hasCode(error, FEISHU_CODES.CREDENTIALS_REFUSED);
    const elsewhere = refused ? await findElsewhere(setup, app) : undefined;
    if (elsewhere === undefined) return failed('credentials', error, SEE_CREDENTIALS);
    return {
      name: 'credentials',
      ok: false,
      detail: `These credentials are of an app on ${PLATFORM_NAMES[elsewhere]}, not on ${PLATFORM_NAMES[app.domain]}.`,
      fix: `Save again with the domain "${elsewhere}" (frabit-im enable --domain ${elsewhere}).`,
    };
  }
}

/** Looks for the app on the other platform. Feishu's answer does not tell a wrong secret from a wrong platform. */
async function findElsewhere(setup: FeishuSetup, app: FeishuApp): Promise<FeishuDomain | undefined> {
  const other = { ...app, domain: app.domain === 'lark' ? 'feishu' : 'lark' } as const;
  if (setup.originOf(other) === setup.originOf(app)) return undefined;
  try {
    await setup.authorize(other);
    return other.domain;
  } catch (error) {
    if (error instanceof FeishuError) return undefined;
    throw error;
  }
}

async function checkBot(setup: FeishuSetup, app: FeishuApp): Promise<{ check: Check; bot?: FeishuBot }> {
  const fix = `${ENABLE_BOT} ${RELEASE}`;
  try {
    const bot = await setup.getBot(app);
    return bot.active
      ? { check: passed('bot', `The bot "${bot.name}" is enabled.`), bot }
      : { check: { name: 'bot', ok: false, detail: 'The bot is not enabled in the tenant.', fix } };
  } catch (error) {
    return { check: failed('bot', error, fix) };
  }
}

async function checkScopes(setup: FeishuSetup, app: FeishuApp, wanted: readonly Scope[]): Promise<Check[]> {
  const fix = (scope: string) => `${addScope(scope)} ${RELEASE}`;
  try {
    const granted = await setup.grantedScopes(app);
    return wanted.map((one): Check => {
      const found = [one.scope, ...(one.or ?? [])].find((scope) => granted.has(scope));
      if (found) return passed(nameOf(one), `${found} is granted.`);
      const detail = [`${one.scope} is not granted.`, one.otherwise].filter(Boolean).join(' ');
      return { name: nameOf(one), ok: false, detail, fix: fix(one.scope) };
    });
  } catch (error) {
    return wanted.map((one) => failed(nameOf(one), error, fix(one.scope)));
  }
}

export async function checkSubscription(setup: FeishuSetup, app: FeishuApp, code: string): Promise<Check> {
  try {
    await setup.subscribe(app, code);
    return passed('subscription', 'The app is subscribed to the events of the approval definition.');
  } catch (error) {
    return failed('subscription', error, `${addScope('approval:approval')} ${RELEASE} Then save again.`);
  }
}
