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

/** A slot further away is not waited for: many approvals are on their way, and a test can be sent later. */
const SLOT_WITHIN_MS = 5_000;
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
      message: `Feishu does not know ${email}, or that person is outside the app's availability range: Version Management & Release → the version → Availability.`,
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
  // Looking people up and waiting for a slot took their time: disabled means silent at once.
  await refuseIfOff(test, context);
  const refused = await createCard(test, gateway, context);
  if (refused) return refused;
  // Who switched off meanwhile did not find the card yet.
  await refuseIfOff(test, context);
  return { kind: 'SENT', testId: test.testId };
}

/**
 * undefined: it was created, or may have been: whoever asks for the state of the test looks for it. A tenant that takes
 * no i18n keys gets plain text, and the first approvals are sent so at once.
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

/** Rejects with `DISABLED`, the card taken back, if approvals were switched off or went to another app. */
async function refuseIfOff({ testId, appId }: TestApproval, context: SetupContext): Promise<void> {
  const settings = await readFeishuSettings(context.place.documents, context.place.tableName);
  if (settings?.enabled && settings.appId === appId) return;
  await withdrawTests(context, (test) => test.testId === testId);
  throw new AppError('DISABLED', 'Approvals were disabled or went to another app, so no test is sent.');
}

/** Rethrows what may be otherwise in a minute. */
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
    throw new AppError('BUSY', 'Many approvals are being sent: try the test again in a minute.', {
      retryable: true,
    });
  }
  const wait = slot.getTime() - now().getTime();
  if (wait > 0) await sleep(wait);
}
