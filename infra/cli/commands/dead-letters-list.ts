import { type CommandResult, type Context, counted, oneLine } from '../context.ts';
import {
  countMessages,
  type DeadMessage,
  describeMessage,
  receiveAll,
  release,
} from '../dead-letter-queue.ts';
import type { Deployment } from '../deployment.ts';
import { describeFailed, type FailedPlace, listKeys, readFailed } from '../failed-records.ts';

type ListedMessage = ReturnType<typeof describeMessage>;
type ListedBatch = ReturnType<typeof describeFailed>;

/** Everything that was given up. `behind`: about how many messages the queue holds back behind others of their issue. */
export interface DeadLetters {
  messages: ListedMessage[];
  behind: number;
  /** undefined: the stack has no output for its bucket. */
  failedRecords: ListedBatch[] | undefined;
}

/** `frabit-im dead-letters list`. */
export async function listDeadLetters(context: Context): Promise<CommandResult> {
  const deployment = await context.deployment();
  const found = await readDeadLetters(context, deployment);
  printDeadLetters(context, found);
  return { document: { ...found } };
}

/** Reads everything and changes nothing but the receive counts. */
export async function readDeadLetters(context: Context, deployment: Deployment): Promise<DeadLetters> {
  const queue = { sqs: deployment.sqs, queueUrl: deployment.output('DeadLetterQueueUrl') };
  const place = failedPlace(deployment);
  const progress = context.progress('Reading what was given up');
  const messages: DeadMessage[] = [];
  try {
    const total = await countMessages(queue);
    try {
      for await (const batch of receiveAll(queue)) messages.push(...batch);
    } finally {
      await release(queue, messages);
    }
    const failed = place && (await readAllFailed(place));
    return {
      messages: messages.map(describeMessage),
      behind: Math.max(0, total - messages.length),
      failedRecords: failed,
    };
  } finally {
    progress.stop();
  }
}

export const failedPlace = ({ s3, outputs }: Deployment): FailedPlace | undefined =>
  outputs.FailedRecordsBucketName === undefined ? undefined : { s3, bucket: outputs.FailedRecordsBucketName };

async function readAllFailed(place: FailedPlace): Promise<ListedBatch[]> {
  const listed: ListedBatch[] = [];
  for (const key of await listKeys(place)) {
    const object = await readFailed(place, key);
    if (object) listed.push(describeFailed(object));
  }
  return listed;
}

export function printDeadLetters({ print }: Pick<Context, 'print'>, found: DeadLetters): void {
  const { messages, behind, failedRecords } = found;
  print(`${counted(messages.length, 'hint')} in the dead-letter queue`);
  for (const one of messages) print(`  ${messageText(one)}`);
  if (behind > 0) print(`  and about ${behind} more behind them`);
  print();
  if (!failedRecords) {
    print(
      'This stack has no output for its bucket of failed records: deploy the current version to see them.',
    );
    return;
  }
  print(`${counted(failedRecords.length, 'batch', 'batches')} of stream records given up`);
  for (const one of failedRecords) print(`  ${batchText(one)}`);
}

function messageText({ messageId, kind, issueId, instanceCode, sentAt, received }: ListedMessage): string {
  const about = issueId ?? (instanceCode && `instance ${instanceCode}`) ?? '-';
  return `${sentAt}  ${kind}  ${oneLine(about)}  received ${received}×  ${messageId}`;
}

function batchText(batch: ListedBatch): string {
  if ('unreadable' in batch) return `unreadable  ${oneLine(batch.key)}`;
  const { at, condition, records, issueIds } = batch;
  return `${at}  ${batch.function}  ${condition}  ${counted(records, 'record')}  ${issueIds.map(oneLine).join(', ')}  ${oneLine(batch.key)}`;
}
