import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { AlarmState } from './alarm-state.ts';
import { evaluateAll } from './drill.ts';
import type { DrillStack } from './drill-stack.ts';
import { MINUTE_MS } from './metrics-store.ts';
import { approveAtOa, approveCard, rejectCard, runStage, writeIssue, writeOaIssue } from './people.ts';
import { templateAlarms } from './template-alarms.ts';

/** The six hours that the picture of the dashboard shows. */

const HOUR = 60;
const STEP = 2;
/** Minutes since the beginning. In the last fault the picture is taken. */
const BUSY = { from: 3 * HOUR, to: 3.5 * HOUR };
const SETUP_REFUSED = { from: 4 * HOUR + 10, to: 4 * HOUR + 34 };
const OUT_OF_REACH = { from: 5 * HOUR + 38, to: 6 * HOUR };
const CALM_EVERY = 12;
const BUSY_EVERY = 2;

/** What happens to an issue, by the minutes since it was written. Each fourth goes to the OA first, each fifth is rejected. */
type Action = (stack: DrillStack, issueId: string) => Promise<unknown>;
const WHOLE: Readonly<Record<number, Action>> = {
  6: approveCard,
  8: runStage,
  14: approveCard,
  16: runStage,
  26: approveCard,
  28: runStage,
};
const STORIES: readonly { atOa?: boolean; story: Readonly<Record<number, Action>> }[] = [
  { story: WHOLE },
  { story: { 8: approveCard, 10: runStage, 20: rejectCard } },
  { story: WHOLE },
  { atOa: true, story: { 4: approveAtOa, 12: approveCard, 14: runStage } },
];

/** Plays on a fresh stack. Resolves to the states of the alarms at the end, by their ids. */
export async function playPictureStory(stack: DrillStack): Promise<Map<string, AlarmState>> {
  await stack.startAfresh();
  const alarms = templateAlarms();
  const running: { began: number; issueId: string; story: (typeof STORIES)[number]['story'] }[] = [];
  for (let minute = 0; minute < OUT_OF_REACH.to; minute += STEP) {
    switchFaults(stack, minute);
    const every = minute >= BUSY.from && minute < BUSY.to ? BUSY_EVERY : CALM_EVERY;
    if (minute % every === 0) {
      const { atOa, story } = STORIES[running.length % STORIES.length] ?? { story: {} };
      const issueId = await (atOa ? writeOaIssue(stack) : writeIssue(stack));
      running.push({ began: minute, issueId, story });
    }
    for (const { began, issueId, story } of running) {
      // Whoever has no card yet, because Feishu fails, cannot decide.
      await story[minute - began]?.(stack, issueId).catch(() => undefined);
    }
    const before = stack.now();
    await stack.pass(STEP);
    await measureQueue(stack);
    for (let passed = 1; passed <= STEP; passed++)
      evaluateAll(alarms, stack.store, before + passed * MINUTE_MS);
  }
  return new Map(alarms.map((alarm) => [alarm.id, alarm.state()]));
}

function switchFaults({ feishu: { control } }: DrillStack, minute: number): void {
  if (minute === SETUP_REFUSED.from) control.setAppEnabled(false);
  if (minute === SETUP_REFUSED.to) control.setAppEnabled(true);
  if (minute === OUT_OF_REACH.from) control.misbehave({ kind: 'RESET_BEFORE' });
}

/** SQS measures this each minute. */
async function measureQueue({ queue, store, now }: DrillStack): Promise<void> {
  const { Attributes } = await queue.client.send(
    new GetQueueAttributesCommand({
      QueueUrl: queue.queueUrl,
      AttributeNames: ['ApproximateNumberOfMessages'],
    }),
  );
  const key = {
    namespace: 'AWS/SQS',
    name: 'ApproximateNumberOfMessagesVisible',
    dimensions: { QueueName: 'WorkQueueHints.QueueName' },
  };
  store.put(key, Number(Attributes?.ApproximateNumberOfMessages), now() - 1);
}
