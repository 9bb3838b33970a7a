import { FEISHU_CODES, isParameterRefusal } from '../../../feishu/classify-error.ts';
import { APPROVER_NODE_ID } from '../../../feishu/definition.ts';
import { hasCode, isFeishuError } from '../../../feishu/errors.ts';
import { FORM_WORDINGS } from '../../../feishu/form/form-kind.ts';
import type { FeishuInstance } from '../../../feishu/gateway.ts';
import { reminderText } from '../../../feishu/reminder-text.ts';
import { AppError } from '../../../runtime/errors.ts';
import { isKnown } from '../../../runtime/stored-items.ts';
import { judge, type Verdict } from '../../plan/judge.ts';
import { type Round, refusedForms } from '../../plan/round.ts';
import type { Channel, Problem, Sighting } from '../channel.ts';
import type { ChannelServices } from '../channel-services.ts';
import { appOf } from './app.ts';
import { createFeishuComments } from './comments.ts';
import { type ErrorDetails, type FeishuRoundError, feishuErrorSentence } from './error-sentence.ts';
import { findParticipants } from './participants.ts';
import { composeForm, requestBody } from './request.ts';

/** How often a send without an answer is tried before the round waits for Feishu to be back. */
const SEND_TRIES = 3;

type Parts = Pick<ChannelServices, 'feishu' | 'store' | 'forms' | 'now'>;

/** Creates the channel of Feishu: an instance of our definition, found again by its uuid (docs/feishu.md 3 and 4). */
export function createFeishuChannel({ feishu, store, forms, now }: Parts): Channel {
  const sightingOf = (round: Round, instance: FeishuInstance): Sighting => ({
    ref: { instanceCode: instance.instanceCode },
    ours: isOurs(round, instance),
    verdict: judgeInstance(instance, round, now()),
    reverted: instance.reverted,
    waitsForApprover: waitsFor(round.approvers[0]?.userId, instance),
  });

  return {
    sendTries: SEND_TRIES,
    // A cancel reopens an instance that was just approved, so only a look shows the state.
    trustsWithdrawal: false,

    findParticipants: (round, snapshot, options) => findParticipants(round, snapshot, { feishu }, options),
    compose: (round, { requester }, snapshot) =>
      composeForm(round, requester.bot, snapshot, { store, forms, now }),

    async learn(round, { created }) {
      const passed = round.forms.at(-1);
      if (!passed) return;
      const refused = refusedForms(round).filter(({ doubtful }) => !doubtful);
      await forms.learn(appOf(round).appId, passed, refused, { now: now(), created });
    },

    async send(round, request) {
      const { instanceCode } = await feishu.createInstance(appOf(round), requestBody(round, request));
      const verdict = { kind: 'UNDECIDED', now: 'ASKING' } as const;
      return { ref: { instanceCode }, ours: true, verdict, reverted: false };
    },

    async look(round) {
      const instance = await feishu.getInstance(appOf(round), round.instanceCode ?? round.approvalId);
      return instance && sightingOf(round, instance);
    },

    async withdraw(round) {
      const { definitionCode, instanceCode } = round;
      const initiator = round.requester.userId;
      if (!instanceCode || !initiator || !definitionCode) return;
      await feishu.cancelInstance(appOf(round), { definitionCode, instanceCode, initiator });
    },

    canWithdraw: (round) => round.instanceCode !== undefined && round.requester.userId !== undefined,

    // The app is a former one, and its keys are refused.
    isLostForGood: (round, error, { settings }) =>
      error.code === 'SETUP' && settings !== undefined && settings.appId !== round.appId,

    // A replaced definition may have been deleted. Its cards must not block those of the present one.
    isGivenUp(round, error, { settings }) {
      const replaced = settings !== undefined && round.definitionCode !== settings.definitionCode;
      return error.code === 'SETUP' && replaced && hasCode(error, DEFINITION_CODES);
    },

    addressOf({ assignee }, _, { settings }) {
      if (!settings || !assignee)
        throw new AppError('STALE', 'The stage no longer needs an approval.', { retryable: true });
      const { appId, domain, definitionCode } = settings;
      return { appId, domain, definitionCode, approvers: [{ email: assignee.email }] };
    },

    readRefusal(error) {
      if (isFeishuError(error) && isParameterRefusal(error)) return 'PARAMETERS';
      return hasCode(error, FEISHU_CODES.UNKNOWN_PERSON) ? 'PERSON' : 'FINAL';
    },

    isDoubtful: (error) => hasCode(error, FEISHU_CODES.DOUBTFUL),

    async passed(round, { wording, bytes }, since) {
      const memory = await forms.read(appOf(round).appId, now());
      const known = isKnown(FORM_WORDINGS, wording) ? (memory[wording].passed?.bytes ?? 0) : bytes;
      return { since: memory.passedAt !== undefined && memory.passedAt > since, asLarge: bytes <= known };
    },

    explain: explainInFeishu,

    afterFailure(round, error) {
      if (round.state !== 'REQUESTED') return {};
      const { message } = error;
      const feishuCode = isFeishuError(error) ? error.feishuCode : undefined;
      const isSetup = error.code === 'SETUP' || error.code === 'REFUSED';
      return {
        error: isSetup
          ? explained('FEISHU_SETUP', { detail: message })
          : explained('FEISHU_UNAVAILABLE', { feishuCode }),
      };
    },

    comments: createFeishuComments(feishu),

    async remind(round, { uuid, ...about }) {
      const [approver] = round.approvers;
      if (!approver?.userId) return;
      await feishu.sendMessage(appOf(round), { receiver: approver.userId, text: reminderText(about), uuid });
    },
  };
}

const DEFINITION_CODES = [
  ...FEISHU_CODES.UNKNOWN_DEFINITION,
  ...FEISHU_CODES.DISABLED_DEFINITION,
  ...FEISHU_CODES.DELETED_DEFINITION,
];

/** Whether the instance waits for the approver. One that shows no tasks may wait for them. */
const waitsFor = (openId: string | undefined, { tasks }: FeishuInstance): boolean =>
  openId !== undefined &&
  (tasks.length === 0 || tasks.some((task) => task.status === 'PENDING' && task.openId === openId));

const explained = (code: FeishuRoundError, details: ErrorDetails): NonNullable<Round['error']> => ({
  code,
  message: feishuErrorSentence(code, details),
});

function explainInFeishu(problem: Problem): NonNullable<Round['error']> {
  switch (problem.kind) {
    case 'UNKNOWN_PERSON':
      return explained('ASSIGNEE_NOT_IN_FEISHU', problem);
    case 'REFUSED':
      return explained('FEISHU_REFUSED', problem);
    case 'DECIDED_BY_ANOTHER':
    case 'DECIDED_AUTOMATICALLY':
      return explained(problem.kind, problem);
    case 'WITHDRAWAL_REFUSED': {
      const feishuCode = isFeishuError(problem.error) ? problem.error.feishuCode : undefined;
      return explained('CANCEL_REFUSED', { feishuCode });
    }
    default:
      return problem satisfies never;
  }
}

const judgeInstance = (instance: FeishuInstance, round: Round, now: Date): Verdict =>
  judge(instance, round, APPROVER_NODE_ID, now);

/**
 * Whether an instance found by our uuid is ours: its definition and initiator are those of the round. The form is not
 * compared, because Feishu may return it changed. A foreign instance is never adopted (docs/lessons.md 35).
 */
const isOurs = (round: Round, found: FeishuInstance): boolean =>
  found.definitionCode === round.definitionCode && found.initiator === round.requester.userId;
