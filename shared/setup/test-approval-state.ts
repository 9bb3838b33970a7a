import type { FeishuGateway, FeishuInstance } from '../feishu/gateway.ts';
import { AppError } from '../runtime/errors.ts';
import { describeError } from '../runtime/logger.ts';
import { readCredentials } from '../settings/feishu-secret.ts';
import {
  changeTest,
  findTest,
  isOpen,
  readOpenTests,
  type TestApproval,
  type TestState,
} from '../settings/test-approvals.ts';
import { readTestEvent } from '../settings/webhook-log.ts';
import type { SetupContext } from './setup-context.ts';

/** If the card of an unanswered create is not found after this time, the test counts as FAILED. */
const LOST_AFTER_MS = 60_000;
/** But its card is looked for until this time, because Feishu may create it late. */
const SEARCHED_MS = 2 * 60 * 60_000;

/** Answer of `GET /settings/feishu/check/{testId}`. */
export interface TestView {
  testId: string;
  email: string;
  state: TestState;
  sentAt: string;
  closedAt?: string;
  decidedBy?: { email?: string; userId: string };
  /** When Feishu reported the end to the webhook. A decision without this time means that events do not arrive. */
  eventAt?: string;
}

/** Reads the state of a test from Feishu. Rejects with `NOT_FOUND`. */
export async function readTest(testId: string, context: SetupContext): Promise<TestView> {
  const kept = await findTest(context.place, testId);
  if (!kept) throw new AppError('NOT_FOUND', 'There is no such test.');
  const test = isOpen(kept) ? await look(kept, context) : kept;
  const { email, state, sentAt, closedAt, decidedBy, approver } = test;
  const eventAt = await readTestEvent(context.place, testId);
  return {
    testId,
    email,
    state,
    sentAt,
    ...(closedAt !== undefined && { closedAt }),
    ...(decidedBy !== undefined && {
      decidedBy: { ...(decidedBy === approver && { email }), userId: decidedBy },
    }),
    ...(eventAt !== undefined && { eventAt }),
  };
}

async function look(test: TestApproval, context: SetupContext): Promise<TestApproval> {
  const gateway = await gatewayOf(test, context);
  const instance = await gateway?.getInstance(test, test.instanceCode ?? test.testId);
  const seen = instance ? seenIn(instance, test, context) : unseen(test, context);
  if (seen.state !== test.state || seen.searchUntil !== test.searchUntil) {
    await ignoreStale(() => changeTest(context.place, test, seen));
  }
  return seen;
}

function unseen(test: TestApproval, context: SetupContext): TestApproval {
  const age = context.now().getTime() - Date.parse(test.sentAt);
  if (age > SEARCHED_MS) return { ...closeAs(test, 'FAILED', context), searchUntil: undefined };
  if (test.state === 'FAILED' || age <= LOST_AFTER_MS) return test;
  const searchUntil = new Date(Date.parse(test.sentAt) + SEARCHED_MS).toISOString();
  return { ...closeAs(test, 'FAILED', context), searchUntil };
}

function seenIn(instance: FeishuInstance, test: TestApproval, context: SetupContext): TestApproval {
  const { searchUntil: _, ...rest } = test;
  const known = { ...rest, instanceCode: instance.instanceCode };
  switch (instance.status) {
    case 'APPROVED':
    case 'REJECTED': {
      const decided = instance.tasks.find((task) => task.status === instance.status && task.openId);
      const at = instance.timeline
        .flatMap((entry) => entry.at ?? [])
        .toSorted()
        .at(-1);
      return {
        ...closeAs(known, instance.status, context),
        ...(at !== undefined && { closedAt: at }),
        ...(decided?.openId && { decidedBy: decided.openId }),
      };
    }
    case 'CANCELED':
    case 'DELETED':
      return closeAs(known, instance.status, context);
    default:
      return { ...known, state: 'PENDING' };
  }
}

export const closeAs = (test: TestApproval, state: TestState, { now }: SetupContext): TestApproval => ({
  ...test,
  state,
  closedAt: now().toISOString(),
});

/**
 * Withdraws open tests. Logs failures and goes on: a card that stays open does no harm, because a tap has no effect.
 */
export async function withdrawTests(
  context: SetupContext,
  which: (test: Pick<TestApproval, 'testId' | 'appId' | 'email' | 'sentAt'>) => boolean,
): Promise<void> {
  const logFailure = (error: unknown) =>
    context.logger.error('an open test approval could not be withdrawn', { error: describeError(error) });
  const open = await readOpenTests(context.place).catch((error: unknown) => {
    logFailure(error);
    return [];
  });
  for (const test of open.filter(which)) await withdraw(test, context).catch(logFailure);
}

async function withdraw(test: TestApproval, context: SetupContext): Promise<void> {
  const seen = await look(test, context);
  if (!isOpen(seen) || seen.instanceCode === undefined) return;
  const gateway = await gatewayOf(seen, context);
  await gateway?.cancelInstance(seen, {
    definitionCode: seen.definitionCode,
    instanceCode: seen.instanceCode,
    initiator: seen.requester,
  });
  await ignoreStale(() => changeTest(context.place, seen, closeAs(seen, 'WITHDRAWN', context)));
}

async function gatewayOf({ appId }: TestApproval, context: SetupContext): Promise<FeishuGateway | undefined> {
  const keys = await readCredentials(context.secret, appId);
  return keys && context.createGateway(keys.appSecret);
}

/** Ignores a failed condition: another call has read the card and stored its state already. */
export async function ignoreStale(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'STALE')) throw error;
  }
}
