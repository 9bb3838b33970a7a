import { type CommandResult, type Context, counted } from '../context.ts';
import { badInput, canceled } from '../problem.ts';
import { disableFeishu } from '../settings-api.ts';

/** `frabit-im disable`: no request is sent any more, and what is open is withdrawn. */
export async function disable(context: Context, { yes }: { yes: boolean }): Promise<CommandResult> {
  const { ask, print } = context;
  if (!yes && !ask) throw badInput('Without a terminal this needs --yes: nothing was changed.');
  const deployment = await context.deployment();
  if (!yes && ask) {
    const sure = await ask.confirm(
      `Switch approvals off at ${deployment.where}? Open requests are taken back from their approvers.`,
    );
    if (!sure) throw canceled();
  }
  const { withdrawing } = await disableFeishu(deployment);
  print('Approvals are switched off: no request is sent any more.');
  print(
    withdrawing > 0
      ? `${counted(withdrawing, 'open request')} ${withdrawing === 1 ? 'is' : 'are'} being taken back.`
      : 'No request was open.',
  );
  return { document: { enabled: false, withdrawing } };
}
