import { emailSchema } from '../../../shared/issue/record.ts';
import type { CommandResult, Context } from '../context.ts';
import { badInput } from '../problem.ts';
import { runChecks } from '../settings-api.ts';
import { checksFailed, failing, printChecks, reportRefusal } from './print-checks.ts';
import { testApproval } from './test-approval.ts';

const MAX_WAIT_SECONDS = 86_400;

/** `frabit-im check`: runs all checks again, or with `email` sends a test approval. */
export async function check(
  context: Context,
  flags: { email?: string; wait: string },
): Promise<CommandResult> {
  const waitMs = readWait(flags.wait) * 1_000;
  if (flags.email !== undefined) {
    const email = emailSchema.safeParse(flags.email.trim());
    if (!email.success) throw badInput('--email must be an e-mail address.');
    return testApproval(context, email.data, waitMs);
  }
  const deployment = await context.deployment();
  const progress = context.progress('Checking the set-up against Feishu');
  const answer = await runChecks(deployment).finally(() => progress.stop());
  if ('kind' in answer) return reportRefusal(context, answer);
  printChecks(context, answer.checks);
  if (!answer.enabled) context.print('Approvals are switched off: frabit-im enable switches them on.');
  const failed = failing(answer.checks);
  return {
    document: { ...answer },
    problem: failed.length > 0 ? checksFailed(failed) : undefined,
  };
}

function readWait(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds > 0 && seconds <= MAX_WAIT_SECONDS) return seconds;
  throw badInput(`--wait must be a number of seconds, more than 0 and at most ${MAX_WAIT_SECONDS}.`);
}
