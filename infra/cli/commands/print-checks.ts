import { type CommandResult, type Context, counted, oneLine } from '../context.ts';
import type { Check } from '../settings-answers.ts';
import type { View } from '../settings-api.ts';

/** Without this scope approvals work, but no reminders are sent. */
const MESSAGES = 'scope:im:message:send_as_bot';
/** These pass only after the request URL is entered in Feishu. */
const UNPROVEN = ['encryption', 'events'];

export const waitsForFeishu = ({ name, ok }: Check): boolean => !ok && UNPROVEN.includes(name);

/** Returns the failed checks, for a set-up whose request URL is entered in Feishu. */
export const failing = (checks: readonly Check[]): Check[] =>
  checks.filter(({ name, ok }) => !ok && name !== MESSAGES);

/** Prints a line for each check, with its fix below. `unproven`: checks that wait for the request URL have not failed. */
export function printChecks(
  { print, paint }: Pick<Context, 'print' | 'paint'>,
  checks: readonly Check[],
  { unproven = false } = {},
): void {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  for (const check of checks) {
    const { name, ok, detail, fix } = check;
    const waiting = (unproven && waitsForFeishu(check)) || name === MESSAGES;
    const mark = ok ? paint('green', '✔') : waiting ? paint('yellow', '·') : paint('red', '✖');
    print(`${mark} ${name.padEnd(width)}  ${oneLine(detail)}`);
    if (!ok && fix) print(`    ${oneLine(fix)}`);
  }
}

/** Shows the value of a newer stack as it is. */
const cutFormsText = (cutForms: View['cutForms']): string | undefined =>
  cutForms === 'refuse'
    ? 'not sent: a stage is held if its card cannot show every statement in full'
    : cutForms === 'allow'
      ? undefined
      : cutForms;

/** Prints the set-up, one value a line. */
export function printView({ print }: Pick<Context, 'print'>, view: View): void {
  const hours = (count: number | undefined, text: string) =>
    count === undefined ? 'off' : `${text} ${counted(count, 'hour')}`;
  const rows: [string, string | undefined][] = [
    ['App', view.appId],
    ['Platform', view.domain],
    ['Definition', view.approvalCode],
    ['Bot', view.bot && `${view.bot.name} (${view.bot.openId})`],
    ['Reminders', hours(view.reminderHours, 'every')],
    ['Expiry', hours(view.expiryHours, 'after')],
    ['Cut cards', cutFormsText(view.cutForms)],
    ['Comments', view.withdrawalComments === false ? 'none on withdrawn cards' : undefined],
    ['Withdrawing', view.withdrawing > 0 ? counted(view.withdrawing, 'approval') : undefined],
  ];
  for (const [name, value] of rows) if (value) print(`  ${name.padEnd(11)}  ${oneLine(value)}`);
}

export const checkNames = (checks: readonly Check[]): string => checks.map(({ name }) => name).join(', ');

export const checksFailed = (failed: readonly Check[]) => ({
  code: 'CHECKS_FAILED',
  message: `Fix what these checks report, then run frabit-im check again: ${checkNames(failed)}`,
});

/** Reports an answer that refuses the request: a conflict with the set-up, or failed checks. */
export function reportRefusal(
  context: Context,
  refusal: { code: string | undefined; message: string | undefined; checks: Check[] },
): CommandResult {
  const { code = 'REFUSED', message, checks } = refusal;
  printChecks(context, checks);
  const failed = failing(checks);
  switch (code) {
    case 'NOT_SET_UP':
      return {
        document: { checks },
        problem: { code, message: 'Feishu is not set up: run frabit-im enable.' },
      };
    case 'DISABLED':
      return {
        document: { checks },
        problem: { code, message: 'Approvals are switched off: run frabit-im enable.' },
      };
    case 'CHECKS_FAILED':
      if (failed.length > 0) return { document: { checks }, problem: checksFailed(failed) };
      break;
  }
  return { document: { checks }, problem: { code, message: message ?? 'The settings API refuses this.' } };
}
