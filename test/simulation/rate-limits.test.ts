import { setImmediate as turn } from 'node:timers/promises';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import type { IssueRecord } from '../../shared/issue/record.ts';
import { anIssue, imageOf } from '../support/issue.ts';
import { createWorld } from './create-world.ts';
import type { World } from './world.ts';

const ISSUES = 500;
const OTHERS = 20;
const MINUTE = 60_000;
const [FIRST, SECOND, OTHER] = ['alice@example.com', 'bob@example.com', 'carol@example.com'];

const issueOf = (issueId: string, email: string): IssueRecord => anIssue({ issueId, assignee: { email } });

async function put({ dynamo }: World, issue: IssueRecord): Promise<void> {
  const TableName = dynamo.tables.issueTableName;
  await dynamo.documents.send(new PutItemCommand({ TableName, Item: imageOf(issue) }));
}

/** Lets time pass until `done`, with a sweep each minute. Returns the virtual minutes that passed. */
async function until(world: World, done: () => boolean, eachMinute: () => void = () => {}): Promise<number> {
  const start = world.clock.now();
  let swept = start;
  for (;;) {
    while ((await world.deliverChange()) || (await world.deliverEvent()) || (await world.deliverHint()));
    if (done()) return (world.clock.now() - start) / MINUTE;
    const minute = swept + MINUTE;
    const next = Math.min(minute, world.queue.nextAt() ?? minute, world.clock.nextAt() ?? minute);
    await world.clock.advance(Math.max(0, next - world.clock.now()));
    if (world.clock.now() >= minute) {
      swept = world.clock.now();
      eachMinute();
      // The sweep runs for a minute, while everything else goes on.
      void world.sweep();
    }
    for (let turns = 0; turns < 20; turns++) await turn();
    if (world.clock.now() - start > 60 * MINUTE) throw new Error('not everything is done after an hour');
  }
}

const cards = ({ tenant }: World, email: string) => {
  const openId = tenant.world.people.byEmail(email)?.openId;
  return [...tenant.world.instances.values()].filter(
    ({ status, tasks }) => status === 'PENDING' && tasks.some((task) => task.openId === openId),
  );
};

it('docs/lessons.md 24: sends 500 issues that are reassigned at once again as fast as the limit allows, none lost, none twice', {
  timeout: 300_000,
}, async () => {
  const world = await createWorld({ sweepInBackground: true });
  const ids = Array.from({ length: ISSUES }, (_, index) => `issue-${index}`);
  const others = Array.from({ length: OTHERS }, (_, index) => `other-${index}`);
  for (const id of ids) await put(world, issueOf(id, FIRST));
  for (const id of others) await put(world, issueOf(id, OTHER));
  await until(world, () => cards(world, FIRST).length + cards(world, OTHER).length === ISSUES + OTHERS);
  await world.clock.advance(MINUTE);
  world.tenant.control.resetCalls();

  for (const id of ids) await put(world, issueOf(id, SECOND));
  const approvedAt: number[] = [];
  const approveOne = () => {
    const [card] = cards(world, OTHER);
    if (!card) return;
    world.tenant.control.approve(card.instanceCode, OTHER);
    approvedAt.push(world.clock.now());
  };
  const appliedAt: number[] = [];
  const minutes = await until(
    world,
    () => {
      const applied = world.changes.filter(
        ({ issueId, after }) => issueId.startsWith('other-') && isApproved(after),
      );
      for (const { at } of applied.slice(appliedAt.length)) appliedAt.push(at);
      return cards(world, SECOND).length === ISSUES && cards(world, FIRST).length === 0;
    },
    approveOne,
  );
  await until(world, () => world.queue.messages().length === 0);

  const { calls, refused } = world.tenant.control.calls();
  const sum = (counts: object) => Object.values(counts).reduce((total, count) => total + count, 0);
  const issues = new Set(cards(world, SECOND).map(({ uuid }) => uuid));
  console.log(
    `${ISSUES} issues reassigned: ${minutes.toFixed(1)} virtual minutes, ${sum(calls)} calls, ${sum(refused)} refused`,
  );
  // None lost, none twice.
  expect(issues.size).toBe(ISSUES);
  expect(world.tenant.world.instances.size).toBe(2 * ISSUES + OTHERS);
  expect(calls.cancelInstance).toBe(ISSUES + (refused.cancelInstance ?? 0));
  expect(world.queue.deadLetters()).toEqual([]);
  // As fast as the limit allows: at 100 creates a minute, 500 need at least four minutes after the first.
  expect(minutes).toBeLessThan(7);
  expect(sum(refused) / sum(calls)).toBeLessThan(0.05);
  // Others do not starve: each of their approvals is applied before the next sweep.
  expect(approvedAt.length).toBeGreaterThanOrEqual(4);
  expect(appliedAt.length).toBeGreaterThanOrEqual(approvedAt.length - 1);
  expect(appliedAt.every((at, index) => at - (approvedAt[index] ?? 0) < 10_000)).toBe(true);
});

const isApproved = (image: World['changes'][number]['after']): boolean =>
  image?.stageApprovals?.M?.['stage-1']?.M?.state?.S === 'APPROVED';
