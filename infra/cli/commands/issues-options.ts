import type { Command } from 'commander';
import type { RunCommand } from '../context.ts';
import type { ShowFlags } from './show.ts';

/** The commands about issues, with their options. */

export function addResync(program: Command, run: RunCommand): void {
  program
    .command('resync')
    .summary('have every open issue looked at again')
    .description('Has every open issue looked at again: one hint each to the work queue. Safe to repeat.')
    .addHelpText('after', '\nExit code 1 if some could not be hinted.\n\nExample:\n  $ frabit-im resync')
    .action(async (_flags: unknown, command: Command) => {
      const { resync } = await import('./resync.ts');
      await run(command, resync);
    });
}

export function addShow(program: Command, run: RunCommand): void {
  program
    .command('show')
    .summary('the story of an issue: who was asked and shown what, who decided')
    .description('Tells the story of an issue: who was asked when, what they were shown, who decided.')
    .argument('<issueId>', "Frabit's id of the issue; after -- if it begins with a dash")
    .option('--round <number>', 'what this round of the stage or step showed, in place of the current one')
    .option('--stage <stageId>', 'the rounds of this stage, in place of the current one')
    .option('--step <stepId>', 'the rounds of this EXTERNAL step of the approval flow')
    .option('--no-sql', 'leaves the SQL out')
    .addHelpText(
      'after',
      `
SQL is printed as it was shown to the approver, or to the OA. Exit code 1 if the issue is unknown.

Examples:
  $ frabit-im show issue-42
  $ frabit-im show issue-42 --round 1 --no-sql`,
    )
    .action(async (issueId: string, flags: ShowFlags, command: Command) => {
      const { show } = await import('./show.ts');
      await run(command, (context) => show(context, issueId, flags));
    });
}
