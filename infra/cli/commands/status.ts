import type { CommandResult, Context } from '../context.ts';
import { readView } from '../settings-api.ts';
import { printChecks, printView } from './print-checks.ts';

/** `frabit-im status`: prints the set-up and the stored results of the checks. */
export async function status(context: Context): Promise<CommandResult> {
  const { print, paint } = context;
  const deployment = await context.deployment();
  const view = await readView(deployment);
  const { enabled, appId, checks } = view;
  if (appId === undefined) {
    return {
      document: { ...view },
      problem: { code: 'NOT_SET_UP', message: 'Feishu is not set up: run frabit-im enable.' },
    };
  }
  print(
    enabled ? paint('green', 'Approvals are switched on.') : paint('yellow', 'Approvals are switched off.'),
  );
  printView(context, view);
  if (checks.length > 0) print();
  printChecks(context, checks, { unproven: true });
  return {
    document: { ...view },
    problem: enabled
      ? undefined
      : { code: 'DISABLED', message: 'Approvals are switched off: run frabit-im enable.' },
  };
}
