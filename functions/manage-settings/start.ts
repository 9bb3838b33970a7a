import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createFeishuSetup } from '../../shared/feishu/setup.ts';
import { once } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createWorkQueue } from '../../shared/runtime/queue.ts';
import type { SettingsWork } from '../../shared/settings/enable-feishu.ts';
import { manageSettingsEnv } from './env.ts';

/** What a container of this function keeps between invocations. */
export const start = once(() => {
  const env = manageSettingsEnv();
  const logger = createLogger('manage-settings');
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return {
    place: { documents, tableName: env.APPROVAL_TABLE_NAME },
    secret: { secretsManager: new SecretsManagerClient({}), secretId: env.FEISHU_SECRET_ARN },
    queue: createWorkQueue({ sqs: new SQSClient({}), queueUrl: env.WORK_QUEUE_URL }),
    // The keys to be checked are those of the request, not those that are stored.
    createSetup: (appSecret) =>
      createFeishuSetup({ credentials: async () => ({ appSecret }), baseUrl: env.FEISHU_BASE_URL, logger }),
    now: () => new Date(),
    sleep,
    newId: randomUUID,
    logger,
  } satisfies SettingsWork;
});
