import { mayPass } from '../approval/channels/feishu/form-memory.ts';
import { isParameterRefusal } from '../feishu/classify-error.ts';
import { isFeishuError } from '../feishu/errors.ts';
import type { InstanceForm } from '../feishu/form/build-form.ts';
import { FORM_WORDINGS } from '../feishu/form/form-kind.ts';
import { buildTestForm } from '../feishu/form/test-form.ts';
import type { FeishuGateway } from '../feishu/gateway.ts';
import { AppError } from '../runtime/errors.ts';
import type { FeishuSettings } from '../settings/settings.ts';
import { readFeishuSettings } from '../settings/settings-store.ts';
import { addTest, changeTest, type TestApproval } from '../settings/test-approvals.ts';
import type { SetupContext } from './setup-context.ts';
import { closeAs, ignoreStale, withdrawTests } from './test-approval-state.ts';

/** Slots later than this mean that many approvals wait. A test does not wait with them. */
const SLOT_WITHIN_MS = 5_000;
export type SentTest =
  | { kind: 'SENT'; testId: string }
  | { kind: 'NOT_SENT'; code: 'ASSIGNEE_NOT_IN_FEISHU' | 'FEISHU_REFUSED'; message: string };

/**
 * Sends a test approval to one person, as the bot. Withdraws an open test of this person first. Rejects with a
 * retryable error if Feishu cannot be reached, or if many approvals wait.
 */
export async function sendTest(
  email: string,
  settings: FeishuSettings,
  appSecret: string,
  context: SetupContext,
): Promise<SentTest> {
  const { appId, domain, definitionCode } = settings;
  const app = { appId, domain };
  const gateway = context.createGateway(appSecret);
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
      message: `Feishu does not know ${email}, or this person is outside the app's availability range: Version Management & Release → the version → Availability.`,
    };
  }
  await withdrawTests(context, (test) => test.email.toLowerCase() === email.toLowerCase());
  await waitForSlot(appId, context);
  const test: TestApproval = {
    testId: context.newId(),
    email,
    state: 'REQUESTED',
    appId,
    domain,
    definitionCode,
    approver,
    requester: settings.bot.openId,
    sentAt: context.now().toISOString(),
  };
  await addTest(context.place, test);
  // Approvals may have been disabled during the look-up and the wait for a slot.
  await refuseIfOff(test, context);
  const refused = await createCard(test, gateway, context);
  if (refused) return refused;
  // Or during the create: disabling could not withdraw a card that did not exist yet.
  await refuseIfOff(test, context);
  return { kind: 'SENT', testId: test.testId };
}

/**
 * Creates the card. Returns undefined if it was created or may have been: `readTest` looks for it. If the tenant does
 * not accept i18n keys, the card has plain text, and approvals are then sent in this form too.
 */
async function createCard(
  test: TestApproval,
  gateway: FeishuGateway,
  context: SetupContext,
): Promise<SentTest | undefined> {
  const memory = await context.forms.read(test.appId, context.now());
  const forms = FORM_WORDINGS.map((wording) => buildTestForm(wording));
  const likely = forms.filter((form) => mayPass(form, memory));
  const refused: InstanceForm[] = [];
  const fail = () => ignoreStale(() => changeTest(context.place, test, closeAs(test, 'FAILED', context)));
  for (const form of [...likely, ...forms.filter((one) => !likely.includes(one))]) {
    try {
      const { instanceCode } = await gateway.createInstance(test, requestOf(test, form));
      await ignoreStale(() => changeTest(context.place, test, { ...test, state: 'PENDING', instanceCode }));
      await context.forms.learn(test.appId, form, refused, { now: context.now(), created: true });
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
    await waitForSlot(test.appId, context).catch(async (error: unknown) => {
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

/** Withdraws the test and rejects with `DISABLED` if approvals were disabled or the app was changed. */
async function refuseIfOff({ testId, appId }: TestApproval, context: SetupContext): Promise<void> {
  const settings = await readFeishuSettings(context.place.documents, context.place.tableName);
  if (settings?.enabled && settings.appId === appId) return;
  await withdrawTests(context, (test) => test.testId === testId);
  throw new AppError('DISABLED', 'Approvals were disabled or the app was changed, so no test is sent.');
}

/** Returns the result for a final refusal. Rethrows any other error. */
function refusedBy(error: unknown): SentTest {
  if (!isFeishuError(error) || error.retryable) throw error;
  return { kind: 'NOT_SENT', code: 'FEISHU_REFUSED', message: error.message };
}

async function waitForSlot(appId: string, { pacer, now, sleep }: SetupContext): Promise<void> {
  const slot = await pacer.reserve(appId, 'create', {
    now: now(),
    lane: 'NEW',
    horizonMs: SLOT_WITHIN_MS,
  });
  if (!slot) {
    throw new AppError('BUSY', 'Many approvals are being sent. Try the test again in a minute.', {
      retryable: true,
    });
  }
  const wait = slot.getTime() - now().getTime();
  if (wait > 0) await sleep(wait);
}
