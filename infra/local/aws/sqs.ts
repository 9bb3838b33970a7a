import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { LOCAL_CREDENTIALS, REGION } from '../names.ts';
import { isFromThisMachine } from '../own-address.ts';

interface LocalSqs {
  /** The endpoint of SQS and of S3: fauxqs simulates both. */
  endpoint: string;
  client: SQSClient;
  createQueue(name: string, attributes: Record<string, string>): Promise<{ url: string; arn: string }>;
  stop(): Promise<void>;
}

/**
 * Starts fauxqs on a free port of the loopback. Does not use its `startFauxqs`, which listens on every interface whatever
 * `host` says, and answers web pages whose host name was rebound to the loopback.
 */
export async function startSqs(): Promise<LocalSqs> {
  const app = buildApp({ logger: false, defaultRegion: REGION });
  app.addHook('onRequest', async ({ raw }, reply) => {
    if (isFromThisMachine(raw)) return;
    return reply.code(403).send({ __type: 'AccessDenied', message: 'Only this machine may use the queues.' });
  });
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  const client = new SQSClient({ endpoint, region: REGION, credentials: LOCAL_CREDENTIALS });
  return {
    endpoint,
    client,
    async createQueue(name, attributes) {
      const { QueueUrl = '' } = await client.send(
        new CreateQueueCommand({ QueueName: name, Attributes: { FifoQueue: 'true', ...attributes } }),
      );
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
      );
      // The host name in the URL of fauxqs does not resolve everywhere.
      return { url: `${endpoint}${new URL(QueueUrl).pathname}`, arn: Attributes?.QueueArn ?? '' };
    },
    async stop() {
      client.destroy();
      await app.close();
    },
  };
}
