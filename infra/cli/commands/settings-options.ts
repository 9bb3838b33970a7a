import type { Command } from 'commander';
import type { RunCommand } from '../context.ts';
import type { EnableFlags } from './enable-input.ts';

/** Defines the commands for the Feishu set-up. */

export function addEnable(program: Command, run: RunCommand): void {
  program
    .command('enable')
    .summary('set Feishu up and switch approvals on')
    .description(
      'Checks an app against Feishu, creates its approval definition, stores the keys and switches approvals on. On a terminal, values that no option, file or variable gives are asked for; secrets are not shown while you type.',
    )
    .option('--app-id <id>', 'App ID, such as cli_a1b2c3d4e5f60718 (FEISHU_APP_ID)')
    .option(
      '--secrets-from <file>',
      'reads {"appSecret", "encryptKey", "verificationToken"}, any of them, and appId from a JSON file, or from stdin with - (FEISHU_APP_SECRET, FEISHU_ENCRYPT_KEY, FEISHU_VERIFICATION_TOKEN)',
    )
    .option(
      '--domain <platform>',
      'feishu or lark (FEISHU_DOMAIN); default: the present value for this app, else feishu',
    )
    .option(
      '--approval-code <code>',
      'an approval definition to use instead of the present one or a new one; overwritten only if this software created it, or with --replace-definition (FEISHU_APPROVAL_CODE)',
    )
    .option(
      '--replace-definition',
      'overwrites the definition of --approval-code if it does not fit; asks first, because this cannot be undone',
      false,
    )
    .option(
      '--yes',
      'does not ask before --replace-definition; required without a terminal, or with --json',
      false,
    )
    .option(
      '--reminder-hours <hours>',
      'reminds the approver every this many hours, 0.1 to 8760, or off; default: the present value',
    )
    .option(
      '--expiry-hours <hours>',
      'withdraws a request after this many hours, 0.1 to 8760, or off; default: the present value',
    )
    .option(
      '--cut-forms <choice>',
      'allow, or refuse: a stage whose card cannot show every statement in full is not sent; default: the present value, else allow',
    )
    .option(
      '--withdrawal-comments <choice>',
      'on, or off: a withdrawn card gets no comment with the reason, which saves a call; default: the present value, else on',
    )
    .addHelpText(
      'after',
      `
Secrets are never taken from the command line: they would show in the list of processes (ps) and in the shell's
history. Let them be asked for, or use --secrets-from or the variables. The file has priority over the variables.

Examples:
  $ frabit-im enable --app-id cli_a1b2c3d4e5f60718
  $ pass show frabit/feishu.json | frabit-im enable --app-id cli_a1b2c3d4e5f60718 --secrets-from -
  $ frabit-im enable --app-id cli_a1b2c3d4e5f60718 --secrets-from feishu.json`,
    )
    .action(async (flags: EnableFlags, command: Command) => {
      const { enable } = await import('./enable.ts');
      await run(command, (context) => enable(context, flags));
    });
}

export function addStatus(program: Command, run: RunCommand): void {
  program
    .command('status')
    .summary('what is set up')
    .description(
      'Shows the set-up and the stored results of the checks. Exit code 1 if approvals are not switched on.',
    )
    .addHelpText('after', '\nExample:\n  $ frabit-im status --json')
    .action(async (_flags: unknown, command: Command) => {
      const { status } = await import('./status.ts');
      await run(command, status);
    });
}

export function addCheck(program: Command, run: RunCommand): void {
  program
    .command('check')
    .summary('run every check, or send a test approval')
    .description(
      'Runs every check again. With --email also sends a test approval to that person and waits for the decision.',
    )
    .option('--email <address>', 'who gets the test approval in Feishu')
    .option('--wait <seconds>', 'how long to wait for the decision', '300')
    .addHelpText(
      'after',
      `
Exit code 1 if a check fails, or the test is not approved in time. Without im:message:send_as_bot only
reminders do not work: that alone is not a failure.

Examples:
  $ frabit-im check
  $ frabit-im check --email you@example.com --wait 120`,
    )
    .action(async (flags: { email?: string; wait: string }, command: Command) => {
      const { check } = await import('./check.ts');
      await run(command, (context) => check(context, flags));
    });
}

export function addDisable(program: Command, run: RunCommand): void {
  program
    .command('disable')
    .summary('switch approvals off')
    .description(
      'Switches approvals off: no more requests are sent, and open ones are withdrawn with a comment that says why.',
    )
    .option('--yes', 'does not ask; required without a terminal', false)
    .addHelpText('after', '\nExample:\n  $ frabit-im disable --yes')
    .action(async (flags: { yes: boolean }, command: Command) => {
      const { disable } = await import('./disable.ts');
      await run(command, (context) => disable(context, flags));
    });
}
