import { setImmediate as turn } from 'node:timers/promises';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import type { IssueRecord } from '../../shared/issue/record.ts';
import { anIssue, imageOf } from '../support/issue.ts';
import { createWorld, type World } from './world.ts';

const ISSUES = 500;
const QUIET = 20;
const MINUTE = 60_000;
const [FIRST, SECOND, QUIET_ONE] = ['alice@example.com', 'bob@example.com', 'carol@example.com'];

const issueOf = (issueId: string, email: string): IssueRecord => anIssue({ issueId, assignee: { email } });

async function put({ dynamo }: World, issue: IssueRecord): Promise<void> {
  const TableName = dynamo.tables.issueTableName;
  await dynamo.documents.send(new PutItemCommand({ TableName, Item: imageOf(issue) }));
}

/** Lets time pass as it does, with a sweep each minute, until `done`. Returns the minutes it took. */
async function until(world: World, done: () => boolean, meanwhile: () => void = () => {}): Promise<number> {
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
      meanwhile();
      // It goes on for a minute, beside everything else.
      void world.sweep();
    }
    for (let turns = 0; turns < 20; turns++) await turn();
    if (world.clock.now() - start > 60 * MINUTE) throw new Error('an hour is over, and not all is done');
  }
}

const cards = ({ tenant }: World, email: string) => {
  const openId = tenant.world.people.byEmail(email)?.openId;
  return [...tenant.world.instances.values()].filter(
    ({ status, tasks }) => status === 'PENDING' && tasks.some((task) => task.openId === openId),
  );
};

it('docs/lessons.md 24: 500 issues reassigned at once are all sent anew as fast as the limit allows, none lost, none twice', {
  timeout: 300_000,
}, async () => {
  const world = await createWorld({ sweepInBackground: true });
  const ids = Array.from({ length: ISSUES }, (_, index) => `issue-${index}`);
  const quiet = Array.from({ length: QUIET }, (_, index) => `quiet-${index}`);
  for (const id of ids) await put(world, issueOf(id, FIRST));
  for (const id of quiet) await put(world, issueOf(id, QUIET_ONE));
  await until(world, () => cards(world, FIRST).length + cards(world, QUIET_ONE).length === ISSUES + QUIET);
  await world.clock.advance(MINUTE);
  world.tenant.control.resetCalls();

  for (const id of ids) await put(world, issueOf(id, SECOND));
  const waits: number[] = [];
  const tapOne = () => {
    const [card] = cards(world, QUIET_ONE);
    if (!card) return;
    world.tenant.control.approve(card.instanceCode, QUIET_ONE);
    waits.push(world.clock.now());
  };
  const approved: number[] = [];
  const minutes = await until(
    world,
    () => {
      const applied = world.changes.filter(
        ({ issueId, after }) => issueId.startsWith('quiet-') && isApproved(after),
      );
      for (const { at } of applied.slice(approved.length)) approved.push(at);
      return cards(world, SECOND).length === ISSUES && cards(world, FIRST).length === 0;
    },
    tapOne,
  );
  await until(world, () => world.queue.messages().length === 0);

  const { calls, refused } = world.tenant.control.calls();
  const sum = (counts: object) => Object.values(counts).reduce((total, count) => total + count, 0);
  const perIssue = new Set(cards(world, SECOND).map(({ uuid }) => uuid));
  console.log(
    `${ISSUES} issues reassigned: ${minutes.toFixed(1)} virtual minutes, ${sum(calls)} calls, ${sum(refused)} refused`,
  );
  // None lost, none twice.
  expect(perIssue.size).toBe(ISSUES);
  expect(world.tenant.world.instances.size).toBe(2 * ISSUES + QUIET);
  expect(calls.cancelInstance).toBe(ISSUES + (refused.cancelInstance ?? 0));
  expect(world.queue.deadLetters()).toEqual([]);
  // As fast as the limit allows: 100 creates in a minute, 500 need at least four more minutes after the first.
  expect(minutes).toBeLessThan(7);
  expect(sum(refused) / sum(calls)).toBeLessThan(0.05);
  // Others are not starved: what they tapped was applied before the next sweep.
  expect(waits.length).toBeGreaterThanOrEqual(4);
  expect(approved.length).toBeGreaterThanOrEqual(waits.length - 1);
  expect(approved.every((at, index) => at - (waits[index] ?? 0) < 10_000)).toBe(true);
});

const isApproved = (image: World['changes'][number]['after']): boolean =>
  image?.stageApprovals?.M?.['stage-1']?.M?.state?.S === 'APPROVED';
