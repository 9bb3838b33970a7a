import { beforeEach, describe, expect, it } from 'vitest';
import {
  type ActionResult,
  AGAIN,
  LATER,
  type Reconciling,
} from '../../../shared/approval/actions/action-result.ts';
import { atItsTurn } from '../../../shared/approval/actions/at-its-turn.ts';
import { createDynamoFormMemories } from '../../../shared/approval/channels/feishu/form-memory-store.ts';
import { timed } from '../../../shared/approval/channels/oa/timed-call.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';
import { ownerOf, placeInLine } from '../../../shared/approval/plan/waiting-line.ts';
import { createDynamoStore } from '../../../shared/approval/store/dynamo-store.ts';
import { createDynamoPacer, type Pacer } from '../../../shared/approval/store/pacing.ts';
import { createFeishuGateway } from '../../../shared/feishu/client.ts';
import { createFakeDynamoDb } from '../../simulation/dynamodb/fake-dynamodb.ts';
import { aClock, type ManualClock } from '../../support/clock.ts';
import { anIssue, imageOf } from '../../support/issue.ts';
import { gatewayTo, NODE } from '../../support/oa.ts';
import { anOaStep, aRoundOf, aStepRoundOf } from '../../support/round.ts';
import { aSlotRequest } from '../../support/slot-request.ts';
import { withChannels } from '../../support/with-channels.ts';

const ISSUE = 'issue-1';
const issue = anIssue({ approvalFlow: { steps: [anOaStep()] } });
const nobody = () => Promise.reject(new Error('this test calls nobody'));

let clock: ManualClock;
let pacer: Pacer;
let work: Reconciling;
beforeEach(() => {
  clock = aClock();
  const { documents, tables } = createFakeDynamoDb();
  pacer = createDynamoPacer(documents, tables.approvalTableName);
  work = withChannels({
    store: createDynamoStore(documents, tables),
    pacer,
    forms: createDynamoFormMemories(documents, tables.approvalTableName),
    feishu: createFeishuGateway({ credentials: nobody, fetch: nobody }),
    oa: gatewayTo(nobody, clock.date),
    now: clock.date,
    newId: () => 'id',
    sleep: clock.advance,
    log: () => undefined,
  });
});

/** Stores a round, and returns the snapshot that a plan would read. */
async function stored(round: Round): Promise<Snapshot> {
  await work.store.open(round);
  const raw = imageOf(issue);
  return { ...(await work.store.read(ISSUE)), issue: { kind: 'VALID', record: issue, ours: {}, raw } };
}
const reread = async (): Promise<Round | undefined> => (await work.store.read(ISSUE)).rounds[0];

/** Returns an action that does nothing, and the list of its calls. */
function aRecorder() {
  const calls: { slots: Round['slots'] | undefined; at: number }[] = [];
  const act = async ({ rounds }: Snapshot): Promise<ActionResult> => {
    calls.push({ slots: rounds[0]?.slots, at: clock.now() });
    return AGAIN;
  };
  return { calls, act };
}

/** Reserves this many calls for other rounds. */
async function reserveCalls(calls: number): Promise<void> {
  for (let made = 0; made < calls; made++)
    await pacer.reserve(NODE.nodeId, 'call', aSlotRequest(clock.date()));
}

const within = (round: Round | undefined): number | undefined =>
  round?.checkAfter === undefined ? undefined : Date.parse(round.checkAfter) - clock.now();

describe('the owner of paced calls', () => {
  it.each(['create', 'cancel'] as const)('is nobody for a %s at an OA: its calls share one line', (api) => {
    expect(ownerOf(aStepRoundOf(issue), api)).toBeUndefined();
    expect(ownerOf(aStepRoundOf(issue), 'call')).toBe(NODE.nodeId);
  });

  it.each(['create', 'cancel'] as const)('is the app for a %s in Feishu', (api) => {
    const round = aRoundOf(issue);
    expect(ownerOf(round, api)).toBe(round.appId);
    expect(ownerOf(round, 'call')).toBeUndefined();
  });
});

describe('an action at an OA', () => {
  it('runs at once when nobody else calls the OA', async () => {
    const { calls, act } = aRecorder();
    const round = aStepRoundOf(issue);
    expect(await atItsTurn(round.approvalId, await stored(round), work, act)).toEqual(AGAIN);
    expect(calls).toEqual([{ slots: {}, at: clock.now() }]);
  });

  it('waits in the worker for a turn that is near', async () => {
    await reserveCalls(2);
    const begun = clock.now();
    const { calls, act } = aRecorder();
    const round = aStepRoundOf(issue);
    expect(await atItsTurn(round.approvalId, await stored(round), work, act)).toEqual(AGAIN);
    expect(calls.map(({ at }) => at - begun)).toEqual([500]);
  });

  it('hides its message for a turn that is further away, and keeps that turn', async () => {
    await reserveCalls(20);
    const { calls, act } = aRecorder();
    const round = aStepRoundOf(issue);
    const snapshot = await stored(round);
    expect(await atItsTurn(round.approvalId, snapshot, work, act)).toEqual({
      kind: 'WAIT',
      seconds: 5,
      forSlot: true,
    });
    expect(calls).toEqual([]);
    expect((await reread())?.slots.call).toBe(new Date(clock.now() + 5_000).toISOString());

    await clock.advance(5_000);
    const again = await work.store.read(ISSUE);
    expect(await atItsTurn(round.approvalId, { ...snapshot, rounds: again.rounds }, work, act)).toEqual(
      AGAIN,
    );
    expect(calls).toEqual([{ slots: {}, at: clock.now() }]);
  });

  it('is hinted by the sweep if its message is lost', async () => {
    await reserveCalls(20);
    const round = aStepRoundOf(issue);
    await atItsTurn(round.approvalId, await stored(round), work, aRecorder().act);
    expect(within(await reread())).toBe(65_000);
  });

  it('docs/lessons.md 37: waits in line if the next turn is more than a minute away', async () => {
    await reserveCalls(241);
    const { calls, act } = aRecorder();
    const round = aStepRoundOf(issue);
    expect(await atItsTurn(round.approvalId, await stored(round), work, act)).toEqual(LATER);
    expect(calls).toEqual([]);
    const since = clock.date().toISOString();
    const line = { api: 'call', owner: NODE.nodeId } as const;
    expect(await reread()).toMatchObject({
      checkAfter: placeInLine(line, since),
      waiting: { api: 'call', since },
      slots: {},
    });
  });

  it('keeps the missed events of its round when it waits in line', async () => {
    await reserveCalls(300);
    const round = aStepRoundOf(issue, { state: 'WITHDRAWN' });
    await atItsTurn(round.approvalId, await stored(round), work, aRecorder().act, { missed: ['CHANGED'] });
    expect(await reread()).toMatchObject({ missed: ['CHANGED'] });
  });

  it('keeps its turn, however many calls were reserved after it', async () => {
    await reserveCalls(20);
    const round = aStepRoundOf(issue);
    const snapshot = await stored(round);
    await atItsTurn(round.approvalId, snapshot, work, aRecorder().act);
    await reserveCalls(400);
    await clock.advance(5_000);
    const { calls, act } = aRecorder();
    const { rounds } = await work.store.read(ISSUE);
    expect(await atItsTurn(round.approvalId, { ...snapshot, rounds }, work, act)).toEqual(AGAIN);
    expect(calls).toHaveLength(1);
  });

  it('does not wait for another OA or for Feishu', async () => {
    await reserveCalls(300);
    for (const round of [aStepRoundOf(issue, { nodeId: 'another' }), aRoundOf(issue)]) {
      const { calls, act } = aRecorder();
      await atItsTurn(round.approvalId, await stored(round), work, act);
      expect(calls).toHaveLength(1);
    }
  });
});

describe('a call to an OA', () => {
  const spacing = async (): Promise<number> => {
    const first = await pacer.reserve(NODE.nodeId, 'call', aSlotRequest(clock.date()));
    const second = await pacer.reserve(NODE.nodeId, 'call', aSlotRequest(clock.date()));
    return Number(second) - Number(first);
  };

  it('reports its duration, and returns its answer', async () => {
    const call = async () => {
      await clock.advance(3_000);
      return 'answer';
    };
    expect(await timed(NODE, pacer, clock.date, call)).toBe('answer');
    expect(await spacing()).toBe(4_096);
  });

  it('reports its duration and throws the same error when it fails', async () => {
    const failed = new Error('no answer');
    const call = async () => {
      await clock.advance(5_000);
      throw failed;
    };
    await expect(timed(NODE, pacer, clock.date, call)).rejects.toBe(failed);
    expect(await spacing()).toBe(5_000);
  });

  it('that is fast again reduces the spacing', async () => {
    await pacer.observe(NODE.nodeId, 'call', 5_000);
    await timed(NODE, pacer, clock.date, async () => 'quick');
    expect(await spacing()).toBe(16);
  });
});
