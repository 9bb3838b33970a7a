import type { CommandResult, Context } from '../context.ts';
import { readView } from '../settings-api.ts';
import { sayChecks, sayView } from './print-checks.ts';

/** `frabit-im status`: what is set up, with the checks as they are stored. */
export async function status(context: Context): Promise<CommandResult> {
  const { say, paint } = context;
  const deployment = await context.deployment();
  const view = await readView(deployment);
  const { enabled, appId, checks } = view;
  if (appId === undefined) {
    return {
      document: { ...view },
      problem: { code: 'NOT_SET_UP', message: 'Feishu is not set up: run frabit-im enable.' },
    };
  }
  say(
    enabled ? paint('green', 'Approvals are switched on.') : paint('yellow', 'Approvals are switched off.'),
  );
  sayView(context, view);
  if (checks.length > 0) say();
  sayChecks(context, checks, { unproven: true });
  return {
    document: { ...view },
    problem: enabled
      ? undefined
      : { code: 'DISABLED', message: 'Approvals are switched off: run frabit-im enable.' },
  };
}
