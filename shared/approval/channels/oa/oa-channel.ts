import { OaError } from '../../../external/errors.ts';
import type { OaApproval } from '../../../external/gateway.ts';
import { oaRequestOf } from '../../../external/request.ts';
import { AppError } from '../../../runtime/errors.ts';
import type { ExternalNode } from '../../../settings/external-nodes.ts';
import type { DecisionFacts, Verdict } from '../../plan/judge.ts';
import { recordAt } from '../../plan/record-at.ts';
import { isLive, type Round } from '../../plan/round.ts';
import type { Snapshot } from '../../plan/snapshot.ts';
import type { SentRequest } from '../../store/store.ts';
import type { Channel, Sighting } from '../channel.ts';
import type { ChannelServices } from '../services.ts';
import { OA_ERROR_SENTENCES, type OaRoundError } from './error-sentence.ts';
import { type ExternalRequest, isExternalRequest } from './sent-request.ts';
import { timed } from './timed-call.ts';

/** A withdrawal waits this long for an OA that does not answer. */
const GIVEN_UP_AFTER_MS = 60 * 60_000;
/** Before that nobody need know (docs/contract.md 1, `OA_UNAVAILABLE`). */
const REPORTED_AFTER_MS = 24 * 60 * 60_000;

const explained = (code: OaRoundError): NonNullable<Round['error']> => ({
  code,
  message: OA_ERROR_SENTENCES[code],
});

type Parts = Pick<ChannelServices, 'oa' | 'store' | 'pacer' | 'now'>;

/**
 * An OA as a channel (docs/contract.md 5). It finds an approval only by the id that it gave: what it was asked, and
 * did not answer, is asked again, which is safe by the Idempotency-Key; so is what it has forgotten.
 */
export function createOaChannel({ oa, store, pacer, now }: Parts): Channel {
  async function create(node: ExternalNode, request: ExternalRequest, round: Round): Promise<Sighting> {
    const approval = await timed(node, pacer, now, () => oa.create(node, request.body));
    return sightingOf(round, approval, now());
  }

  async function createAgain(node: ExternalNode, round: Round): Promise<Sighting> {
    const request = await store.readRequest(round.approvalId);
    if (!request)
      throw new AppError('REQUEST_MISSING', 'A send was begun, but what was shown is not stored.');
    return create(node, forOa(request), round);
  }

  return {
    // One call may take five seconds: what is not answered comes back by the round's checkAfter.
    sendTries: 1,
    trustsWithdrawal: true,

    findParticipants: async ({ requester }) => ({
      approvers: [],
      requester: { ...requester, bot: false },
    }),

    async compose(round, _, snapshot) {
      const { record, view } = recordAt(snapshot, round.subject);
      if (view.kind !== 'STEP' || view.content !== round.content) {
        throw new AppError('STALE', 'The record moved on before it was sent.', { retryable: true });
      }
      return { request: { channel: 'EXTERNAL', body: oaRequestOf(record, view.step, round) } };
    },

    async learn() {
      // An OA takes a request whole.
    },

    send: async (round, request, snapshot) => create(nodeOf(round, snapshot), forOa(request), round),

    async look(round, snapshot) {
      const node = nodeOf(round, snapshot);
      const { externalId } = round;
      if (externalId === undefined) return createAgain(node, round);
      const approval = await timed(node, pacer, now, () => oa.read(node, externalId));
      if (approval) return sightingOf(round, approval, now());
      // It has been restarted, and has forgotten what it was asked.
      return isLive(round) && !round.withdraw ? createAgain(node, round) : undefined;
    },

    async withdraw(round, snapshot) {
      const node = nodeOf(round, snapshot);
      const { externalId, approvalId } = round;
      if (externalId === undefined) return;
      const reason = round.withdraw?.reason ?? round.closeReason ?? 'SUPERSEDED';
      const answer = await timed(node, pacer, now, () => oa.cancel(node, externalId, { approvalId, reason }));
      if (answer === 'TAKEN_BACK') return;
      // Something before the OA may say so as well: it is looked for again before it is believed.
      const still = await timed(node, pacer, now, () => oa.read(node, externalId));
      if (still?.canceled) return;
      const isDecided = still !== undefined && still.status !== 'PENDING';
      throw new OaError(
        isDecided ? 'REFUSED' : 'UNAVAILABLE',
        'The OA says that it does not know the approval.',
      );
    },

    canWithdraw: (round) => round.externalId !== undefined,

    // A secret that cannot be read will be mended; a node that is gone leads nowhere.
    isLostForGood: ({ nodeId }, _, { nodes }) => !nodes.some((node) => node.nodeId === nodeId),

    // It never took the request, or has been silent since the intent.
    isGivenUp({ externalId, withdraw }, error) {
      if (error.code === 'REFUSED') return externalId === undefined;
      return now().getTime() - Date.parse(withdraw?.at ?? now().toISOString()) >= GIVEN_UP_AFTER_MS;
    },

    addressOf: (_, view) => ({
      nodeId: (view.kind === 'STEP' ? view.step.externalNodeId : undefined) ?? '',
      approvers: [],
    }),

    // An OA refuses for its own reasons, and may have others tomorrow: a step never fails for it.
    readRefusal: () => 'LATER',
    isDoubtful: () => false,
    passed: () => Promise.resolve({ since: false, asLarge: true }),

    explain({ kind }) {
      if (kind === 'WITHDRAWAL_REFUSED') return explained('CANCEL_REFUSED');
      // Whoever answers for an OA may decide, and its refusals never fail a round.
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
  if (!node)
    throw new OaError('SETUP', 'The external approval node of this round is not configured any more.');
  return node;
}

function forOa(request: SentRequest): ExternalRequest {
  if (isExternalRequest(request)) return request;
  throw new AppError('REQUEST_MISSING', 'What is stored of this round is no request to an OA.');
}

const sightingOf = (round: Round, approval: OaApproval, now: Date): Sighting => ({
  ref: { externalId: approval.id },
  ours: true,
  verdict: verdictOf(round, approval, now),
  reverted: false,
});

function verdictOf(round: Round, approval: OaApproval, now: Date): Verdict {
  const takenBack = round.withdraw !== undefined || !isLive(round);
  switch (approval.status) {
    case 'APPROVED':
      return { kind: 'APPROVED', by: 'APPROVER', decision: factsOf('APPROVED', approval, now) };
    case 'REJECTED':
      return { kind: 'REJECTED', by: 'PERSON', decision: factsOf('REJECTED', approval, now) };
    case 'PENDING':
      // A word of its own for what we took back; for anything else it counts as PENDING (docs/contract.md 5).
      return approval.canceled && takenBack ? { kind: 'CANCELED' } : { kind: 'UNDECIDED', now: 'ASKING' };
    default:
      return approval.status satisfies never;
  }
}

/** The OA says no time: it is the one at which we were told. */
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
