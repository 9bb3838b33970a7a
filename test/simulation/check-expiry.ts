import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { RetentionDays } from '../../shared/approval/plan/issue-memory.ts';
import { createFrabit, ISSUES } from './frabit.ts';
import { violated } from './violation.ts';
import type { World } from './world.ts';

/** Checks which items of the Approvals table expire (ADR 22). Uses none of the product's own rules. */

/**
 * Returns an issue of which an item is marked although the memory of the issue does not say so. There is none, wherever
 * a handler is killed.
 */
export function wrongMarkIn(world: World): string | undefined {
  const items = itemsOf(world);
  const marked = items.filter(({ expiresAt }) => expiresAt !== undefined);
  const isSaid = (issueId: unknown) =>
    items.some(({ pk, sk, retention }) => pk === `ISSUE#${issueId}` && sk === 'ISSUE' && retention);
  return marked.map(({ issueId }) => String(issueId)).find((issueId) => !isSaid(issueId));
}

/** When nothing is left to do: all items of issues that are over expire at their time, and nothing else does. */
export async function checkExpiry(world: World, days: RetentionDays | undefined): Promise<void> {
  const items = itemsOf(world);
  const records = await Promise.all(ISSUES.map((issue) => createFrabit(world).read(issue)));
  const open = new Set(records.flatMap((record) => (record?.status === 'OPEN' ? record.issueId : [])));
  for (const { pk, sk, issueId, expiresAt, ...item } of items.filter((one) => one.issueId !== undefined)) {
    const memory = items.find((one) => one.pk === `ISSUE#${issueId}` && one.sk === 'ISSUE');
    const isOver = sk !== 'ISSUE' && !open.has(String(issueId));
    const kept = String(pk).startsWith('SHOWN#') ? days?.shownDays : days?.roundDays;
    const expected =
      isOver && kept !== undefined && memory?.retention
        ? Math.floor(Date.parse(memory.retention.since) / 1_000) + kept * 86_400
        : undefined;
    if (isOver && days && !memory?.retention)
      throw violated('items of an issue that is over expire', String(pk));
    if (memory?.retention?.left) throw violated('all items of an issue are marked', String(pk));
    if (expiresAt !== expected)
      throw violated('an item expires at its time', `${pk} ${sk} ${expiresAt} ${Object.keys(item)}`);
  }
}

/** Every item of an issue, with the issue's id: what was shown has none of its own. */
function itemsOf(world: World): Record<string, ReturnType<typeof unmarshall>[string]>[] {
  const items = world.dynamo.items('approvals').map((item) => unmarshall(item));
  const issues = new Map(items.map(({ approvalId, issueId }) => [approvalId, issueId]));
  return items.map((item) => {
    const shown = /^SHOWN#(.*)$/.exec(String(item.pk))?.[1];
    return shown === undefined ? item : { ...item, issueId: issues.get(shown) };
  });
}
