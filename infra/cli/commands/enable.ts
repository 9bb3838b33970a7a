import { LOST_BY_OVERWRITE } from '../../../shared/setup/fixes.ts';
import { type CommandResult, type Context, oneLine } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { errorNames, isNetwork } from '../error-to-problem.ts';
import type { Asker } from '../io.ts';
import { badInput, canceled } from '../problem.ts';
import { type EnableRequest, putSettings, readView, type View } from '../settings-api.ts';
import {
  type AppValue,
  type EnableFlags,
  type EnableInput,
  type Hours,
  missingProblem,
  NAMES,
  readEnableInput,
  validateAppValue,
} from './enable-input.ts';
import { checkNames, failing, printChecks, printView, waitsForFeishu } from './print-checks.ts';

const ASK_AGAIN_MS = 2_000;
/** How long the function may still run after API Gateway timed out. */
const ASK_FOR_MS = 30_000;

/** `frabit-im enable`: "Enable and Create" of docs/contract.md 4. */
export async function enable(context: Context, flags: EnableFlags): Promise<CommandResult> {
  const { io, ask } = context;
  const input = await readEnableInput(flags, io);
  if (input.missing.length > 0 && !ask) throw missingProblem(input.missing);
  const toReplace = input.replaceDefinition && !flags.yes ? input.approvalCode : undefined;
  if (toReplace !== undefined && !ask) {
    throw badInput(
      'Without a terminal, or with --json, --replace-definition needs --yes: nothing was changed.',
    );
  }
  const deployment = await context.deployment();
  if (toReplace !== undefined && ask && !(await ask.confirm(questionOf(toReplace)))) throw canceled();
  const app = await completeApp(input, ask);
  const before = await readView(deployment);
  const request = requestOf(app, input, before);

  const progress = context.progress('Checking the app against Feishu', {
    canceled: 'Stopped waiting: the settings may be saved all the same, see frabit-im status',
  });
  try {
    const answer = await putSettings(deployment, request).catch((error: unknown) => {
      if (isNetwork(error) && !wasNeverSent(error)) return { kind: 'NO_ANSWER' } as const;
      throw error;
    });
    const view =
      answer.kind === 'NO_ANSWER' ? await waitForChange(context, deployment, request, before) : undefined;
    progress.stop();
    switch (answer.kind) {
      case 'ENABLED':
        return reportEnabled(context, deployment, answer.view);
      case 'NO_ANSWER':
        return view ? reportEnabled(context, deployment, view) : UNKNOWN;
      case 'REFUSED': {
        const { checks, message, approvalCode } = answer;
        printChecks(context, checks, { unproven: true });
        const failed = checkNames(failing(checks).filter((check) => !waitsForFeishu(check)));
        const why = failed ? `these checks failed: ${failed}` : (message ?? 'Feishu does not accept the app');
        return {
          document: { enabled: before.enabled, checks, ...(approvalCode && { approvalCode }) },
          problem: {
            code: answer.code ?? 'CHECKS_FAILED',
            message: `${whatStands(approvalCode)} Fix this and try again: ${why}`,
          },
        };
      }
      default:
        return answer satisfies never;
    }
  } finally {
    progress.stop();
  }
}

/** Says what a refused save changed. */
const whatStands = (approvalCode: string | undefined): string =>
  approvalCode === undefined
    ? 'Nothing was stored.'
    : `The settings stay as they were, but the approval definition ${oneLine(approvalCode)} was created or overwritten in Feishu.`;

/** Feishu does not return a definition's approvers, so it cannot be restored (docs/feishu.md 3.2). */
const questionOf = (approvalCode: string): string =>
  `Replace the approval definition ${oneLine(approvalCode)} in Feishu, unless it fits? It loses its ${LOST_BY_OVERWRITE}, and its form is replaced with ours. This cannot be undone.`;

const UNKNOWN: CommandResult = {
  document: {},
  problem: {
    code: 'NO_ANSWER',
    message: 'No answer came in time. The settings may be saved or not: run frabit-im status in a minute.',
  },
};

const wasNeverSent = (error: unknown): boolean =>
  errorNames(error).some((name) =>
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH)$/.test(name),
  );

async function completeApp(
  { app, missing }: EnableInput,
  ask: Asker | undefined,
): Promise<Record<AppValue, string>> {
  const value = async (name: AppValue): Promise<string> => {
    const given = app[name];
    if (given !== undefined) return given;
    if (!ask) throw missingProblem(missing);
    if (name === 'appId') {
      return (await ask.text(NAMES.appId.title, (answer) => validateAppValue('appId', answer.trim()))).trim();
    }
    for (let question = NAMES[name].title; ; ) {
      const answer = (await ask.secret(question)).trim();
      const wrong = validateAppValue(name, answer);
      if (!wrong) return answer;
      question = `${NAMES[name].title} (${wrong})`;
    }
  };
  return {
    appId: await value('appId'),
    appSecret: await value('appSecret'),
    encryptKey: await value('encryptKey'),
    verificationToken: await value('verificationToken'),
  };
}

/**
 * Builds the request. The API treats a missing field as off, so options that are not given get their present value: the
 * platform only for the same app, all others for any app.
 */
function requestOf(
  app: Record<AppValue, string>,
  input: Omit<EnableInput, 'app' | 'missing'>,
  before: View,
): EnableRequest {
  const standing = before.appId === app.appId ? before : undefined;
  const hours = (wanted: Hours, present: number | undefined) =>
    wanted === 'keep' ? present : wanted === 'off' ? undefined : wanted;
  return {
    ...app,
    domain: input.domain ?? standing?.domain ?? 'feishu',
    approvalCode: input.approvalCode,
    replaceDefinition: input.replaceDefinition || undefined,
    reminderHours: hours(input.reminderHours, before.reminderHours),
    expiryHours: hours(input.expiryHours, before.expiryHours),
    cutForms: input.cutForms ?? before.cutForms,
    withdrawalComments: input.withdrawalComments ?? before.withdrawalComments,
  };
}

/** Waits until the view shows the app enabled and a change. Returns undefined if that does not happen. */
async function waitForChange(
  { io }: Pick<Context, 'io'>,
  deployment: Deployment,
  { appId }: EnableRequest,
  before: View,
): Promise<View | undefined> {
  const deadline = io.now().getTime() + ASK_FOR_MS;
  while (io.now().getTime() < deadline) {
    await io.sleep(ASK_AGAIN_MS);
    const view = await readView(deployment).catch(() => undefined);
    if (view?.enabled && view.appId === appId && stateOf(view) !== stateOf(before)) return view;
  }
  return undefined;
}

/** Leaves out what changes by itself: checks that wait for events, and the number of withdrawals. */
const stateOf = ({ withdrawing: _, checks, ...view }: View): string =>
  JSON.stringify([
    Object.entries(view).sort(([a], [b]) => (a < b ? -1 : 1)),
    checks.filter(({ name }) => name !== 'encryption' && name !== 'events').map(({ name, ok }) => [name, ok]),
  ]);

function reportEnabled(context: Context, deployment: Deployment, view: View): CommandResult {
  const { print, paint } = context;
  const { checks } = view;
  printChecks(context, checks, { unproven: true });
  print();
  print(paint('green', `Approvals are switched on at ${deployment.where}.`));
  printView(context, view);
  if (checks.some(waitsForFeishu)) printNextSteps(context, deployment);
  const failed = failing(checks).filter((check) => !waitsForFeishu(check));
  return {
    document: { ...view, requestUrl: deployment.outputs.FeishuWebhookUrl },
    problem:
      failed.length > 0
        ? {
            code: 'CHECKS_FAILED',
            message: `Fix what these checks report, then run frabit-im check: ${checkNames(failed)}`,
          }
        : undefined,
  };
}

function printNextSteps({ print, paint }: Context, { outputs }: Deployment): void {
  const url = outputs.FeishuWebhookUrl ?? 'the FeishuWebhookUrl of the stack';
  print();
  print(paint('bold', 'Next, in the developer console of the app:'));
  print(`  1. Events & Callbacks: enter the request URL  ${url}`);
  print('  2. Add the events "approval instance" (approval_instance) and "approval task" (approval_task)');
  print('  3. Create a version and release it');
  print('  4. Then run frabit-im check --email with your own address');
}
