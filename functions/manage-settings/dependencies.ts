import { randomBytes, randomUUID } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamoFormMemories } from '../../shared/approval/channels/feishu/form-memory-store.ts';
import { createDynamoPacer } from '../../shared/approval/store/pacing.ts';
import { createWorkQueue } from '../../shared/approval/work-queue.ts';
import { generateSigningSecret } from '../../shared/external/signatures.ts';
import { createFeishuGateway } from '../../shared/feishu/client.ts';
import { createFeishuSetup } from '../../shared/feishu/setup-client.ts';
import { once } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createCounter } from '../../shared/runtime/metrics.ts';
import type { SetupContext } from '../../shared/setup/setup-context.ts';
import { manageSettingsEnv } from './env.ts';

/** Returns what the handler works with, made from the environment. A container keeps it between invocations. */
export const dependencies = once(() => {
  const env = manageSettingsEnv();
  const logger = createLogger('manage-settings');
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const secretsManager = new SecretsManagerClient({});
  const feishu = { baseUrl: env.FEISHU_BASE_URL, larkBaseUrl: env.LARK_BASE_URL, logger };
  return {
    place: { documents, tableName: env.APPROVAL_TABLE_NAME },
    secret: { secretsManager, secretId: env.FEISHU_SECRET_ARN },
    external: {
      secret: { secretsManager, secretId: env.EXTERNAL_SECRET_ARN },
      newSigningSecret: () => generateSigningSecret(randomBytes),
      allowLocal: env.EXTERNAL_LOCAL_ENDPOINTS === 'true',
      resolve: async (hostname) => (await lookup(hostname, { all: true })).map(({ address }) => address),
    },
    queue: createWorkQueue({ sqs: new SQSClient({}), queueUrl: env.WORK_QUEUE_URL }),
    // Checks run with the keys of the request, not with the stored ones.
    createSetup: (appSecret) => createFeishuSetup({ credentials: async () => ({ appSecret }), ...feishu }),
    createGateway: (appSecret) =>
      createFeishuGateway({ credentials: async () => ({ appSecret }), ...feishu }),
    pacer: createDynamoPacer(documents, env.APPROVAL_TABLE_NAME, env.FEISHU_CALLS_PER_MINUTE),
    forms: createDynamoFormMemories(documents, env.APPROVAL_TABLE_NAME),
    now: () => new Date(),
    sleep,
    newId: randomUUID,
    logger,
    // Calls of a person who tries keys are not counted: they say nothing about the approvals.
    counter: createCounter('manage-settings'),
  } satisfies SetupContext;
});
