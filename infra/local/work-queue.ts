import { SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { LOCAL_CREDENTIALS, REGION } from './config.ts';

const QUEUE = 'frabit-work.fifo';
const DEAD_LETTERS = 'frabit-work-dead.fifo';

export interface LocalQueue {
  /** Of SQS, and of S3: fauxqs plays both. */
  endpoint: string;
  /** With a host that resolves: the one that fauxqs hands out does not. */
  queueUrl: string;
  queueArn: string;
  deadLetterUrl: string;
  client: SQSClient;
  deadLetters(): number;
  stop(): Promise<void>;
}

/** The FIFO work queue and its dead-letter queue, with the numbers of DESIGN: hidden for 90 s, dead after 20 receives. */
export async function startWorkQueue(
  options: { visibilitySeconds?: number; maxReceives?: number } = {},
): Promise<LocalQueue> {
  const { visibilitySeconds = 90, maxReceives = 20 } = options;
  const server = await startFauxqs({ port: 0, logger: false, defaultRegion: REGION });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const dead = server.createQueue(DEAD_LETTERS, { attributes: { FifoQueue: 'true' } });
  const { queueArn } = server.createQueue(QUEUE, {
    attributes: {
      FifoQueue: 'true',
      VisibilityTimeout: String(visibilitySeconds),
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.queueArn, maxReceiveCount: maxReceives }),
    },
  });
  const client = new SQSClient({ endpoint, region: REGION, credentials: LOCAL_CREDENTIALS });
  return {
    endpoint,
    queueUrl: `${endpoint}/000000000000/${QUEUE}`,
    queueArn,
    deadLetterUrl: `${endpoint}/000000000000/${DEAD_LETTERS}`,
    client,
    deadLetters: () => server.inspectQueue(DEAD_LETTERS)?.messages.ready.length ?? 0,
    async stop() {
      client.destroy();
      await server.stop();
    },
  };
}
