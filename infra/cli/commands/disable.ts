import { type CommandResult, type Context, counted } from '../context.ts';
import { badInput, canceled } from '../problem.ts';
import { disableFeishu } from '../settings-api.ts';

/** `frabit-im disable`: stops sending requests and withdraws the open ones. */
export async function disable(context: Context, { yes }: { yes: boolean }): Promise<CommandResult> {
  const { ask, print } = context;
  if (!yes && !ask) throw badInput('Without a terminal this needs --yes: nothing was changed.');
  const deployment = await context.deployment();
  if (!yes && ask) {
    const sure = await ask.confirm(
      `Switch approvals off at ${deployment.where}? Open requests are withdrawn.`,
    );
    if (!sure) throw canceled();
  }
  const { withdrawing } = await disableFeishu(deployment);
  print('Approvals are switched off: no more requests are sent.');
  print(
    withdrawing > 0
      ? `${counted(withdrawing, 'open request')} ${withdrawing === 1 ? 'is' : 'are'} being withdrawn.`
      : 'No request was open.',
  );
  return { document: { enabled: false, withdrawing } };
}
