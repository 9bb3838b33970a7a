import { FeishuError } from '../feishu/errors.ts';
import type { FeishuApp } from '../feishu/gateway.ts';
import type { FeishuBot, FeishuSetup } from '../feishu/setup.ts';
import type { Check, CheckName } from './settings.ts';

interface Scope {
  scope:
    | 'approval:approval'
    | 'approval:approval:readonly'
    | 'contact:user.id:readonly'
    | 'im:message:send_as_bot';
  /** Others that are enough in its place. */
  or?: readonly string[];
  /** What happens without it. */
  otherwise?: string;
}

/** The scopes of CONTRACT section 4. */
const SCOPES: readonly Scope[] = [
  { scope: 'approval:approval' },
  { scope: 'approval:approval:readonly' },
  { scope: 'contact:user.id:readonly' },
];

/** Asked for only when reminders are switched on; approvals work without it (FEISHU 6.1). */
const TO_REMIND: Scope = {
  scope: 'im:message:send_as_bot',
  or: ['im:message', 'im:message:send'],
  otherwise: 'Approvals are sent, but nobody is reminded.',
};

const nameOf = ({ scope }: Scope) => `scope:${scope}` as const;

/** These do not stop enabling: two cannot pass before the request URL is entered, one can be done without. */
const NOT_REQUIRED: readonly CheckName[] = ['scope:im:message:send_as_bot', 'encryption', 'events'];

export const failedChecks = (checks: readonly Check[]): Check[] =>
  checks.filter((check) => !check.ok && !NOT_REQUIRED.includes(check.name));

export const passed = (name: CheckName, detail: string): Check => ({ name, ok: true, detail });

export const waits = (name: CheckName, ...causes: readonly CheckName[]): Check => ({
  name,
  ok: false,
  detail: `Not checked: waits for ${causes.join(', ')}.`,
});

/** Rethrows what is none of Feishu's errors. */
export function failed(name: CheckName, error: unknown, fix: string): Check {
  if (!(error instanceof FeishuError)) throw error;
  return {
    name,
    ok: false,
    detail: error.message,
    fix: error.retryable ? 'Feishu is out of reach or busy: try again in a minute.' : fix,
  };
}

/**
 * Checks what is about the app itself. `bot` is there if it may be used; `reminders`: they are wanted. All run even
 * when one fails.
 */
export async function checkApp(
  setup: FeishuSetup,
  app: FeishuApp,
  { reminders }: { reminders: boolean },
): Promise<{ checks: Check[]; bot: FeishuBot | undefined }> {
  const wanted = reminders ? [...SCOPES, TO_REMIND] : SCOPES;
  try {
    await setup.authorize(app);
  } catch (error) {
    const fix =
      "Copy App ID and App Secret from the developer console's Credentials page, and choose the platform of the app.";
    const names: CheckName[] = ['bot', ...wanted.map(nameOf)];
    return {
      checks: [failed('credentials', error, fix), ...names.map((name) => waits(name, 'credentials'))],
      bot: undefined,
    };
  }
  const [bot, scopes] = await Promise.all([checkBot(setup, app), checkScopes(setup, app, wanted)]);
  return {
    checks: [passed('credentials', 'Feishu accepts the app id and the app secret.'), bot.check, ...scopes],
    bot: bot.bot,
  };
}

async function checkBot(setup: FeishuSetup, app: FeishuApp): Promise<{ check: Check; bot?: FeishuBot }> {
  const fix = 'Add the bot capability in the developer console and publish a version of the app.';
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
  const fix = (scope: string) =>
    `Add ${scope} under Permissions & Scopes in the developer console and publish a version of the app.`;
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
    return failed(
      'subscription',
      error,
      'See that the app may use the definition and has approval:approval, then save again.',
    );
  }
}

/** What can only be proven by a request of Feishu's. */
export const unprovenChecks = (): Check[] => [
  {
    name: 'encryption',
    ok: false,
    detail: 'No challenge or event has been verified with these keys yet.',
    fix: 'Enter the webhook URL as the request URL under Events & Callbacks in the developer console, with the same Encrypt Key and Verification Token.',
  },
  {
    name: 'events',
    ok: false,
    detail: 'No event has come yet.',
    fix: 'Add the events "approval instance" and "approval task" in the developer console and publish a version of the app.',
  },
];
