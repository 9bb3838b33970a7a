import { beforeEach, expect, it } from 'vitest';
import type { Channel } from '../../../shared/approval/channels/channel.ts';
import { channelOf } from '../../../shared/approval/channels/create-channels.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';
import { OaError } from '../../../shared/external/errors.ts';
import { ISSUE } from '../../support/core.ts';
import { DECIDER, onlyApprovalAtOa, withFlow } from '../../support/external-steps.ts';
import { aTask } from '../../support/issue.ts';
import { useCore } from '../../support/use-core.ts';

/** What only an OA does as a channel. What every channel does is in channels.test.ts. */

const core = useCore();
let channel: Channel;
let round: Round;
let snapshot: Snapshot;
/** The round while it is being withdrawn. */
let withdrawing: Round;

beforeEach(async () => {
  await core().write(withFlow());
  snapshot = await core().work.store.read(ISSUE);
  const [stored] = snapshot.rounds;
  if (!stored) throw new Error('the OA was not asked');
  round = stored;
  withdrawing = { ...round, withdraw: { reason: 'BELL', at: round.requestedAt } };
  channel = channelOf(round, core().work);
});

const statusAt = (id = round.externalId ?? '') => core().oa.approvals.get(id)?.status;

it.each(['approve', 'reject'] as const)(
  'refuses to withdraw a decided approval (%s), which stays decided',
  async (what) => {
    core().oa.control[what](round.externalId ?? '', DECIDER);
    const decided = statusAt();
    await expect(channel.withdraw(withdrawing, snapshot)).rejects.toMatchObject({
      code: 'REFUSED',
      retryable: false,
    });
    expect(statusAt()).toBe(decided);
  },
);

it('accepts a second withdrawal of an approval that is withdrawn already', async () => {
  await channel.withdraw(withdrawing, snapshot);
  await channel.withdraw(withdrawing, snapshot);
  expect(statusAt()).toBe('CANCELED');
});

it('counts CANCELED as withdrawn only if we are withdrawing the round', async () => {
  await channel.withdraw(withdrawing, snapshot);
  expect((await channel.look(round, snapshot))?.verdict).toEqual({ kind: 'UNDECIDED', now: 'ASKING' });
  expect((await channel.look(withdrawing, snapshot))?.verdict).toEqual({ kind: 'CANCELED' });
});

it('asks an OA that has forgotten a live round again, but not for a round that is withdrawn or closed', async () => {
  core().oa.control.forget();
  expect(await channel.look(withdrawing, snapshot)).toBeUndefined();
  expect(await channel.look({ ...round, state: 'WITHDRAWN' }, snapshot)).toBeUndefined();
  expect(core().oa.approvals.size).toBe(0);

  const seen = await channel.look(round, snapshot);
  expect(seen).toMatchObject({ ours: true, ref: { externalId: onlyApprovalAtOa(core()).id } });
  expect(onlyApprovalAtOa(core()).approvalId).toBe(round.approvalId);
});

it('asks again with the stored request, without changes that are not part of the content', async () => {
  const { request } = onlyApprovalAtOa(core());
  await core().put(withFlow({ title: 'another', description: 'another' }));
  core().oa.control.forget();
  await channel.look(round, await core().work.store.read(ISSUE));
  expect(onlyApprovalAtOa(core()).request).toEqual(request);
});

it('asks again without the types of tasks if an earlier version composed the request without them', async () => {
  const { request } = onlyApprovalAtOa(core());
  const stages = request.stages.map((stage) => ({
    ...stage,
    tasks: stage.tasks.map(({ type: _, ...task }) => task),
  }));
  const body = { ...request, stages };
  await core().work.store.save(round, round, { channel: 'EXTERNAL', body });
  core().oa.control.forget();
  await channel.look(round, await core().work.store.read(ISSUE));
  expect(onlyApprovalAtOa(core()).request).toEqual(body);
  expect(body).not.toEqual(request);
});

it.each<[string, 'UNKNOWN_STATUS' | 'SLOW']>([
  ['returns an unknown status', 'UNKNOWN_STATUS'],
  ['answers slowly', 'SLOW'],
])('finds a round undecided when the OA %s', async (_, kind) => {
  core().oa.control.misbehave(kind === 'SLOW' ? { kind, ms: 4_900 } : { kind, as: 'APPROVED_BY_ALL' });
  expect((await channel.look(round, snapshot))?.verdict).toEqual({ kind: 'UNDECIDED', now: 'ASKING' });
});

it('throws UNAVAILABLE when the OA takes more than five seconds', async () => {
  core().oa.control.misbehave({ kind: 'SLOW', ms: 5_001 });
  await expect(channel.look(round, snapshot)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

it('uses the time of the look for a decision, because the OA gives no time', async () => {
  core().oa.control.approve(round.externalId ?? '', DECIDER);
  await core().clock.advance(60_000);
  expect((await channel.look(round, snapshot))?.verdict).toMatchObject({
    decision: { at: new Date(core().clock.now()).toISOString() },
  });
});

it('names no approvers, because the OA chooses who decides', async () => {
  expect(await channel.findParticipants(round, snapshot, { fresh: true })).toEqual({
    approvers: [],
    requester: { email: 'creator@example.com', bot: false },
  });
});

it('composes all fields of the contract, with the hash of the content', async () => {
  const [hash] = Object.values(round.tasks);
  const body = {
    approvalId: round.approvalId,
    issueId: ISSUE,
    url: 'https://frabit.example.com/issues/1',
    title: 'Orders get a note',
    description: null,
    project: 'shop',
    creator: { email: 'creator@example.com', name: 'Creator' },
    assignee: { email: 'assignee@example.com', name: 'Assignee' },
    createTime: round.requestedAt,
    step: { stepId: 'oa', title: 'Change board' },
    stages: [
      {
        stageId: 'stage-1',
        title: 'Production',
        environment: 'prod',
        tasks: [
          {
            taskId: 'task-1',
            title: 'Add a column',
            type: 'DDL',
            instance: 'mysql-prod-1',
            database: 'shop',
            statement: aTask().statement,
            sha256: hash,
          },
        ],
      },
    ],
    contentSha256: round.contentSha256,
  };
  expect(await channel.compose(round, round, snapshot)).toEqual({ request: { channel: 'EXTERNAL', body } });
});

it('gives up a round for good only if its node is gone', async () => {
  const error = new OaError('SETUP', 'no secret');
  expect(channel.isLostForGood(round, error, snapshot)).toBe(false);
  const gone = { ...snapshot, nodes: [] };
  expect(channel.isLostForGood(round, error, gone)).toBe(true);
  await expect(channel.look(round, gone)).rejects.toMatchObject({ code: 'SETUP', retryable: false });
});
