import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { anIssue, imageOf } from '../support/issue.ts';
import { type CrowdWorld, putIssue } from './world.ts';

/** How many people take turns as assignees. */
const PEOPLE = 50;

export const numbered = (kind: string, count: number): string[] =>
  Array.from({ length: count }, (_, number) => `${kind}-${String(number).padStart(6, '0')}`);

/** Returns the first assignee of an issue, or the one after it was reassigned. */
export const assigneeOf = (issueId: string, turn: 'first' | 'second' = 'first'): string =>
  `${turn}-${Number(issueId.replace(/\D/g, '')) % PEOPLE}@example.com`;

/** Writes a new issue as Frabit does. It waits for the goal from now on. */
export async function writeIssue(world: CrowdWorld, issueId: string): Promise<void> {
  world.facts.startWaiting(issueId);
  await putIssue(world, imageOf(anIssue({ issueId, assignee: { email: assigneeOf(issueId) } })));
}

/** Gives the issue another assignee as Frabit does, and keeps the rest of the record. */
export async function reassign(world: CrowdWorld, issueId: string): Promise<void> {
  const { documents, tables } = world;
  const Key = { issueId: { S: issueId } };
  const { Item } = await documents.send(new GetItemCommand({ TableName: tables.issueTableName, Key }));
  world.facts.startWaiting(issueId);
  await putIssue(world, { ...Item, assignee: { M: marshall({ email: assigneeOf(issueId, 'second') }) } });
}

/** Opens a card for every issue, and only then starts the timing. */
export async function openCards(world: CrowdWorld, issueIds: readonly string[]): Promise<void> {
  for (const issueId of issueIds) await writeIssue(world, issueId);
  const { facts, queue, time } = world;
  await time.run(() => facts.sent.length === issueIds.length && queue.nextAt() === undefined);
  await world.startTiming();
}
