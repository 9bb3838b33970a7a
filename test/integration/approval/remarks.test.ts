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

/** The approver hands the card on, and the event of it arrives. */
async function transfer() {
  await core.write(anIssue());
  const card = core.card();
  core.simulator.control.transfer(card.instanceCode, ASSIGNEE, OTHER);
  return { card, hear: () => core.receiveEvent(card, 'TRANSFERRED', 'TASK') };
}
const comments = ({ instanceCode }: { instanceCode: string }) =>
  core.simulator.control.instance(instanceCode)?.comments ?? [];

describe('a remark on a card that waits', () => {
  it('is made after all when it failed once', async () => {
    const { card, hear } = await transfer();
    core.simulator.control.misbehave({ kind: 'BAD_GATEWAY', endpoint: 'createComment', times: 1 });
    await hear();
    expect(comments(card)).toEqual([]);
    await pass(HOUR);
    expect(comments(card)).toHaveLength(1);
  });

  it('is made after all, once, when the worker died before it was', async () => {
    const { card, hear } = await transfer();
    beforeComment = () => {
      beforeComment = undefined;
      throw new Error('the container is gone');
    };
    await expect(hear()).rejects.toThrow();
    await hear();
    await pass(HOUR);
    await pass(24 * HOUR);
    expect(comments(card)).toHaveLength(1);
  });

  it('is given up when Feishu refuses it again and again, and costs nothing from then on', async () => {
    const { hear } = await transfer();
    core.simulator.control.misbehave({
      kind: 'ERROR_CODE',
      endpoint: 'createComment',
      code: 99991672,
      status: 400,
    });
    await hear();
    for (let hours = 0; hours < 24; hours++) await pass(HOUR);
    expect(core.simulator.control.calls().calls.createComment).toBe(4);
    expect((await core.rounds(ISSUE))[0]).toMatchObject({ remarks: [], remarked: ['TRANSFERRED'] });
  });
});

it('a card that cannot be taken back is asked no more often because a remark failed, and gets its remark', async () => {
  const { card, hear } = await transfer();
  core.simulator.control.misbehave(
    { kind: 'BAD_GATEWAY', endpoint: 'createComment', times: 1 },
    { kind: 'ERROR_CODE', endpoint: 'cancelInstance', code: 1390009, status: 403 },
  );
  await hear();
  await core.edit(ISSUE, (issue) => {
    issue.status = 'DONE';
  });
  for (let hours = 0; hours < 48; hours++) await pass(HOUR);
  expect(comments(card)).toHaveLength(1);
  core.simulator.control.resetCalls();
  await sweepEachMinute(core, database().documents, 120);
  expect(core.simulator.control.calls().calls.getInstance ?? 0).toBeLessThanOrEqual(1);
});
