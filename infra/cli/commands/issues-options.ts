import type { Command } from 'commander';
import type { RunCommand } from '../context.ts';
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
