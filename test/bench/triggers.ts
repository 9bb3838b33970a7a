import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { parseImage } from '../../shared/issue/issue-image.ts';
import { detectTriggers, triggerView } from '../../shared/issue/triggers.ts';
import { approvalView, sameView } from '../../shared/issue/view.ts';

/** Measures trigger detection without I/O, as `watch-issues` does it, and the cost of unmarshalling alone. */

const STAGES = 3;
const TASKS = 5;
const SECONDS = 3;

function anIssue(bell: number): Record<string, AttributeValue> {
  const stages = Array.from({ length: STAGES }, (_, stage) => ({
    stageId: `stage-${stage}`,
    title: `Stage ${stage}`,
    tasks: Array.from({ length: TASKS }, (_, task) => ({
      taskId: `task-${task}`,
      title: `Task ${task}`,
      status: 'PENDING_APPROVAL',
      instance: 'mysql-1',
      database: 'customers',
      statement: `UPDATE customers SET points = ${task} WHERE id BETWEEN 1 AND 1000;`.repeat(5),
    })),
  }));
  return marshall({
    issueId: 'bench',
    title: 'Bench',
    status: 'OPEN',
    url: 'http://127.0.0.1/',
    creator: { email: 'dev@example.com' },
    assignee: { email: 'dba@example.com' },
    currentStageId: 'stage-0',
    stages,
    bell: { seq: bell, rungBy: 'dev@example.com', rungAt: '2026-01-01T00:00:00.000Z' },
  });
}

function perSecond(work: () => void): number {
  for (let warm = 0; warm < 500; warm += 1) work();
  const startedAt = performance.now();
  let done = 0;
  while (performance.now() - startedAt < SECONDS * 1000) {
    work();
    done += 1;
  }
  return done / ((performance.now() - startedAt) / 1000);
}

const before = anIssue(1);
const after = anIssue(2);

const unmarshalling = perSecond(() => {
  unmarshall(before);
  unmarshall(after);
});
const detecting = perSecond(() => {
  const old = parseImage(before);
  const now = parseImage(after);
  const same = sameView(approvalView(old.item, old), approvalView(now.item, now));
  if (same || !old.ok || !now.ok) throw new Error('the images must differ and be valid');
  const triggers = detectTriggers(triggerView(old.record), triggerView(now.record));
  if (triggers[0] !== 'BELL') throw new Error('the trigger must be BELL');
});

const rate = (value: number) => `${Math.round(value).toLocaleString('en-US').padStart(9)} records/s`;
process.stdout.write(
  `Trigger detection, ${STAGES} stages with ${TASKS} tasks each, both images\n` +
    `  unmarshalling alone                 ${rate(unmarshalling)}\n` +
    `  unmarshalling, parsing, detection   ${rate(detecting)}\n`,
);
