import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue } from '../../support/issue.ts';
import { advanceAndSweep, sweepEachMinute } from '../../support/sweep-over-time.ts';
import { useDatabase } from '../../support/use-core.ts';

const HOUR = 60 * 60_000;

const database = useDatabase();
let core: Core;
let beforeComment: (() => void) | undefined;
beforeEach(async () => {
  beforeComment = undefined;
  core = await aCore(database(), {
    change: ({ feishu }) => ({
      feishu: {
        ...feishu,
        addComment: (...call) => {
          beforeComment?.();
          return feishu.addComment(...call);
        },
      },
    }),
  });
});
afterEach(() => core.close());

const pass = (ms: number) => advanceAndSweep(core, database().documents, ms);
const OTHER = 'other@example.com';

/** Transfers the card, and returns it with a function that delivers the event. */
async function transfer() {
  await core.write(anIssue());
  const card = core.card();
  core.simulator.control.transfer(card.instanceCode, ASSIGNEE, OTHER);
  return { card, deliverEvent: () => core.receiveEvent(card, 'TRANSFERRED', 'TASK') };
}
const comments = ({ instanceCode }: { instanceCode: string }) =>
  core.simulator.control.instance(instanceCode)?.comments ?? [];

describe('a comment on a waiting card', () => {
  it('is added later when it fails once', async () => {
    const { card, deliverEvent } = await transfer();
    core.simulator.control.misbehave({ kind: 'BAD_GATEWAY', endpoint: 'createComment', times: 1 });
    await deliverEvent();
    expect(comments(card)).toEqual([]);
    await pass(HOUR);
    expect(comments(card)).toHaveLength(1);
  });

  it('is added later, once, when the worker dies before the call', async () => {
    const { card, deliverEvent } = await transfer();
    beforeComment = () => {
      beforeComment = undefined;
      throw new Error('the container is gone');
    };
    await expect(deliverEvent()).rejects.toThrow();
    await deliverEvent();
    await pass(HOUR);
    await pass(24 * HOUR);
    expect(comments(card)).toHaveLength(1);
  });

  it('is given up when Feishu refuses it several times, and costs no further calls', async () => {
    const { deliverEvent } = await transfer();
    core.simulator.control.misbehave({
      kind: 'ERROR_CODE',
      endpoint: 'createComment',
      code: 99991672,
      status: 400,
    });
    await deliverEvent();
    for (let hours = 0; hours < 24; hours++) await pass(HOUR);
    expect(core.simulator.control.calls().calls.createComment).toBe(4);
    expect((await core.rounds(ISSUE))[0]).toMatchObject({ remarks: [], remarked: ['TRANSFERRED'] });
  });
});

it('a card that cannot be withdrawn gets its comment, and costs no further looks for it', async () => {
  const { card, deliverEvent } = await transfer();
  core.simulator.control.misbehave(
    { kind: 'BAD_GATEWAY', endpoint: 'createComment', times: 1 },
    { kind: 'ERROR_CODE', endpoint: 'cancelInstance', code: 1390009, status: 403 },
  );
  await deliverEvent();
  await core.edit(ISSUE, (issue) => {
    issue.status = 'DONE';
  });
  for (let hours = 0; hours < 48; hours++) await pass(HOUR);
  expect(comments(card)).toHaveLength(1);
  core.simulator.control.resetCalls();
  await sweepEachMinute(core, database().documents, 120);
  expect(core.simulator.control.calls().calls.getInstance ?? 0).toBeLessThanOrEqual(1);
});
