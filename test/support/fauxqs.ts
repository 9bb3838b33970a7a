import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startWorkQueue } from '../../infra/local/aws/work-queue.ts';
import { aFakeAwsKey } from './secrets.ts';

export interface LocalQueue {
  /** The value for AWS_ENDPOINT_URL_SQS. */
  endpoint: string;
  queueUrl: string;
  deadLetterUrl: string;
  sqs: SQSClient;
  /** Receives and deletes all messages, the oldest of each group first. */
  receiveAll(): Promise<Message[]>;
  stop(): Promise<void>;
}

/** Starts the work queue of the local stack, with its dead-letter queue and a client, on a free port. */
export async function startQueue(): Promise<LocalQueue> {
  const { endpoint, queueUrl, deadLetterUrl, stop } = await startWorkQueue();
  const sqs = new SQSClient({
    endpoint,
    region: 'us-east-1',
    credentials: aFakeAwsKey(),
  });
  const receive = async (): Promise<Message[]> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    for (const { ReceiptHandle } of Messages) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    }
    return Messages;
  };
  return {
    endpoint,
    queueUrl,
    deadLetterUrl,
    sqs,
    async receiveAll() {
      const all: Message[] = [];
      for (let some = await receive(); some.length > 0; some = await receive()) all.push(...some);
      return all;
    },
    async stop() {
      sqs.destroy();
      await stop();
    },
  };
}
