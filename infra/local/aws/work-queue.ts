import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { startSqs } from './sqs.ts';

const QUEUE = 'frabit-work.fifo';
const DEAD_LETTERS = 'frabit-work-dead.fifo';

export interface LocalQueue {
  /** The endpoint of SQS and of S3: fauxqs simulates both. */
  endpoint: string;
  queueUrl: string;
  queueArn: string;
  deadLetterUrl: string;
  client: SQSClient;
  deadLetters(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts the FIFO work queue and its dead-letter queue. docs/design.md 4.9: a message is hidden for 180 s, and the queue
 * itself gives it up after 400 receives.
 */
export async function startWorkQueue(
  options: { visibilitySeconds?: number; maxReceives?: number } = {},
): Promise<LocalQueue> {
  const { visibilitySeconds = 180, maxReceives = 400 } = options;
  const { endpoint, client, createQueue, stop } = await startSqs();
  const dead = await createQueue(DEAD_LETTERS, {});
  const work = await createQueue(QUEUE, {
    VisibilityTimeout: String(visibilitySeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: maxReceives }),
  });
  return {
    endpoint,
    queueUrl: work.url,
    queueArn: work.arn,
    deadLetterUrl: dead.url,
    client,
    async deadLetters() {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: dead.url,
          AttributeNames: ['ApproximateNumberOfMessages'],
        }),
      );
      return Number(Attributes?.ApproximateNumberOfMessages);
    },
    stop,
  };
}
