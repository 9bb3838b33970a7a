import { beforeEach, describe, expect, it } from 'vitest';
import { newRound } from '../../../shared/approval/actions/open.ts';
import {
  type Channel,
  type ChannelError,
  isChannelError,
} from '../../../shared/approval/channels/channel.ts';
import { channelOf } from '../../../shared/approval/channels/create-channels.ts';
import type { Round, Subject } from '../../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';
import type { SentRequest } from '../../../shared/approval/store/store.ts';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { ASSIGNEE, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import { useCore } from '../../support/use-core.ts';

/** What every channel must do. Each adapter is the real one and talks to its simulator (docs/design.md 4). */

const core = useCore();

const STATEMENTS = ['UPDATE accounts SET alpha = 1;', 'DELETE FROM bravo WHERE id = 7;'];
const issue = anIssue({
  stages: [aStage({ tasks: STATEMENTS.map((statement, at) => aTask({ taskId: `t${at}`, statement })) })],
  approvalFlow: {
    steps: [aStep({ stepId: 'oa', kind: 'EXTERNAL', externalNodeId: 'oa', status: 'PENDING' })],
  },
});

/** What is behind an adapter, in terms that fit both. */
interface Side {
  subject: Subject;
  /** Every request that this channel ever received. */
  asked(core: Core): { status: string; text: string }[];
  approve(core: Core, comment: string): void;
  reject(core: Core, comment: string): void;
  /** The next call fails in this way. */
  loseAnswer(core: Core): void;
  fail(core: Core): void;
  limit(core: Core, seconds: number): void;
  decider: Record<string, unknown>;
  /** What a look at a request that never arrived does: the OA is asked by that look, Feishu does not know it. */
  unasked: 'ASKED' | 'UNKNOWN';
}

const card = ({ simulator }: Core) => {
  const [first] = simulator.control.inbox(ASSIGNEE).pending;
  if (!first) throw new Error('no card waits');
  return first.instanceCode;
};
const approval = ({ oa }: Core) => [...oa.approvals.keys()].at(-1) ?? '';

const SIDES: Record<string, Side> = {
  Feishu: {
    subject: { kind: 'STAGE', id: 'stage-1' },
    asked: ({ simulator }) => {
      const { pending, decided } = simulator.control.inbox(ASSIGNEE);
      return [...pending, ...decided].map((one) => ({ status: one.status, text: JSON.stringify(one.form) }));
    },
    approve: (at, comment) => void at.simulator.control.approve(card(at), ASSIGNEE, comment),
    reject: (at, comment) => void at.simulator.control.reject(card(at), ASSIGNEE, comment),
    loseAnswer: ({ simulator }) =>
      simulator.control.misbehave({ kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 }),
    fail: ({ simulator }) => simulator.control.misbehave({ kind: 'BAD_GATEWAY' }),
    limit: ({ simulator }, resetSeconds) =>
      simulator.control.misbehave({ kind: 'RATE_LIMITED', resetSeconds, times: 10 }),
    decider: { email: ASSIGNEE },
    unasked: 'UNKNOWN',
  },
  'an OA': {
    subject: { kind: 'STEP', id: 'oa' },
    asked: ({ oa }) =>
      [...oa.approvals.values()].map(({ status, request }) => ({ status, text: JSON.stringify(request) })),
    approve: (at, comment) => void at.oa.control.approve(approval(at), 'board@example.com', comment),
    reject: (at, comment) => void at.oa.control.reject(approval(at), 'board@example.com', comment),
    loseAnswer: ({ oa }) => oa.control.misbehave({ kind: 'RESET_AFTER', on: 'POST', times: 1 }),
    fail: ({ oa }) => oa.control.misbehave({ kind: 'STATUS', status: 502 }),
    limit: ({ oa }, retryAfterSeconds) =>
      oa.control.misbehave({ kind: 'STATUS', status: 429, retryAfterSeconds, times: 10 }),
    decider: { email: 'board@example.com' },
    unasked: 'ASKED',
  },
};

describe.each(Object.entries(SIDES))('%s as a channel', (_, side) => {
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
