import type { Command } from 'commander';
import type { RunCommand } from '../context.ts';
import type { LogsFlags } from './logs.ts';
import type { ResyncFlags } from './resync.ts';
import type { ShowFlags } from './show.ts';

/** Defines the commands for issues. */

export function addResync(program: Command, run: RunCommand): void {
  program
    .command('resync')
    .summary('check every open issue again')
    .description(
      'Sends a hint for every open issue to the work queue, so that each is checked again. Safe to repeat.',
    )
    .option(
      '--closed',
      'hints every issue that is not open instead, so that a retention applies to issues that were over before',
    )
    .addHelpText('after', '\nExit code 1 if some hints could not be sent.\n\nExample:\n  $ frabit-im resync')
    .action(async (flags: ResyncFlags, command: Command) => {
      const { resync } = await import('./resync.ts');
      await run(command, (context) => resync(context, flags));
    });
}

export function addShow(program: Command, run: RunCommand): void {
  program
    .command('show')
    .summary('the history of an issue: who was asked, what they saw, who decided')
    .description('Shows the history of an issue: who was asked and when, what they saw, who decided.')
    .argument('<issueId>', "Frabit's id of the issue; after -- if it starts with a dash")
    .option(
      '--round <number>',
      'shows the content of this round of the stage or step; default: the current one',
    )
    .option('--stage <stageId>', 'uses the rounds of this stage; default: the current one')
    .option('--step <stepId>', 'uses the rounds of this EXTERNAL step of the approval flow')
    .option('--no-sql', 'leaves the SQL out')
    .addHelpText(
      'after',
      `
SQL is printed as the approver or the OA saw it. Exit code 1 if the issue is unknown.

Examples:
  $ frabit-im show issue-42
  $ frabit-im show issue-42 --round 1 --no-sql`,
    )
    .action(async (issueId: string, flags: ShowFlags, command: Command) => {
      const { show } = await import('./show.ts');
      await run(command, (context) => show(context, issueId, flags));
    });
}

export function addLogs(program: Command, run: RunCommand): void {
  program
    .command('logs')
    .summary('what the functions logged about an issue')
    .description(
      'Prints what the functions logged about an issue, in order of time (UTC), one line for each event.',
    )
    .argument('<issueId>', "Frabit's id of the issue; after -- if it starts with a dash")
    .option('--since <span>', 'only lines of this time: minutes, hours or days, such as 30m, 6h or 2d', '24h')
    .option(
      '--correlation <id>',
      'only lines with this correlationId: one change or event, from start to end',
    )
    .option('--metrics', 'also what the invocations counted that logged these lines', false)
    .addHelpText(
      'after',
      `
Prints the lines that name the issue, and those that name no issue but its approvals, its
instances in Feishu, or what set off the work. --json prints the lines as they were logged.

Examples:
  $ frabit-im logs issue-42
  $ frabit-im logs issue-42 --since 2d --json`,
    )
    .action(async (issueId: string, flags: LogsFlags, command: Command) => {
      const { logs } = await import('./logs.ts');
      await run(command, (context) => logs(context, issueId, flags));
    });
}
