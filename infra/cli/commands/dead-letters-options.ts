import type { Command } from 'commander';
import type { RunCommand } from '../context.ts';
import type { RedriveFlags } from './dead-letters-redrive.ts';

/** Defines the commands for what was given up: hints in the dead-letter queue, stream records in the bucket. */
export function addDeadLetters(program: Command, run: RunCommand): void {
  const deadLetters = program
    .command('dead-letters')
    .summary('list what was given up, or try it again')
    .description('Lists what cannot succeed or failed for six hours, or tries it again.')
    .addHelpText('after', '\nExample:\n  $ frabit-im dead-letters list');
  deadLetters
    .command('list')
    .description('Lists them, without the content of records.')
    .addHelpText('after', '\nExample:\n  $ frabit-im dead-letters list --json')
    .action(async (_flags: unknown, command: Command) => {
      const { listDeadLetters } = await import('./dead-letters-list.ts');
      await run(command, listDeadLetters);
    });
  deadLetters
    .command('redrive')
    .description(
      'Sends hints back to the work queue and invokes functions again with their records. Deletes what succeeds.',
    )
    .option('--dry-run', 'only shows what would be tried again', false)
    .option('--yes', 'does not ask', false)
    .addHelpText(
      'after',
      '\nExit code 1 if some could not be redriven; they stay where they are.\n\nExample:\n  $ frabit-im dead-letters redrive --dry-run',
    )
    .action(async (flags: RedriveFlags, command: Command) => {
      const { redriveDeadLetters } = await import('./dead-letters-redrive.ts');
      await run(command, (context) => redriveDeadLetters(context, flags));
    });
}
