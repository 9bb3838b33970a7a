import { Duration } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow } from './product-function.ts';

/** The time-out of the worker. AWS advises to hide a message for six times as long (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
export const WORKER_TIMEOUT = Duration.seconds(30);

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
      visibilityTimeout: Duration.seconds(6 * WORKER_TIMEOUT.toSeconds()),
      // An older hint is useless: by then the sweep has processed its issue many times.
      retentionPeriod: Duration.days(4),
      // The worker itself sets hints aside, after six hours at the latest. This count is for hints on which it crashes.
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 400 },
    });
  }

  /** Lets a function put hints on the queue. */
  allowHints(role: Role): void {
    allow(role, ['sqs:SendMessage'], this.queue.queueArn);
  }

  /** Lets a function set hints aside. */
  allowDeadLetters(role: Role): void {
    allow(role, ['sqs:SendMessage'], this.deadLetters.queueArn);
  }
}
