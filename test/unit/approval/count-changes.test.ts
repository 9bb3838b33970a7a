import { beforeEach, describe, expect, it } from 'vitest';
import type { Decision, Round } from '../../../shared/approval/plan/round.ts';
import { countChanges } from '../../../shared/approval/store/count-changes.ts';
import type { ApprovalStore } from '../../../shared/approval/store/store.ts';
import { AppError } from '../../../shared/runtime/errors.ts';
import { type Origin, runAbout } from '../../../shared/runtime/invocation.ts';
import { aCounter } from '../../support/counter.ts';
import { anIssue, aStep } from '../../support/issue.ts';
import { approvingAll, aRound, aStepRoundOf } from '../../support/round.ts';

const NOW = new Date('2026-03-01T09:00:00.000Z');
const at = (minutes: number, seconds = 0): string =>
  new Date(NOW.getTime() + minutes * 60_000 + seconds * 1_000).toISOString();
const ms = (minutes: number): number => Date.parse(at(minutes));

/** A store that writes nothing, or refuses every write. */
function aStore({ refuses = false } = {}): ApprovalStore {
  const write = async () => {
    if (refuses) throw new AppError('STALE', 'Somebody else wrote.', { retryable: true });
  };
  const unused = () => Promise.reject(new Error('not used'));
  return {
    read: unused,
    readAllRounds: unused,
    findEarlier: unused,
    readRequest: unused,
    findIssue: unused,
    remember: write,
    open: write,
    requireApproval: write,
    writeBack: write,
    approve: write,
    setExpiry: unused,
    async save(_, after) {
      await write();
      return { ...after, revision: after.revision + 1 };
    },
  };
}

let counter: ReturnType<typeof aCounter>;
let store: ApprovalStore;
beforeEach(() => {
  counter = aCounter();
  store = countChanges(aStore(), counter, () => NOW);
});

const decision = (changes: Partial<Decision> = {}): Decision => ({
  result: 'APPROVED',
  by: { email: 'assignee@example.com' },
  at: at(-10),
  applied: true,
  ...changes,
});
const pending = (changes: Partial<Round> = {}) => aRound({ requestedAt: at(-60), ...changes });
const requested = (changes: Partial<Round> = {}) => pending({ state: 'REQUESTED', ...changes });
const decided = (before: Round, changes: Partial<Decision> = {}): Round => ({
  ...before,
  state: 'APPROVED',
  decisions: [decision(changes)],
});

/** Saves a change in a run that was set off by this. Returns what was counted. */
async function counted(before: Round, changes: Partial<Round>, origin?: Origin) {
  await runAbout({}, () => store.save(before, { ...before, ...changes }), origin);
  return counter.counted;
}

describe('a round', () => {
  it('is counted when it is opened, and so is the change of the round before it', async () => {
    const before = pending();
    const after: Round = { ...before, state: 'WITHDRAWN', closeReason: 'SUPERSEDED' };

    await store.open(requested(), { before, after });
    await store.open(requested());

    expect(counter.counted).toEqual({
      ApprovalRequested: 2,
      ApprovalWithdrawn: 1,
      'ApprovalWithdrawn:SUPERSEDED': 1,
    });
  });

  it('is counted when it is sent, with the time since it was opened', async () => {
    expect(await counted(requested({ requestedAt: at(-2) }), { state: 'PENDING' })).toEqual({
      ApprovalSent: 1,
      TimeToCard: 120_000,
    });
  });

  it.each<[string, Origin, number]>([
    ['since the change that this run handles', { kind: 'CHANGE', at: ms(-5) }, 300_000],
    ['since it was opened, if the change came later', { kind: 'CHANGE', at: ms(-1) }, 120_000],
    ['since it was opened, if the time of the change is unknown', { kind: 'CHANGE' }, 120_000],
    ['since it was opened, if an event set off the run', { kind: 'EVENT', at: ms(-5) }, 120_000],
    ['since it was opened, if the sweep set off the run', { kind: 'OTHER', at: ms(-5) }, 120_000],
  ])('is sent with the time %s', async (_what, origin, TimeToCard) => {
    expect(await counted(requested({ requestedAt: at(-2) }), { state: 'PENDING' }, origin)).toMatchObject({
      TimeToCard,
    });
  });

  it.each(['APPROVED', 'REJECTED', 'CANCELED', 'DELETED', 'EXPIRED', 'REVERTED'] as const)(
    'is counted as decided when it is %s',
    async (state) => {
      expect(await counted(pending(), { state })).toEqual({
        ApprovalDecided: 1,
        [`ApprovalDecided:${state}`]: 1,
      });
    },
  );

  it('is counted by its code when it failed', async () => {
    const error = { code: 'DECIDED_BY_ANOTHER', message: '' } as const;

    expect(await counted(pending(), { state: 'FAILED', error })).toEqual({
      ApprovalFailed: 1,
      'ApprovalFailed:DECIDED_BY_ANOTHER': 1,
    });
  });

  it('is counted for its assignee when Feishu does not know them', async () => {
    const error = { code: 'ASSIGNEE_NOT_IN_FEISHU', message: '' } as const;

    expect(await counted(requested(), { state: 'FAILED', error })).toMatchObject({
      ApprovalFailed: 1,
      'PersonUnknown:ASSIGNEE': 1,
    });
  });

  it('is counted for its creator when the bot begins to ask in their place, once', async () => {
    const before = requested();
    const requester = { ...before.requester, bot: true };

    await counted(before, { requester });
    await counted({ ...before, requester }, { attempted: true });

    expect(counter.counted).toEqual({ PersonUnknown: 1, 'PersonUnknown:CREATOR': 1 });
  });

  it.each<[string, Partial<Round>]>([
    ['looked at', { looks: 3 }],
    ['reminded', { reminders: { sent: 1 } }],
    ['told of an error', { error: { code: 'FEISHU_SETUP', message: '' } }],
  ])('is not counted when it is only %s', async (_what, changes) => {
    expect(await counted(pending(), changes)).toEqual({});
  });

  it.each<[string, (store: ApprovalStore) => Promise<unknown>]>([
    ['open', (one) => one.open(requested(), { before: pending(), after: pending({ state: 'EXPIRED' }) })],
    ['save', (one) => one.save(pending(), pending({ state: 'EXPIRED' }))],
    [
      'approve',
      (one) => {
        const before = pending();
        return one.approve({ ...approvingAll(before, decided(before)), raw: {}, taskIds: [] });
      },
    ],
  ])('is not counted when its %s is refused', async (_what, write) => {
    store = countChanges(aStore({ refuses: true }), counter, () => NOW);

    await expect(write(store)).rejects.toMatchObject({ code: 'STALE' });

    expect(counter.counted).toEqual({});
  });
});

describe('a wait for the rate limit', () => {
  it.each<[string, Partial<Round>]>([
    ['gets a later slot', { slots: { create: at(1) } }],
    ['is put in a line', { waiting: { api: 'create', since: at(0) } }],
  ])('is counted when the round %s', async (_what, changes) => {
    expect(await counted(requested(), changes)).toEqual({ LimitWait: 1 });
  });

  it('is counted once if the round waits in a line and then for its slot', async () => {
    const inLine = requested({ waiting: { api: 'create', since: at(-1) } });

    await counted(inLine, { waiting: undefined, slots: { create: at(1) } });
    await counted({ ...inLine, slots: { create: at(1) } }, { slots: { create: at(2) } });

    expect(counter.counted).toEqual({});
  });
});

describe('a decision', () => {
  /** Looks at a round, at a hint that was sent just now, and finds a decision. */
  const lookAt = (
    before: Round,
    made: Partial<Decision>,
    origin: Origin = { kind: 'OTHER', queuedAt: ms(0) },
  ) => counted(before, decided(before, made), origin);

  it('is measured from the receipt of its event until it is stored', async () => {
    const before = pending();
    const change = { ...approvingAll(before, decided(before)), raw: {}, taskIds: [] };

    await runAbout({}, () => store.approve(change), { kind: 'EVENT', at: NOW.getTime() - 1_500 });

    expect(counter.counted).toEqual({
      ApprovalDecided: 1,
      'ApprovalDecided:APPROVED': 1,
      TimeToTransaction: 1_500,
    });
  });

  it('is not measured by an event whose receipt is not known', async () => {
    expect(await lookAt(pending(), {}, { kind: 'EVENT' })).not.toHaveProperty('TimeToTransaction');
  });

  it('is measured from its own time if Feishu could not be read when its event came', async () => {
    const told = pending({ missed: ['APPROVED'] });

    expect(await lookAt(told, { at: at(-10) })).toMatchObject({ TimeToTransaction: 600_000 });
    expect(await lookAt(told, { at: '' })).not.toHaveProperty('TimeToTransaction', Number.NaN);
  });

  it('that no event reported is counted when it is found by a look', async () => {
    expect(await lookAt(pending(), { at: at(-2, -1) })).toMatchObject({ DecisionFoundByLook: 1 });
  });

  it('that no event reported is counted when a change of the record led to the look', async () => {
    const origin: Origin = { kind: 'CHANGE', at: ms(-1), queuedAt: ms(-1) };

    expect(await lookAt(pending(), { at: at(-4) }, origin)).toMatchObject({ DecisionFoundByLook: 1 });
  });

  it.each<[string, Round, Partial<Decision>, Origin?]>([
    ['is younger than two minutes when the hint is sent', pending(), { at: at(-1, -59) }],
    ['was reported by an event', pending(), { at: at(-10) }, { kind: 'EVENT', at: ms(0), queuedAt: ms(0) }],
    ['was reported by an event that is kept', pending({ missed: ['APPROVED'] }), { at: at(-10) }],
    ['comes after the round was closed', pending({ state: 'WITHDRAWN' }), { at: at(-10) }],
    [
      'comes from an OA, which need not send events',
      aStepRoundOf(anIssue({ approvalFlow: { steps: [aStep({ kind: 'EXTERNAL', externalNodeId: 'oa' })] } })),
      { at: at(-10) },
    ],
    ['was found by a command, without a hint', pending(), { at: at(-10) }, { kind: 'OTHER' }],
    ['has no time', pending(), { at: '' }],
  ])('is not counted as found by a look if it %s', async (_what, before, made, origin) => {
    expect(await lookAt(before, made, origin)).not.toHaveProperty('DecisionFoundByLook');
  });

  it('is counted once, not at each look that finds it again', async () => {
    const before = decided(pending(), { applied: false });

    expect(await counted(before, { looks: 1 }, { kind: 'OTHER', queuedAt: ms(0) })).toEqual({});
  });
});
