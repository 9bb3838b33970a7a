import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { aFakeAwsKey } from './secrets.ts';

export interface LocalQueue {
  /** For AWS_ENDPOINT_URL_SQS. */
  endpoint: string;
  queueUrl: string;
  deadLetterUrl: string;
  sqs: SQSClient;
  /** Receives and deletes what is in the queue now, oldest first, one group after the other as SQS lets go. */
  receiveAll(): Promise<Message[]>;
  stop(): Promise<void>;
}

const NAME = 'work.fifo';
const DEAD_LETTERS = 'work-dead-letters.fifo';

/** A FIFO queue with its dead-letter queue in fauxqs, on a free port. */
export async function startQueue(): Promise<LocalQueue> {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const dead = server.createQueue(DEAD_LETTERS, { attributes: { FifoQueue: 'true' } });
  server.createQueue(NAME, {
    attributes: {
      FifoQueue: 'true',
      VisibilityTimeout: '90',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.queueArn, maxReceiveCount: '20' }),
    },
  });
  const sqs = new SQSClient({
    endpoint,
    region: 'us-east-1',
    credentials: aFakeAwsKey(),
  });
  // The URLs that fauxqs returns have a host that does not resolve.
  const queueUrl = `${endpoint}/000000000000/${NAME}`;
  const receive = async (): Promise<Message[]> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
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
    deadLetterUrl: `${endpoint}/000000000000/${DEAD_LETTERS}`,
    sqs,
    async receiveAll() {
      const all: Message[] = [];
      for (let some = await receive(); some.length > 0; some = await receive()) all.push(...some);
      return all;
    },
    async stop() {
      sqs.destroy();
      await server.stop();
    },
  };
}
