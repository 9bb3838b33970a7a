import { beforeEach, describe, expect, it } from 'vitest';
import {
  type ActionResult,
  AGAIN,
  LATER,
  type Reconciling,
} from '../../../shared/approval/actions/action-result.ts';
import { atItsTurn } from '../../../shared/approval/actions/at-its-turn.ts';
import { createDynamoFormMemories } from '../../../shared/approval/channels/feishu/form-memories.ts';
import { timed } from '../../../shared/approval/channels/oa/timed-call.ts';
import { ownerOf, placeInLine } from '../../../shared/approval/plan/line.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';
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
const nobody = () => Promise.reject(new Error('nobody is called here'));

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

/** A round in the table, and all that a plan would have read. */
async function stored(round: Round): Promise<Snapshot> {
  await work.store.open(round);
  const raw = imageOf(issue);
  return { ...(await work.store.read(ISSUE)), issue: { kind: 'VALID', record: issue, ours: {}, raw } };
}
const reread = async (): Promise<Round | undefined> => (await work.store.read(ISSUE)).rounds[0];

/** Does nothing, and tells what it was given and when. */
function aWitness() {
  const calls: { slots: Round['slots'] | undefined; at: number }[] = [];
  const step = async ({ rounds }: Snapshot): Promise<ActionResult> => {
    calls.push({ slots: rounds[0]?.slots, at: clock.now() });
    return AGAIN;
  };
  return { calls, step };
}

/** Others have reserved this many calls already. */
async function others(calls: number): Promise<void> {
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

describe('a step at an OA', () => {
  it('is done at once when nobody else calls it', async () => {
    const { calls, step } = aWitness();
    const round = aStepRoundOf(issue);
    expect(await atItsTurn(round.approvalId, await stored(round), work, step)).toEqual(AGAIN);
    expect(calls).toEqual([{ slots: {}, at: clock.now() }]);
  });

  it('waits on the spot for a turn that is near', async () => {
    await others(2);
    const begun = clock.now();
    const { calls, step } = aWitness();
    const round = aStepRoundOf(issue);
    expect(await atItsTurn(round.approvalId, await stored(round), work, step)).toEqual(AGAIN);
    expect(calls.map(({ at }) => at - begun)).toEqual([500]);
  });

  it('hides its message for one that is further away, and keeps that', async () => {
    await others(20);
    const { calls, step } = aWitness();
    const round = aStepRoundOf(issue);
    const snapshot = await stored(round);
    expect(await atItsTurn(round.approvalId, snapshot, work, step)).toEqual({
      kind: 'WAIT',
      seconds: 5,
      forSlot: true,
    });
    expect(calls).toEqual([]);
    expect((await reread())?.slots.call).toBe(new Date(clock.now() + 5_000).toISOString());

    await clock.advance(5_000);
    const again = await work.store.read(ISSUE);
    expect(await atItsTurn(round.approvalId, { ...snapshot, rounds: again.rounds }, work, step)).toEqual(
      AGAIN,
    );
    expect(calls).toEqual([{ slots: {}, at: clock.now() }]);
  });

  it('is hinted by the sweep if its message is lost', async () => {
    await others(20);
    const round = aStepRoundOf(issue);
    await atItsTurn(round.approvalId, await stored(round), work, aWitness().step);
    expect(within(await reread())).toBe(65_000);
  });

  it('docs/lessons.md 37: takes no turn that is more than a minute away, and waits in line', async () => {
    await others(241);
    const { calls, step } = aWitness();
    const round = aStepRoundOf(issue);
    expect(await atItsTurn(round.approvalId, await stored(round), work, step)).toEqual(LATER);
    expect(calls).toEqual([]);
    const since = clock.date().toISOString();
    const line = { api: 'call', owner: NODE.nodeId } as const;
    expect(await reread()).toMatchObject({
      checkAfter: placeInLine(line, since),
      waiting: { api: 'call', since },
      slots: {},
    });
  });

  it('does not forget what it was to look into when it waits in line', async () => {
    await others(300);
    const round = aStepRoundOf(issue, { state: 'WITHDRAWN' });
    await atItsTurn(round.approvalId, await stored(round), work, aWitness().step, { missed: ['CHANGED'] });
    expect(await reread()).toMatchObject({ missed: ['CHANGED'] });
  });

  it('keeps a turn that it has, however many came after it', async () => {
    await others(20);
    const round = aStepRoundOf(issue);
    const snapshot = await stored(round);
    await atItsTurn(round.approvalId, snapshot, work, aWitness().step);
    await others(400);
    await clock.advance(5_000);
    const { calls, step } = aWitness();
    const { rounds } = await work.store.read(ISSUE);
    expect(await atItsTurn(round.approvalId, { ...snapshot, rounds }, work, step)).toEqual(AGAIN);
    expect(calls).toHaveLength(1);
  });

  it('waits for no other OA, and one in Feishu for none', async () => {
    await others(300);
    for (const round of [aStepRoundOf(issue, { nodeId: 'another' }), aRoundOf(issue)]) {
      const { calls, step } = aWitness();
      await atItsTurn(round.approvalId, await stored(round), work, step);
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

  it('tells how long it took, and gives its answer', async () => {
    const call = async () => {
      await clock.advance(3_000);
      return 'answer';
    };
    expect(await timed(NODE, pacer, clock.date, call)).toBe('answer');
    expect(await spacing()).toBe(4_096);
  });

  it('tells it also when it failed, and fails as it did', async () => {
    const failed = new Error('no answer');
    const call = async () => {
      await clock.advance(5_000);
      throw failed;
    };
    await expect(timed(NODE, pacer, clock.date, call)).rejects.toBe(failed);
    expect(await spacing()).toBe(5_000);
  });

  it('that is quick again ends the waiting', async () => {
    await pacer.observe(NODE.nodeId, 'call', 5_000);
    await timed(NODE, pacer, clock.date, async () => 'quick');
    expect(await spacing()).toBe(16);
  });
});
