import { beforeEach, describe, expect, it } from 'vitest';
import { newRound } from '../../shared/approval/actions/open.ts';
import { type Channel, type ChannelError, isChannelError } from '../../shared/approval/channels/channel.ts';
import { channelOf } from '../../shared/approval/channels/create-channels.ts';
import type { Round, Subject } from '../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../shared/approval/plan/snapshot.ts';
import type { SentRequest } from '../../shared/approval/store/store.ts';
import type { IssueRecord } from '../../shared/issue/record.ts';
import { type Core, ISSUE } from './core.ts';
import { anIssue, aStage, aStep, aTask } from './issue.ts';

const STATEMENTS = ['UPDATE accounts SET alpha = 1;', 'DELETE FROM bravo WHERE id = 7;'];
const issue = anIssue({
  stages: [aStage({ tasks: STATEMENTS.map((statement, at) => aTask({ taskId: `t${at}`, statement })) })],
  approvalFlow: {
    steps: [aStep({ stepId: 'oa', kind: 'EXTERNAL', externalNodeId: 'oa', status: 'PENDING' })],
  },
});

/** The world behind an adapter, in words that fit both. */
export interface ChannelSide {
  subject: Subject;
  /** All that this channel was ever asked. */
  asked(core: Core): { status: string; text: string }[];
  approve(core: Core, comment: string): void;
  reject(core: Core, comment: string): void;
  /** The next call, of this kind if it is told, ends so. */
  loseAnswer(core: Core): void;
  fail(core: Core): void;
  limit(core: Core, seconds: number): void;
  decider: Record<string, unknown>;
  /** What a look makes of a request that was begun and never arrived: it is asked by that, or unknown. */
  unasked: 'ASKED' | 'UNKNOWN';
}

/** What every channel does alike, in front of its own simulator (docs/channels.md). */
export function describeChannel(name: string, side: ChannelSide, core: () => Core): void {
  describe(`${name} as a channel`, () => {
    let channel: Channel;
    let round: Round;
    let request: SentRequest;
    let snapshot: Snapshot;

    beforeEach(async () => {
      await core().put(issue);
      ({ channel, round, request, snapshot } = await begin(core(), side.subject));
    });

    const send = async (): Promise<Round> => ({
      ...round,
      ...(await channel.send(round, request, snapshot)).ref,
    });
    const failure = (work: Promise<unknown>): Promise<ChannelError> =>
      work.then(
        () => Promise.reject(new Error('it did not fail')),
        (error: unknown) => (isChannelError(error) ? error : Promise.reject(error)),
      );

    it('asks once, however often it is sent, and returns the same reference', async () => {
      const first = await channel.send(round, request, snapshot);
      const again = await channel.send(round, request, snapshot).catch(() => channel.look(round, snapshot));

      expect(first).toMatchObject({ ours: true, verdict: { kind: 'UNDECIDED' } });
      expect(again?.ref).toEqual(first.ref);
      expect(side.asked(core())).toHaveLength(1);
    });

    it('shows every statement of the subject in full', async () => {
      await send();
      for (const statement of STATEMENTS) expect(side.asked(core())[0]?.text).toContain(statement);
    });

    it('finds its request when the answer was lost, and sends nothing else', async () => {
      side.loseAnswer(core());
      await failure(channel.send(round, request, snapshot));

      const found = await channel.look(round, snapshot);
      expect(found).toMatchObject({ ours: true, verdict: { kind: 'UNDECIDED', now: 'ASKING' } });
      expect(side.asked(core())).toHaveLength(1);
    });

    it('looks for a request that never arrived as its documentation says', async () => {
      const seen = await channel.look(round, snapshot);
      expect(seen?.verdict.kind).toBe(side.unasked === 'ASKED' ? 'UNDECIDED' : undefined);
      expect(side.asked(core())).toHaveLength(side.unasked === 'ASKED' ? 1 : 0);
    });

    it('returns the same result, however often it looks', async () => {
      const sent = await send();
      side.approve(core(), 'Fine.');
      const seen = await channel.look(sent, snapshot);
      expect(await channel.look(sent, snapshot)).toEqual(seen);
      expect(side.asked(core())).toMatchObject([{ status: 'APPROVED' }]);
    });

    it('returns an approval with its person and comment', async () => {
      const sent = await send();
      side.approve(core(), 'Fine.');

      const { verdict } = (await channel.look(sent, snapshot)) ?? {};
      expect(verdict).toMatchObject({ kind: 'APPROVED', by: 'APPROVER' });
      expect(verdict).toMatchObject({
        decision: { result: 'APPROVED', by: side.decider, comment: 'Fine.', at: expect.stringMatching(/Z$/) },
      });
    });

    it('returns a rejection with its person and comment', async () => {
      const sent = await send();
      side.reject(core(), 'Not now.');

      expect((await channel.look(sent, snapshot))?.verdict).toMatchObject({
        kind: 'REJECTED',
        by: 'PERSON',
        decision: { result: 'REJECTED', by: side.decider, comment: 'Not now.' },
      });
    });

    it('withdraws an open request, and then sees it withdrawn', async () => {
      const sent = await send();
      expect(channel.canWithdraw(sent)).toBe(true);
      const intending: Round = { ...sent, withdraw: { reason: 'SUPERSEDED', at: sent.requestedAt } };
      await channel.withdraw(intending, snapshot);

      expect(side.asked(core()).filter(({ status }) => status === 'PENDING')).toEqual([]);
      expect((await channel.look(intending, snapshot))?.verdict).toEqual({ kind: 'CANCELED' });
    });

    it('cannot withdraw a request that it has not sent', () => {
      expect(channel.canWithdraw(round)).toBe(false);
    });

    it.each(['send', 'look', 'withdraw'] as const)(
      'fails a %s with a retryable error when it is out of reach',
      async (method) => {
        const sent = method === 'send' ? round : await send();
        side.fail(core());
        const error = await failure(
          method === 'send' ? channel.send(round, request, snapshot) : channel[method](sent, snapshot),
        );
        expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
        expect(channel.isLostForGood(sent, error, snapshot)).toBe(false);
      },
    );

    it('says how long to wait when its rate limit is reached', async () => {
      side.limit(core(), 40);
      const error = await failure(channel.send(round, request, snapshot));
      expect(error).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 40 });
    });

    it('composes nothing from a record that has changed meanwhile', async () => {
      const tasks = [aTask({ statement: 'SELECT 2;' })];
      await core().put({ ...issue, stages: [aStage({ tasks })] } satisfies IssueRecord);
      const moved = await core().work.store.read(ISSUE);

      await expect(channel.compose(round, round, moved)).rejects.toMatchObject({ code: 'STALE' });
    });
  });
}

/** Opens a round and begins to send it, as the action `send` does. */
async function begin({ work }: Core, subject: Subject) {
  const { store } = work;
  const snapshot = await store.read(ISSUE);
  const opened = newRound({ subject, generation: 1, triggers: ['NEW_STAGE'] }, snapshot, work);
  await store.open(opened);
  const channel = channelOf(opened, work);
  const people = await channel.findParticipants(opened, snapshot, { fresh: false });
  if ('missing' in people) throw new Error('the people of the test are known');
  const composed = await channel.compose(opened, people, snapshot);
  if ('none' in composed) throw new Error('no form of the test was refused');
  const { request, form } = composed;
  const begun = { ...opened, ...people, attempted: true, forms: form ? [form] : [] };
  const round = await store.save(opened, begun, request);
  return { channel, round, request, snapshot };
}
