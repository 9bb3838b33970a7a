import { APPROVER_NODE_ID } from '../../../feishu/definition.ts';
import type { FeishuInstance } from '../../../feishu/gateway.ts';
import { judge, type Verdict } from '../../plan/judge.ts';
import type { Round } from '../../plan/round.ts';
import type { Channel, Sighting } from '../channel.ts';
import type { ChannelServices } from '../services.ts';
import { appOf } from './app.ts';
import { findParticipants } from './participants.ts';
import { composeForm, refusedForms, requestBody } from './request.ts';

/** A send whose answer is lost is tried so often before the round waits for Feishu to come back. */
const SEND_TRIES = 3;

type Parts = Pick<ChannelServices, 'feishu' | 'store' | 'forms' | 'now'>;

/** Feishu as a channel: an instance of our definition, found again by its uuid (docs/feishu.md 3 and 4). */
export function createFeishuChannel({ feishu, store, forms, now }: Parts): Channel {
  const sightingOf = (round: Round, instance: FeishuInstance): Sighting => ({
    ref: { instanceCode: instance.instanceCode },
    ours: isOurs(round, instance),
    verdict: judgeInstance(instance, round, now()),
    reverted: instance.reverted,
  });

  return {
    sendTries: SEND_TRIES,
    // Feishu opens what was just approved again when it is cancelled: only a look tells.
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

    // An app that is no longer the team's, and whose keys are refused.
    isLostForGood: (round, error, { settings }) =>
      error.code === 'SETUP' && settings !== undefined && settings.appId !== round.appId,
  };
}

export const judgeInstance = (instance: FeishuInstance, round: Round, now: Date): Verdict =>
  judge(instance, round, APPROVER_NODE_ID, now);

/**
 * An instance found by our uuid is ours if definition and initiator are this round's; the form is not compared,
 * Feishu may give it back changed. A foreign one is never adopted (docs/lessons.md 35).
 */
const isOurs = (round: Round, found: FeishuInstance): boolean =>
  found.definitionCode === round.definitionCode && found.initiator === round.requester.userId;
