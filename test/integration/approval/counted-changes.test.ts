import { beforeEach, expect, it } from 'vitest';
import { countChanges } from '../../../shared/approval/store/count-changes.ts';
import { type Origin, runAbout } from '../../../shared/runtime/invocation.ts';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../../support/core.ts';
import { aCounter } from '../../support/counter.ts';
import { anIssue } from '../../support/issue.ts';
import { approvalOf } from '../../support/stage-approval.ts';
import { useDatabase } from '../../support/use-core.ts';

/** What the worker counts (docs/operate.md, "Metrics"), with its real store and the simulated Feishu. */

const database = useDatabase();
let core: Core;
let counter: ReturnType<typeof aCounter>;
beforeEach(async () => {
  counter = aCounter();
  core = await aCore(database(), {
    change: ({ store, now }) => ({ store: countChanges(store, counter, now) }),
  });
  return () => core.close();
});

const MINUTE = 60_000;
const control = () => core.simulator.control;

/** Runs the work as the worker does with a message that is sent now. */
const setOffBy = <T>(kind: Origin['kind'], approvalId: string | undefined, work: () => Promise<T>) => {
  const now = core.clock.now();
  return runAbout({ approvalId }, work, { kind, at: now, queuedAt: now });
};
const look = () =>
  setOffBy('OTHER', undefined, () => core.run(ISSUE, { kind: 'DUE', issueId: ISSUE, approvalIds: [] }));
const change = (work: () => Promise<unknown>) => setOffBy('CHANGE', undefined, work);

it('counts an approval whose event arrives from its request to its transaction', async () => {
  await change(() => core.write(anIssue()));
  const card = core.card();
  control().approve(card.instanceCode, ASSIGNEE);
  await setOffBy('EVENT', (await approvalOf(core))?.approvalId, async () => {
    await core.clock.advance(1_500);
    await core.receiveEvent(card, 'APPROVED');
  });

  expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED' });
  expect(counter.counted).toEqual({
    ApprovalRequested: 1,
    ApprovalSent: 1,
    TimeToCard: 0,
    ApprovalDecided: 1,
    'ApprovalDecided:APPROVED': 1,
    TimeToTransaction: 1_500,
  });
});

it('counts a decision whose event was lost when a look finds it', async () => {
  await change(() => core.write(anIssue()));
  control().approve(core.card().instanceCode, ASSIGNEE);
  await core.clock.advance(11 * MINUTE);
  await look();

  expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED' });
  expect(counter.counted).toMatchObject({ DecisionFoundByLook: 1, ApprovalDecided: 1 });
  expect(counter.counted).not.toHaveProperty('TimeToTransaction');
});

it('does not count a decision that a look finds before its event could be handled', async () => {
  await change(() => core.write(anIssue()));
  await core.clock.advance(9.9 * MINUTE);
  control().approve(core.card().instanceCode, ASSIGNEE);
  await core.clock.advance(MINUTE);
  await look();

  expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED' });
  expect(counter.counted).not.toHaveProperty('DecisionFoundByLook');
});

it('does not measure a decision on another approval than that of the event', async () => {
  await change(() => core.write(anIssue()));
  const card = core.card();
  control().approve(card.instanceCode, ASSIGNEE);
  await core.clock.advance(11 * MINUTE);
  await setOffBy('EVENT', 'another approval', () =>
    core.run(ISSUE, { kind: 'DUE', issueId: ISSUE, approvalIds: [] }),
  );

  expect(counter.counted).toMatchObject({ DecisionFoundByLook: 1 });
  expect(counter.counted).not.toHaveProperty('TimeToTransaction');
});

it('counts a creator whom Feishu does not know, and an assignee', async () => {
  for (const email of ['creator@example.com', 'nobody@example.com'])
    control().setPersonState(email, 'RESIGNED');
  await change(() => core.write(anIssue()));
  expect(counter.counted).toMatchObject({ ApprovalSent: 1, PersonUnknown: 1, 'PersonUnknown:CREATOR': 1 });

  await change(() =>
    core.edit(ISSUE, (issue) => {
      issue.assignee = { email: 'nobody@example.com' };
    }),
  );
  expect(counter.counted).toMatchObject({
    'PersonUnknown:ASSIGNEE': 1,
    'ApprovalWithdrawn:SUPERSEDED': 1,
    'ApprovalFailed:ASSIGNEE_NOT_IN_FEISHU': 1,
  });
});

it('counts a request that has to wait for the rate limit, once', async () => {
  control().misbehave({ kind: 'RATE_LIMITED', endpoint: 'createInstance', times: 1, resetSeconds: 30 });
  await change(() => core.write(anIssue()));
  expect(counter.counted).toMatchObject({ ApprovalRequested: 1, LimitWait: 1 });
  expect(counter.counted).not.toHaveProperty('ApprovalSent');

  await core.clock.advance(31_000);
  await look();
  expect(counter.counted).toMatchObject({ ApprovalSent: 1, LimitWait: 1, TimeToCard: 31_000 });
});
