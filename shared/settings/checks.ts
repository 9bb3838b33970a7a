import { FeishuError } from '../feishu/errors.ts';
import type { FeishuApp } from '../feishu/gateway.ts';
import type { FeishuBot, FeishuSetup } from '../feishu/setup.ts';
import type { Check, CheckName } from './settings.ts';

/** The scopes of CONTRACT section 4. */
const SCOPES = ['approval:approval', 'approval:approval:readonly', 'contact:user.id:readonly'] as const;

/** These cannot pass before the request URL is entered, and do not stop enabling (CONTRACT section 4). */
const NOT_REQUIRED: readonly CheckName[] = ['encryption', 'events'];

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

/** Checks what is about the app itself. `bot` is there if it may be used. All run even when one fails. */
export async function checkApp(
  setup: FeishuSetup,
  app: FeishuApp,
): Promise<{ checks: Check[]; bot: FeishuBot | undefined }> {
  try {
    await setup.authorize(app);
  } catch (error) {
    const fix =
      "Copy App ID and App Secret from the developer console's Credentials page, and choose the platform of the app.";
    const names: CheckName[] = ['bot', ...SCOPES.map((scope) => `scope:${scope}` as const)];
    return {
      checks: [failed('credentials', error, fix), ...names.map((name) => waits(name, 'credentials'))],
      bot: undefined,
    };
  }
  const [bot, scopes] = await Promise.all([checkBot(setup, app), checkScopes(setup, app)]);
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

async function checkScopes(setup: FeishuSetup, app: FeishuApp): Promise<Check[]> {
  const fix = (scope: string) =>
    `Add ${scope} under Permissions & Scopes in the developer console and publish a version of the app.`;
  try {
    const granted = await setup.grantedScopes(app);
    return SCOPES.map((scope) =>
      granted.has(scope)
        ? passed(`scope:${scope}`, `${scope} is granted.`)
        : { name: `scope:${scope}`, ok: false, detail: `${scope} is not granted.`, fix: fix(scope) },
    );
  } catch (error) {
    return SCOPES.map((scope) => failed(`scope:${scope}`, error, fix(scope)));
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
