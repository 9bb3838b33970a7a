import { Duration } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow } from './product-function.ts';

/**
 * The FIFO queue of hints and its dead-letter queue (docs/design.md 4.9). No content-based deduplication: two changes
 * that look the same are two hints. The senders set the deduplication ids.
 */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const kind = {
      fifo: true,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // One issue is one group: limits per group mean that issues never wait for each other.
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    };
    this.deadLetters = new Queue(this, 'DeadLetters', { ...kind, retentionPeriod: Duration.days(14) });
    this.queue = new Queue(this, 'Hints', {
      ...kind,
      visibilityTimeout: Duration.seconds(90),
      // An older hint is useless: by then the sweep has processed its issue many times.
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 20 },
    });
  }

  /** Lets a function put hints on the queue. */
  allowHints(role: Role): void {
    allow(role, ['sqs:SendMessage'], this.queue.queueArn);
  }
}
