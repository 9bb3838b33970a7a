import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createWorkQueue } from '../../shared/approval/work-queue.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createCounter } from '../../shared/runtime/metrics.ts';
import { createFeishuSecretReader } from '../../shared/settings/feishu-secret.ts';
import { readFeishuSettings } from '../../shared/settings/settings-store.ts';
import { createWebhookLog } from '../../shared/settings/webhook-log.ts';
import { receiveFeishuEventsEnv } from './env.ts';
import { findIssue } from './find-issue.ts';
import type { ReceiveDependencies } from './receive-feishu-event.ts';

/** Fail fast: Feishu waits three seconds and then sends the event again. */
const LIMITS = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 800, requestTimeout: 1_000, throwOnRequestTimeout: true },
};

/** Makes what the handler works with from the environment. Called once per container. */
export function createDependencies(): ReceiveDependencies {
  const env = receiveFeishuEventsEnv();
  const place = {
    documents: DynamoDBDocumentClient.from(new DynamoDBClient(LIMITS)),
    tableName: env.APPROVAL_TABLE_NAME,
  };
  return {
    secrets: createFeishuSecretReader({
      secretsManager: new SecretsManagerClient(LIMITS),
      secretId: env.FEISHU_SECRET_ARN,
      now: Date.now,
    }),
    readRevision: async () => (await readFeishuSettings(place.documents, place.tableName))?.revision,
    findIssue: (event) => findIssue(event, place),
    queue: createWorkQueue({ sqs: new SQSClient(LIMITS), queueUrl: env.WORK_QUEUE_URL }),
    webhookLog: createWebhookLog(place, () => new Date()),
    now: () => new Date(),
    counter: createCounter('receive-feishu-events'),
    logger: createLogger('receive-feishu-events'),
  };
}
