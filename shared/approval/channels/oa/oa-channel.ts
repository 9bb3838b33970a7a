import { OaError } from '../../../external/errors.ts';
import type { OaApproval } from '../../../external/gateway.ts';
import { oaRequestOf } from '../../../external/request.ts';
import { AppError } from '../../../runtime/errors.ts';
import type { ExternalNode } from '../../../settings/external-nodes.ts';
import type { DecisionFacts, Verdict } from '../../plan/judge.ts';
import { recordAt } from '../../plan/record-and-subject.ts';
import { isLive, type Round } from '../../plan/round.ts';
import type { Snapshot } from '../../plan/snapshot.ts';
import type { SentRequest } from '../../store/store.ts';
import type { Channel, Sighting } from '../channel.ts';
import type { ChannelServices } from '../channel-services.ts';
import { OA_ERROR_SENTENCES, type OaRoundError } from './error-sentence.ts';
import { type ExternalRequest, isExternalRequest } from './sent-request.ts';
import { timed } from './timed-call.ts';

/** How long a withdrawal waits for an OA that does not answer. */
const GIVEN_UP_AFTER_MS = 60 * 60_000;
/** An outage shows on the record only after this time (docs/contract.md 1, `OA_UNAVAILABLE`). */
const REPORTED_AFTER_MS = 24 * 60 * 60_000;

const explained = (code: OaRoundError): NonNullable<Round['error']> => ({
  code,
  message: OA_ERROR_SENTENCES[code],
});

type Parts = Pick<ChannelServices, 'oa' | 'store' | 'pacer' | 'now'>;

/**
 * Creates the channel of OAs (docs/contract.md 5). An OA finds an approval only by the id that it gave. So a request
 * that was not answered is sent again, which is safe because of the Idempotency-Key. A request that the OA has lost
 * is sent again too.
 */
export function createOaChannel({ oa, store, pacer, now }: Parts): Channel {
  async function create(node: ExternalNode, request: ExternalRequest, round: Round): Promise<Sighting> {
    const approval = await timed(node, pacer, now, () => oa.create(node, request.body));
    return sightingOf(round, approval, now());
  }

  async function createAgain(node: ExternalNode, round: Round): Promise<Sighting> {
    const request = await store.readRequest(round.approvalId);
    if (!request)
      throw new AppError('REQUEST_MISSING', 'A send was begun, but its stored request is missing.');
    return create(node, forOa(request), round);
  }

  return {
    // One call may take five seconds. A request that is not answered comes back by the `checkAfter` of the round.
    sendTries: 1,
    trustsWithdrawal: true,

    findParticipants: async ({ requester }) => ({
      approvers: [],
      requester: { ...requester, bot: false },
    }),

    async compose(round, _, snapshot) {
      const { record, view } = recordAt(snapshot, round.subject);
      if (view.kind !== 'STEP' || view.content !== round.content) {
        throw new AppError('STALE', 'The record changed before the request was sent.', { retryable: true });
      }
      return { request: { channel: 'EXTERNAL', body: oaRequestOf(record, view.step, round) } };
    },

    async learn() {
      // An OA takes a whole request, so there are no forms to learn about.
    },

    send: async (round, request, snapshot) => create(nodeOf(round, snapshot), forOa(request), round),

    async look(round, snapshot) {
      const node = nodeOf(round, snapshot);
      const { externalId } = round;
      if (externalId === undefined) return createAgain(node, round);
      const approval = await timed(node, pacer, now, () => oa.read(node, externalId));
      if (approval) return sightingOf(round, approval, now());
      // The OA no longer knows the request, for example after a restart.
      return isLive(round) && !round.withdraw ? createAgain(node, round) : undefined;
    },

    async withdraw(round, snapshot) {
      const node = nodeOf(round, snapshot);
      const { externalId, approvalId } = round;
      if (externalId === undefined) return;
      const reason = round.withdraw?.reason ?? round.closeReason ?? 'SUPERSEDED';
      const answer = await timed(node, pacer, now, () => oa.cancel(node, externalId, { approvalId, reason }));
      if (answer === 'TAKEN_BACK') return;
      // A proxy in front of the OA may give this answer too, so the approval is read again before the answer is
      // believed.
      const present = await timed(node, pacer, now, () => oa.read(node, externalId));
      if (present?.canceled) return;
      const isDecided = present !== undefined && present.status !== 'PENDING';
      throw new OaError(
        isDecided ? 'REFUSED' : 'UNAVAILABLE',
        'The OA reports that it does not know the approval.',
      );
    },

    canWithdraw: (round) => round.externalId !== undefined,

    // A secret that cannot be read can be fixed. A node that was removed stays away.
    isLostForGood: ({ nodeId }, _, { nodes }) => !nodes.some((node) => node.nodeId === nodeId),

    // The OA never accepted the request, or has not answered since the intent to withdraw.
    isGivenUp({ externalId, withdraw }, error) {
      if (error.code === 'REFUSED') return externalId === undefined;
      return now().getTime() - Date.parse(withdraw?.at ?? now().toISOString()) >= GIVEN_UP_AFTER_MS;
    },

    addressOf: (_, view) => ({
      nodeId: (view.kind === 'STEP' ? view.step.externalNodeId : undefined) ?? '',
      approvers: [],
    }),

    // An OA refuses for its own reasons, which may change. So a step never fails because of a refusal.
    readRefusal: () => 'LATER',
    isDoubtful: () => false,
    passed: () => Promise.resolve({ since: false, asLarge: true }),

    explain({ kind }) {
      if (kind === 'WITHDRAWAL_REFUSED') return explained('CANCEL_REFUSED');
      // Anybody may decide for an OA, and its refusals never fail a round.
      throw new AppError('NO_SENTENCE', 'A round of an OA has no such error.');
    },

    afterFailure(round) {
      const failingSince = round.failingSince ?? now().toISOString();
      const isLong = isLive(round) && now().getTime() - Date.parse(failingSince) >= REPORTED_AFTER_MS;
      return { failingSince, ...(isLong && { error: explained('OA_UNAVAILABLE') }) };
    },
  };
}

function nodeOf({ nodeId }: Round, { nodes }: Snapshot): ExternalNode {
  const node = nodes.find((one) => one.nodeId === nodeId);
  if (!node) throw new OaError('SETUP', 'The external node of this round is no longer configured.');
  return node;
}

function forOa(request: SentRequest): ExternalRequest {
  if (isExternalRequest(request)) return request;
  throw new AppError('REQUEST_MISSING', 'The stored request of this round is not a request to an OA.');
}

const sightingOf = (round: Round, approval: OaApproval, now: Date): Sighting => ({
  ref: { externalId: approval.id },
  ours: true,
  verdict: verdictOf(round, approval, now),
  reverted: false,
});

function verdictOf(round: Round, approval: OaApproval, now: Date): Verdict {
  const isWithdrawn = round.withdraw !== undefined || !isLive(round);
  switch (approval.status) {
    case 'APPROVED':
      return { kind: 'APPROVED', by: 'APPROVER', decision: factsOf('APPROVED', approval, now) };
    case 'REJECTED':
      return { kind: 'REJECTED', by: 'PERSON', decision: factsOf('REJECTED', approval, now) };
    case 'PENDING':
      // The OA has a status of its own for a request that we withdrew. In any other case it counts as PENDING
      // (docs/contract.md 5).
      return approval.canceled && isWithdrawn ? { kind: 'CANCELED' } : { kind: 'UNDECIDED', now: 'ASKING' };
    default:
      return approval.status satisfies never;
  }
}

/** Returns the facts of a decision. An OA reports no time, so it is the time at which the decision was read. */
function factsOf(
  result: DecisionFacts['result'],
  { decidedBy, comment }: OaApproval,
  now: Date,
): DecisionFacts {
  const isEmail = decidedBy !== undefined && /^[^@\s]+@[^@\s]+$/u.test(decidedBy);
  return {
    result,
    by: decidedBy ? (isEmail ? { email: decidedBy } : { userId: decidedBy }) : {},
    at: now.toISOString(),
    ...(comment && { comment }),
  };
}
