import type { Command } from 'commander';
import type { RunCommand } from '../context.ts';
import type { EnableFlags } from './enable-input.ts';

/** The commands about the Feishu set-up, with their options. */

export function addEnable(program: Command, run: RunCommand): void {
  program
    .command('enable')
    .summary('set Feishu up and switch approvals on')
    .description(
      'Checks an app against Feishu, makes its approval definition, stores the keys and switches approvals on. What is given neither by option, nor by file, nor by variable is asked for on a terminal; secrets are not shown as you type.',
    )
    .option('--app-id <id>', 'App ID, such as cli_a1b2c3d4e5f60718 (FEISHU_APP_ID)')
    .option(
      '--secrets-from <file>',
      'reads {"appSecret", "encryptKey", "verificationToken"}, any of them, and appId from a JSON file, or from stdin with - (FEISHU_APP_SECRET, FEISHU_ENCRYPT_KEY, FEISHU_VERIFICATION_TOKEN)',
    )
    .option(
      '--domain <platform>',
      'feishu or lark (FEISHU_DOMAIN); usually what stands for the app, else feishu',
    )
    .option(
      '--approval-code <code>',
      'an approval definition to use in place of the present one or a new one; overwritten only if this software made it, or with --replace-definition (FEISHU_APPROVAL_CODE)',
    )
    .option(
      '--replace-definition',
      'overwrites the one of --approval-code if it does not fit; asks first, as what it was is lost for good',
      false,
    )
    .option(
      '--yes',
      'does not ask before --replace-definition; needed for it without a terminal, or with --json',
      false,
    )
    .option(
      '--reminder-hours <hours>',
      'reminds the approver so often, 0.1 to 8760, or off; usually what stands',
    )
    .option(
      '--expiry-hours <hours>',
      'takes a request back after so long, 0.1 to 8760, or off; usually what stands',
    )
    .option(
      '--cut-forms <choice>',
      'allow, or refuse: a stage whose card cannot show every statement whole is not sent; usually what stands, else allow',
    )
    .option(
      '--withdrawal-comments <choice>',
      'on, or off: a card that is withdrawn gets no comment that says why, which saves a call; usually what stands, else on',
    )
    .addHelpText(
      'after',
      `
A secret is never taken from the command line: it would show in the list of processes (ps) and in the shell's
history. Let it be asked for, or use --secrets-from or the variables. The file comes before the variables.

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
      'Tells what is set up, and how the checks stood. Exit code 1 if approvals are not switched on.',
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
    .summary('the doctor: run every check, or send a test approval')
    .description(
      'The doctor: runs every check again. With --email also sends that person a test approval and waits for the tap.',
    )
    .option('--email <address>', 'who gets a test approval in Feishu')
    .option('--wait <seconds>', 'how long to wait for the tap', '300')
    .addHelpText(
      'after',
      `
Exit code 1 if a check fails, or the test is not approved in time. Without im:message:send_as_bot only
reminders are missing: that alone is no failure.

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
      'Switches approvals off: no request is sent any more, and open ones are withdrawn with a comment that says why.',
    )
    .option('--yes', 'does not ask; needed without a terminal', false)
    .addHelpText('after', '\nExample:\n  $ frabit-im disable --yes')
    .action(async (flags: { yes: boolean }, command: Command) => {
      const { disable } = await import('./disable.ts');
      await run(command, (context) => disable(context, flags));
    });
}
