import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, it } from 'vitest';
import type { Hint, WorkQueue } from '../../../shared/approval/plan/hint.ts';
import { sweep } from '../../../shared/approval/sweep.ts';
import { roundKey } from '../../../shared/tables/approval-keys.ts';
import { aCore, type Core } from '../../support/core.ts';
import { aCounter } from '../../support/counter.ts';
import { anIssue } from '../../support/issue.ts';
import { aLog } from '../../support/log.ts';
import { useDatabase } from '../../support/use-core.ts';

const database = useDatabase();
let core: Core;
let log: ReturnType<typeof aLog>;
let counter: ReturnType<typeof aCounter>;
let hinted: string[];
beforeEach(async () => {
  [core, log, counter, hinted] = [await aCore(database()), aLog(), aCounter(), []];
  return () => core.close();
});

const issueOf = (hint: Hint) => ('issueId' in hint ? hint.issueId : '');

/** Sweeps with a queue that refuses the hints of some issues. */
function sweepWithout(...refused: string[]) {
  const queue: WorkQueue = {
    async send(hint) {
      if (refused.includes(issueOf(hint))) throw new Error('refused');
      hinted.push(issueOf(hint));
    },
  };
  const { documents, tables, clock } = core;
  return sweep({ documents, tables, queue, now: clock.date, logger: log, counter });
}

/** Makes the only round of an issue due. */
async function makeDue(issueId: string): Promise<void> {
  const [round] = await core.rounds(issueId);
  if (!round) throw new Error('the issue has no round');
  await core.documents.send(
    new UpdateCommand({
      TableName: core.tables.approvalTableName,
      Key: roundKey(round),
      UpdateExpression: 'SET checkAfter = :past',
      ExpressionAttributeValues: { ':past': '2026-03-01T07:00:00.000Z' },
    }),
  );
}

it('names and counts a due round that fails, hints the others, and walks', async () => {
  for (const issueId of ['a', 'b', 'c']) await core.write(anIssue({ issueId }));
  for (const issueId of ['a', 'b', 'c']) await makeDue(issueId);
  await core.put(anIssue({ issueId: 'lost' }));

  await expect(sweepWithout('b')).rejects.toThrow('Sending hints failed for 1 due rounds.');

  expect(hinted.sort()).toEqual(['a', 'c', 'lost']);
  const error = { name: 'Error' };
  expect(log.lines).toEqual([
    ['sending a hint for a due round failed', { issueId: 'b', round: 'STAGE#stage-1#000001', error }],
    ['walking an issue failed', { issueId: 'b', error }],
  ]);
  expect(counter.counted).toMatchObject({ SweepFailed: 2, SweepDue: 2, PlanCorrection: 1 });
});

it('names and counts an issue that fails on the walk, and hints the others', async () => {
  for (const issueId of ['a', 'b', 'c']) await core.put(anIssue({ issueId }));

  await expect(sweepWithout('b')).rejects.toThrow('The walk failed for 1 issues.');

  expect(hinted.sort()).toEqual(['a', 'c']);
  expect(log.lines).toEqual([['walking an issue failed', { issueId: 'b', error: { name: 'Error' } }]]);
  expect(counter.counted).toMatchObject({ SweepFailed: 1, PlanCorrection: 2 });
});
