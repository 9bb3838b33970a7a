import type { Channel, Problem, Sighting } from '../../shared/approval/channels/channel.ts';
import type { ChannelServices } from '../../shared/approval/channels/channel-services.ts';
import { coverOf } from '../../shared/approval/plan/cover.ts';
import type { DecisionFacts, Verdict } from '../../shared/approval/plan/judge.ts';
import { recordAt } from '../../shared/approval/plan/record-and-subject.ts';
import type { Round } from '../../shared/approval/plan/round.ts';
import { AppError } from '../../shared/runtime/errors.ts';
import { MAIL_POLICY, mailRequestSchema } from './mail-policy.ts';
import { box, type Mail } from './mailbox.ts';

/** The member of a round that the registration adds; the compiled schema does not know it. */
const mailIdOf = (round: Round): string | undefined => {
  const id: unknown = Reflect.get(round, MAIL_POLICY.ref);
  return typeof id === 'string' ? id : undefined;
};

export function createMailChannel({ now }: Pick<ChannelServices, 'now'>): Channel {
  const find = (round: Round): Mail | undefined =>
    box().mails.find(({ mailId }) => mailId === `mail-${round.approvalId}`);

  return {
    sendTries: 1,
    trustsWithdrawal: true,

    async findParticipants({ approvers, requester }) {
      const stranger = approvers.find(({ email }) => box().strangers.has(email));
      if (stranger) return { missing: stranger.email };
      return {
        approvers: approvers.map(({ email }) => ({ email, userId: email })),
        requester: { ...requester, userId: requester.email, bot: false },
      };
    },

    async compose(round, { approvers, requester }, snapshot) {
      const { record, view } = recordAt(snapshot, round.subject);
      if (view.kind !== 'STAGE' || view.content !== round.content)
        throw new AppError('STALE', 'The record moved on before it was sent.', { retryable: true });
      const statements = view.stage.tasks.map(({ statement }) => statement).join('\n');
      const text = `${record.title}\n${statements}\n${round.contentSha256}`;
      const request = { channel: 'MAIL', to: approvers[0]?.email ?? '', from: requester.email, text };
      return { request, cover: coverOf(view.stage) } as unknown as Awaited<ReturnType<Channel['compose']>>;
    },

    learn: () => Promise.resolve(),

    send: (round, request) =>
      box().call(() => {
        const mailId = `mail-${round.approvalId}`;
        if (!find(round))
          box().mails.push({
            ...mailRequestSchema.parse(request),
            mailId,
            status: 'PENDING',
            comments: [],
          });
        return sightingOf(round, find(round), now());
      }) as Promise<Sighting>,

    look: (round) => box().call(() => sightingOf(round, find(round), now())),

    withdraw: (round) =>
      box().call(() => {
        const mail = find(round);
        if (mail?.status === 'PENDING') mail.status = 'CANCELED';
      }),

    canWithdraw: (round) => mailIdOf(round) !== undefined,
    isLostForGood: () => false,
    isGivenUp: () => false,

    addressOf({ assignee }) {
      if (!assignee) throw new AppError('STALE', 'The stage has no assignee any more.', { retryable: true });
      return { approvers: [{ email: assignee.email }] };
    },

    readRefusal: () => 'FINAL',
    isDoubtful: () => false,
    passed: () => Promise.resolve({ since: false, asLarge: true }),
    explain: explainByMail,
    afterFailure: ({ state }) => (state === 'REQUESTED' ? { error: explained('MAIL_UNAVAILABLE') } : {}),

    comments: {
      canWrite: (round) => find(round) !== undefined,
      textOf: (kind, { reason }) => (reason ? `${kind}: ${reason}` : kind),
      findMissing: (round, texts) =>
        box().call(() => texts.filter((text) => !find(round)?.comments.includes(text))),
      write: (round, text) => box().call(() => void find(round)?.comments.push(text)),
    },
  };
}

type MailErrorCode = (typeof MAIL_POLICY.errorCodes)[number] | Problem['kind'];

const explained = (code: MailErrorCode) =>
  ({ code, message: `The mail says: ${code}.` }) as unknown as NonNullable<Round['error']>;

function explainByMail({ kind }: Problem): NonNullable<Round['error']> {
  switch (kind) {
    case 'UNKNOWN_PERSON':
      return explained('NOBODY_BY_MAIL');
    case 'REFUSED':
      return explained('MAIL_REFUSED');
    case 'DECIDED_BY_ANOTHER':
    case 'DECIDED_AUTOMATICALLY':
      return explained(kind);
    case 'WITHDRAWAL_REFUSED':
      return { code: 'CANCEL_REFUSED', message: 'The mail cannot be called back.' };
    default:
      return kind satisfies never;
  }
}

function sightingOf(round: Round, mail: Mail | undefined, now: Date): Sighting | undefined {
  if (!mail) return undefined;
  const ref: object = { [MAIL_POLICY.ref]: mail.mailId };
  return { ref, ours: mail.to === round.approvers[0]?.email, verdict: verdictOf(mail, now), reverted: false };
}

function verdictOf(mail: Mail, now: Date): Verdict {
  switch (mail.status) {
    case 'APPROVED':
      return { kind: 'APPROVED', by: 'APPROVER', decision: factsOf('APPROVED', mail, now) };
    case 'REJECTED':
      return { kind: 'REJECTED', by: 'PERSON', decision: factsOf('REJECTED', mail, now) };
    case 'CANCELED':
      return { kind: 'CANCELED' };
    case 'PENDING':
      return { kind: 'UNDECIDED', now: 'ASKING' };
    default:
      return mail.status satisfies never;
  }
}

const factsOf = (
  result: DecisionFacts['result'],
  { decidedBy, comment }: Mail,
  now: Date,
): DecisionFacts => ({
  result,
  by: { ...(decidedBy !== undefined && { email: decidedBy }) },
  at: now.toISOString(),
  ...(comment !== undefined && { comment }),
});
