import { PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Drill } from './drill.ts';
import type { DrillStack } from './drill-stack.ts';
import { approveCard, writeIssue, writeSent } from './people.ts';

/** Drills in which AWS fails, or what was set up there. */

const writeOne = async (stack: DrillStack): Promise<void> => void (await writeSent(stack, 1));

/** A new issue every three minutes. */
async function writeNowAndThen(stack: DrillStack, minute: number): Promise<void> {
  if (minute % 3 === 0) await writeIssue(stack);
}

async function approveFirst(stack: DrillStack): Promise<void> {
  const [issue] = await stack.frabit.list();
  if (issue) await approveCard(stack, issue.issueId);
}

/** A message that is not a hint: it can never be handled. */
async function sendPoison({ queue }: DrillStack): Promise<void> {
  await queue.client.send(
    new SendMessageCommand({
      QueueUrl: queue.queueUrl,
      MessageBody: 'not a hint',
      MessageGroupId: 'poison',
      MessageDeduplicationId: `poison-${Date.now()}`,
    }),
  );
}

/** What an operator does with a dead letter that is of no use. */
async function purgeDeadLetters({ queue }: DrillStack): Promise<void> {
  await queue.client.send(new PurgeQueueCommand({ QueueUrl: queue.deadLetterUrl }));
}

const busDown: Pick<Drill, 'prepare' | 'begin' | 'during' | 'end'> = {
  prepare: writeOne,
  async begin(stack) {
    stack.busIsUp = false;
    await writeIssue(stack);
  },
  end(stack) {
    stack.busIsUp = true;
  },
};

const queueDown: Pick<Drill, 'prepare' | 'begin' | 'end'> = {
  prepare: writeOne,
  async begin(stack) {
    stack.queueFailing.fail('UNAVAILABLE', 'SendMessage');
    await approveFirst(stack);
    await writeIssue(stack);
  },
  end: ({ queueFailing }) => queueFailing.end(),
};

export const AWS_DRILLS: readonly Drill[] = [
  {
    alarm: 'HintsFail',
    fault: 'DynamoDB has an internal error for each transaction, and issues arrive',
    prepare: writeOne,
    begin: ({ database }) => database.failing.fail('UNAVAILABLE', 'TransactWriteItems'),
    during: writeNowAndThen,
    end: ({ database }) => database.failing.end(),
    ringsWithin: 15,
    endsWithin: 45,
  },
  {
    alarm: 'RecordsFail',
    fault: 'The event bus does not take events, and an issue arrives',
    ...busDown,
    ringsWithin: 15,
    endsWithin: 30,
  },
  {
    alarm: 'SetAside',
    fault: 'A message that is not a hint is in the work queue',
    begin: sendPoison,
    end: purgeDeadLetters,
    ringsWithin: 5,
    endsWithin: 30,
  },
  {
    alarm: 'DeadLetters',
    fault: 'A message that is not a hint is in the work queue; then the dead letters are removed',
    derived: 'the depth of the dead-letter queue, read each minute',
    begin: sendPoison,
    end: purgeDeadLetters,
    ringsWithin: 30,
    endsWithin: 30,
  },
  {
    alarm: 'RightMissing',
    fault: 'The worker may no longer write to the tables in a transaction, and an issue arrives',
    prepare: writeOne,
    async begin(stack) {
      stack.database.failing.fail('DENIED', 'TransactWriteItems');
      await writeIssue(stack);
    },
    end: ({ database }) => database.failing.end(),
    ringsWithin: 5,
    endsWithin: 45,
  },
  {
    alarm: 'WebhookUnavailable',
    fault: 'The work queue does not take messages, and a card is approved',
    ...queueDown,
    ringsWithin: 15,
    endsWithin: 30,
  },
  {
    alarm: 'FrontFails',
    fault: 'The work queue does not take messages, and a card is approved',
    derived: 'the answers of the HTTP front',
    ...queueDown,
    ringsWithin: 15,
    endsWithin: 30,
  },
  {
    alarm: 'IssueStreamLate',
    fault: 'The work queue does not take messages, and an issue arrives',
    derived: 'the age of the last record of each batch that is passed to the function',
    ...queueDown,
    ringsWithin: 15,
    endsWithin: 30,
  },
  {
    alarm: 'ApprovalStreamLate',
    fault: 'The event bus does not take events, and an issue arrives',
    derived: 'the age of the last record of each batch that is passed to the function',
    ...busDown,
    ringsWithin: 15,
    endsWithin: 30,
  },
  {
    alarm: 'SweepFails',
    fault: 'The work queue does not take messages, and an issue arrives',
    ...queueDown,
    ringsWithin: 20,
    endsWithin: 40,
  },
  {
    alarm: 'EventSourceDisabled',
    fault: 'The event source of the worker is disabled',
    prepare: writeOne,
    begin({ mappings }) {
      for (const mapping of mappings) mapping.isOn = mapping.functionName !== 'reconcile-issues';
    },
    end({ mappings }) {
      for (const mapping of mappings) mapping.isOn = true;
    },
    ringsWithin: 15,
    endsWithin: 30,
  },
  {
    alarm: 'SweepStandsStill',
    fault: 'The schedule does not invoke the sweep',
    derived: 'the invocations by the schedule of the drill stack',
    prepare: writeOne,
    begin(stack) {
      stack.sweepIsOn = false;
    },
    end(stack) {
      stack.sweepIsOn = true;
    },
    ringsWithin: 40,
    endsWithin: 30,
  },
  {
    alarm: 'FunctionsCrash',
    fault: 'DynamoDB has an internal error for each scan: the sweep throws',
    derived: 'the invocations of the drill stack that threw',
    prepare: writeOne,
    begin: ({ database }) => database.failing.fail('UNAVAILABLE', 'Scan'),
    end: ({ database }) => database.failing.end(),
    ringsWithin: 15,
    endsWithin: 30,
  },
];
