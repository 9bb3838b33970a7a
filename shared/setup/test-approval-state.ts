import { mayPass } from '../approval/channels/feishu/form-memory.ts';
import { isParameterRefusal } from '../feishu/classify-error.ts';
import { isFeishuError } from '../feishu/errors.ts';
import type { InstanceForm } from '../feishu/form/build-form.ts';
import { FORM_WORDINGS } from '../feishu/form/form-kind.ts';
import { buildTestForm } from '../feishu/form/test-form.ts';
import type { FeishuGateway, FeishuInstance } from '../feishu/gateway.ts';
import { AppError } from '../runtime/errors.ts';
import { describeError } from '../runtime/logger.ts';
import { readCredentials } from '../settings/feishu-secret.ts';
import type { FeishuSettings } from '../settings/settings.ts';
import { readFeishuSettings } from '../settings/settings-store.ts';
import {
  addTest,
  changeTest,
  findTest,
  isOpen,
  readOpenTests,
  type TestApproval,
  type TestState,
} from '../settings/test-approvals.ts';
import { readTestEvent } from '../settings/webhook-log.ts';
import type { SettingsWork } from './setup-context.ts';

/** A slot further away is not waited for: many approvals are on their way, and a test can be sent later. */
const SLOT_WITHIN_MS = 5_000;
/** A create that was not answered and that nobody finds after so long is told as failed … */
const LOST_AFTER_MS = 60_000;
/** … and its card still looked for so long, should Feishu come to it late. */
const SEARCHED_MS = 2 * 60 * 60_000;

/** What `GET /settings/feishu/check/{testId}` answers. */
export interface TestView {
  testId: string;
  email: string;
  state: TestState;
  sentAt: string;
  closedAt?: string;
  decidedBy?: { email?: string; userId: string };
  /** When the webhook had the event that it is over: a tap that is seen without one says that none comes. */
  eventAt?: string;
}

export type SentTest =
  | { kind: 'SENT'; testId: string }
  | { kind: 'NOT_SENT'; code: 'ASSIGNEE_NOT_IN_FEISHU' | 'FEISHU_REFUSED'; message: string };

/**
 * Sends one person a card, as the bot. A test of theirs that is still open is taken back first. Rejects with a
 * retryable error when Feishu is out of reach, or busy with approvals.
 */
export async function sendTest(
  email: string,
  settings: FeishuSettings,
  appSecret: string,
  work: SettingsWork,
): Promise<SentTest> {
  const { appId, domain, definitionCode } = settings;
  const app = { appId, domain };
  const gateway = work.createGateway(appSecret);
  let approver: string | undefined;
  try {
    approver = (await gateway.findPeople(app, [email])).get(email.toLowerCase());
  } catch (error) {
    return refusedBy(error);
  }
  if (approver === undefined) {
    return {
      kind: 'NOT_SENT',
      code: 'ASSIGNEE_NOT_IN_FEISHU',
      message: `Feishu does not know ${email}, or that person is outside the app's availability range: Version Management & Release → the version → Availability.`,
    };
  }
  await withdrawTests(work, (test) => test.email.toLowerCase() === email.toLowerCase());
  await waitForSlot(appId, work);
  const test: TestApproval = {
    testId: work.newId(),
    email,
    state: 'REQUESTED',
    appId,
    domain,
    definitionCode,
    approver,
    requester: settings.bot.openId,
    sentAt: work.now().toISOString(),
  };
  await addTest(work.place, test);
  // Looking people up and waiting for a slot took their time: disabled means silent at once.
  await refuseIfOff(test, work);
  const refused = await createCard(test, gateway, work);
  if (refused) return refused;
  // Who switched off meanwhile did not find the card yet.
  await refuseIfOff(test, work);
  return { kind: 'SENT', testId: test.testId };
}

/**
 * undefined: it was created, or may have been: whoever asks for the state of the test looks for it. A tenant that takes
 * no i18n keys gets plain text, and the first approvals are sent so at once.
 */
async function createCard(
  test: TestApproval,
  gateway: FeishuGateway,
  work: SettingsWork,
): Promise<SentTest | undefined> {
  const memory = await work.forms.read(test.appId, work.now());
  const forms = FORM_WORDINGS.map((wording) => buildTestForm(wording));
  const likely = forms.filter((form) => mayPass(form, memory));
  const refused: InstanceForm[] = [];
  const fail = () => unlessSeen(() => changeTest(work.place, test, closed(test, 'FAILED', work)));
  for (const form of [...likely, ...forms.filter((one) => !likely.includes(one))]) {
    try {
      const { instanceCode } = await gateway.createInstance(test, requestOf(test, form));
      await unlessSeen(() => changeTest(work.place, test, { ...test, state: 'PENDING', instanceCode }));
      await work.forms.learn(test.appId, form, refused, { now: work.now(), created: true });
      return undefined;
    } catch (error) {
      if (isFeishuError(error) && error.code === 'UNAVAILABLE') return undefined;
      if (!isFeishuError(error)) throw error;
      refused.push(form);
      if (!isParameterRefusal(error) || refused.length === forms.length) {
        await fail();
        return refusedBy(error);
      }
    }
    await waitForSlot(test.appId, work).catch(async (error: unknown) => {
      await fail();
      throw error;
    });
  }
  return undefined;
}

const requestOf = (test: TestApproval, { form, title, i18nResources }: InstanceForm) => ({
  definitionCode: test.definitionCode,
  initiator: test.requester,
  approver: test.approver,
  uuid: test.testId,
  form,
  title,
  i18nResources,
});

/** Somebody else has looked at the card already, and written what they saw. */
async function unlessSeen(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'STALE')) throw error;
  }
}

/** Rejects with `DISABLED`, the card taken back, if approvals were switched off or went to another app. */
async function refuseIfOff({ testId, appId }: TestApproval, work: SettingsWork): Promise<void> {
  const settings = await readFeishuSettings(work.place.documents, work.place.tableName);
  if (settings?.enabled && settings.appId === appId) return;
  await withdrawTests(work, (test) => test.testId === testId);
  throw new AppError('DISABLED', 'Approvals were disabled or went to another app, so no test is sent.');
}

/** Rethrows what may be otherwise in a minute. */
function refusedBy(error: unknown): SentTest {
  if (!isFeishuError(error) || error.retryable) throw error;
  return { kind: 'NOT_SENT', code: 'FEISHU_REFUSED', message: error.message };
}

async function waitForSlot(appId: string, { pacer, now, sleep }: SettingsWork): Promise<void> {
  const slot = await pacer.reserve(appId, 'create', {
    now: now(),
    lane: 'NEW',
    horizonMs: SLOT_WITHIN_MS,
  });
  if (!slot) {
    throw new AppError('BUSY', 'Many approvals are being sent: try the test again in a minute.', {
      retryable: true,
    });
  }
  const wait = slot.getTime() - now().getTime();
  if (wait > 0) await sleep(wait);
}

/** The state of a test as Feishu tells it now. Rejects with `NOT_FOUND`. */
export async function readTest(testId: string, work: SettingsWork): Promise<TestView> {
  const kept = await findTest(work.place, testId);
  if (!kept) throw new AppError('NOT_FOUND', 'There is no such test.');
  const test = isOpen(kept) ? await look(kept, work) : kept;
  const { email, state, sentAt, closedAt, decidedBy, approver } = test;
  const eventAt = await readTestEvent(work.place, testId);
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

async function look(test: TestApproval, work: SettingsWork): Promise<TestApproval> {
  const gateway = await gatewayOf(test, work);
  const instance = await gateway?.getInstance(test, test.instanceCode ?? test.testId);
  const seen = instance ? seenIn(instance, test, work) : unseen(test, work);
  if (seen.state !== test.state || seen.searchUntil !== test.searchUntil) {
    await unlessSeen(() => changeTest(work.place, test, seen));
  }
  return seen;
}

function unseen(test: TestApproval, work: SettingsWork): TestApproval {
  const age = work.now().getTime() - Date.parse(test.sentAt);
  if (age > SEARCHED_MS) return { ...closed(test, 'FAILED', work), searchUntil: undefined };
  if (test.state === 'FAILED' || age <= LOST_AFTER_MS) return test;
  const searchUntil = new Date(Date.parse(test.sentAt) + SEARCHED_MS).toISOString();
  return { ...closed(test, 'FAILED', work), searchUntil };
}

function seenIn(instance: FeishuInstance, test: TestApproval, work: SettingsWork): TestApproval {
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
        ...closed(known, instance.status, work),
        ...(at !== undefined && { closedAt: at }),
        ...(decided?.openId && { decidedBy: decided.openId }),
      };
    }
    case 'CANCELED':
    case 'DELETED':
      return closed(known, instance.status, work);
    default:
      return { ...known, state: 'PENDING' };
  }
}

const closed = (test: TestApproval, state: TestState, { now }: SettingsWork): TestApproval => ({
  ...test,
  state,
  closedAt: now().toISOString(),
});

/** Takes back open tests; one that cannot be is only a card whose tap does nothing. */
export async function withdrawTests(
  work: SettingsWork,
  which: (test: Pick<TestApproval, 'testId' | 'appId' | 'email' | 'sentAt'>) => boolean,
): Promise<void> {
  const complain = (error: unknown) =>
    work.logger.error('an open test approval could not be taken back', { error: describeError(error) });
  const open = await readOpenTests(work.place).catch((error: unknown) => {
    complain(error);
    return [];
  });
  for (const test of open.filter(which)) await withdraw(test, work).catch(complain);
}

async function withdraw(test: TestApproval, work: SettingsWork): Promise<void> {
  const seen = await look(test, work);
  if (!isOpen(seen) || seen.instanceCode === undefined) return;
  const gateway = await gatewayOf(seen, work);
  await gateway?.cancelInstance(seen, {
    definitionCode: seen.definitionCode,
    instanceCode: seen.instanceCode,
    initiator: seen.requester,
  });
  await unlessSeen(() => changeTest(work.place, seen, closed(seen, 'WITHDRAWN', work)));
}

async function gatewayOf({ appId }: TestApproval, work: SettingsWork): Promise<FeishuGateway | undefined> {
  const keys = await readCredentials(work.secret, appId);
  return keys && work.createGateway(keys.appSecret);
}
