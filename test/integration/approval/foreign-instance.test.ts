import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { useDatabase } from '../../support/use-core.ts';

const HOUR = 60 * 60_000;
const ID = '0f0e0d0c-0000-4000-8000-000000000001';

const database = useDatabase();
/** Another stack in the same tenant. Its request has the same id as the next request of the core. */
let other: Core;
let core: Core;
let ids: string[];
beforeEach(async () => {
  other = await aCore(database(), { change: () => ({ newId: () => ID }) });
  await other.write(anIssue({ creator: { email: 'other-stack@example.com' } }));
  ids = [ID];
  core = await aCore(database(), {
    change: ({ newId }) => ({ newId: () => ids.shift() ?? newId(), feishu: other.work.feishu }),
  });
  await core.saveSettings(other.settings);
});
afterEach(() => Promise.all([core.close(), other.close()]));

const control = () => other.simulator.control;
const foreign = () => {
  const [card] = control().instances();
  if (!card) throw new Error('the other stack has sent nothing');
  return card;
};
const states = async () => (await core.rounds(ISSUE)).map(({ state }) => state);
const edit = () =>
  core.edit(ISSUE, (issue) => {
    issue.stages = [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })];
  });

/** Lets hours pass, until the core has looked for unseen instances and given up. */
async function waitUntilLeftoversAreClosed(): Promise<void> {
  for (let hours = 0; hours < 5; hours++) {
    await core.clock.advance(HOUR);
    await core.run(ISSUE);
  }
  expect((await core.rounds(ISSUE))[0]?.settle).toBeUndefined();
}

/** Sends a request whose create is refused because the id is taken, while nobody can read by whom. */
async function sendWithTakenId(): Promise<void> {
  control().misbehave({ kind: 'BAD_GATEWAY', endpoint: 'getInstance' });
  await core.write(anIssue());
  expect(await states()).toEqual(['REQUESTED']);
  control().behave();
}

describe('an instance of another stack with the id of a withdrawn request (docs/lessons.md 35)', () => {
  it('is not cancelled, however often the leftovers of the request are closed', async () => {
    await sendWithTakenId();
    await edit();
    await waitUntilLeftoversAreClosed();
    expect(await states()).toEqual(['WITHDRAWN', 'PENDING']);
    expect(foreign().status).toBe('PENDING');
  });

  it('approves no task when it is approved', async () => {
    await sendWithTakenId();
    control().approve(foreign().instanceCode, 'assignee@example.com');
    await core.edit(ISSUE, (issue) => {
      issue.bell = { seq: 1, rungBy: issue.creator.email, rungAt: core.clock.date().toISOString() };
    });
    const { stages } = await core.record(ISSUE);
    expect(stages[0]?.tasks[0]?.status).toBe('PENDING_APPROVAL');
    expect(await states()).toEqual(['WITHDRAWN', 'PENDING']);
  });
});

describe('an instance of another stack with the id of a request that failed because of it (docs/lessons.md 35)', () => {
  beforeEach(async () => {
    await core.write(anIssue());
    expect(await states()).toEqual(['FAILED']);
    await waitUntilLeftoversAreClosed();
  });

  it.each(['APPROVED', 'REJECTED'] as const)('has no effect when it is %s', async (decided) => {
    const { instanceCode } = foreign();
    if (decided === 'APPROVED') control().approve(instanceCode, 'assignee@example.com');
    else control().reject(instanceCode, 'assignee@example.com', 'no');
    await core.receiveEvent({ uuid: ID, instanceCode }, decided);
    for (let minutes = 0; minutes < 3; minutes++) {
      await core.clock.advance(60_000);
      await core.run(ISSUE);
    }
    const [round] = await core.rounds(ISSUE);
    expect(round).toMatchObject({ state: 'FAILED', decisions: [] });
    expect(round?.instanceCode).toBeUndefined();
    expect(foreign().comments).toEqual([]);
  });

  it('is left alone when an event says that it is open again', async () => {
    await core.receiveEvent({ uuid: ID, instanceCode: foreign().instanceCode }, 'ROLLBACK');
    await core.clock.advance(HOUR);
    await core.run(ISSUE);
    expect(foreign()).toMatchObject({ status: 'PENDING', comments: [] });
  });
});
