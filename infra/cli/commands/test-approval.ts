import { CommandProblem } from '../../command-problem.ts';
import type { CommandResult, Context } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { readTest, sendTest, type TestApproval } from '../settings-api.ts';
import { printChecks, reportRefusal } from './print-checks.ts';

const ASK_EVERY_MS = 1_000;
/** The event of a decision usually arrives together with it. */
const EVENT_WITHIN_MS = 10_000;
/** How many polls in a row may fail before the wait ends. */
const MAX_FAILURES = 5;

/** Sends a test approval and waits until it is decided and its event has arrived at the webhook. */
export async function testApproval(context: Context, email: string, waitMs: number): Promise<CommandResult> {
  const { io, print, paint } = context;
  const deployment = await context.deployment();
  const sent = await sendTest(deployment, email);
  if ('kind' in sent) return reportRefusal(context, sent);
  const { testId, checks } = sent;
  printChecks(context, checks);
  print(`Sent to ${email}: tap Approve in Feishu`);

  const startedAt = io.now().getTime();
  const progress = context.progress('Waiting for the decision');
  const ask = (until: (test: TestApproval) => boolean, forMs: number, from: number) =>
    poll(context, deployment, testId, until, from + forMs);
  try {
    const decided = await ask(isOver, waitMs, startedAt);
    if (!isOver(decided)) {
      const message = `Nobody tapped Approve within ${waitMs / 1_000} s (the test is ${decided.state}): look in Feishu, or try again with a longer --wait.`;
      return { document: { ...decided, checks }, problem: { code: 'NOT_DECIDED', message } };
    }
    if (decided.state !== 'APPROVED') {
      const message = `The test was not approved, but ${decided.state}${by(decided)}: run frabit-im check, then try again.`;
      return { document: { ...decided, checks }, problem: { code: 'NOT_APPROVED', message } };
    }
    progress.stop();
    print(paint('green', `Approved${by(decided)}${tookText(decided)}.`));
    const noticed = decided.eventAt
      ? decided
      : await ask((test) => test.eventAt !== undefined, EVENT_WITHIN_MS, io.now().getTime());
    if (!noticed.eventAt) {
      const url = deployment.outputs.FeishuWebhookUrl ?? 'the FeishuWebhookUrl of the stack';
      const message = `The decision was found by polling, but Feishu sent no event: enter the request URL ${url} and add the events "approval instance" and "approval task", then release a version.`;
      return { document: { ...noticed, checks }, problem: { code: 'NO_EVENT', message } };
    }
    print(paint('green', 'The event of the decision arrived at the webhook.'));
    return { document: { ...noticed, checks } };
  } finally {
    progress.stop();
  }
}

const isOver = ({ state }: TestApproval): boolean => state !== 'REQUESTED' && state !== 'PENDING';

const by = ({ decidedBy }: TestApproval): string =>
  decidedBy ? ` by ${decidedBy.email ?? decidedBy.userId}` : '';

function tookText({ sentAt, closedAt }: TestApproval): string {
  const ms = sentAt && closedAt ? Date.parse(closedAt) - Date.parse(sentAt) : Number.NaN;
  return ms >= 0 ? `, ${(ms / 1_000).toFixed(1)} s after it was sent` : '';
}

/** Polls the test until `until` holds or the time is over, and returns its state. Single polls may fail. */
async function poll(
  { io }: Context,
  deployment: Deployment,
  testId: string,
  until: (test: TestApproval) => boolean,
  deadline: number,
): Promise<TestApproval> {
  let failures = 0;
  for (;;) {
    try {
      const test = await readTest(deployment, testId);
      failures = 0;
      if (until(test) || io.now().getTime() >= deadline) return test;
    } catch (error) {
      failures += 1;
      const final =
        error instanceof CommandProblem && /^(ACCESS_DENIED|NOT_FOUND|UNKNOWN_ANSWER)$/.test(error.code);
      if (final || failures >= MAX_FAILURES) throw error;
    }
    await io.sleep(ASK_EVERY_MS);
  }
}
