import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, vi } from 'vitest';
import type { Hint } from '../../shared/approval/plan/hint.ts';
import { parseHint } from '../../shared/approval/work-queue.ts';
import { settingsKey } from '../../shared/tables/approval-keys.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from './dynamodb-local.ts';
import { type LocalQueue, startQueue } from './fauxqs.ts';
import { anApp, bodyOf, signed } from './feishu-push.ts';
import { aPost } from './http-event.ts';
import { aFakeAwsKey } from './secrets.ts';

type Handler = typeof import('../../functions/receive-feishu-events/handler.ts').handler;

/**
 * The webhook function with DynamoDB Local and a queue, for a test file. It knows the uuid `our-uuid` (issue-1), the
 * instance `KNOWN` (issue-2, round `second`), and three definitions that we made.
 */
export interface Webhook {
  app: ReturnType<typeof anApp>;
  handler(): Handler;
  post(body?: string, headers?: Record<string, string>, isBase64Encoded?: boolean): Promise<unknown>;
  /** Posts an event, encrypted and signed as Feishu does. */
  push(plain: unknown): Promise<unknown>;
  /** Receives what was put on the queue since the last call. */
  stored(): Promise<{ hint: Hint; deduplicationId: string | undefined }[]>;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
export const answered = (statusCode: number, body: string): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: JSON_TYPE,
  body,
});
export const OK = answered(200, '{}');

export function useWebhook(): Webhook {
  const app = anApp();
  const secretsManager = mockClient(SecretsManagerClient);
  let dynamo: DynamoDbLocal;
  let queue: LocalQueue;
  let handler: Handler;

  beforeAll(async () => {
    [dynamo, queue] = await Promise.all([startDynamoDbLocal(), startQueue()]);
    const { approvalTableName } = await dynamo.createTables();
    const environment = {
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
      AWS_ENDPOINT_URL_SQS: queue.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: aFakeAwsKey().secretAccessKey,
      POWERTOOLS_METRICS_DISABLED: 'true',
      POWERTOOLS_LOG_LEVEL: 'DEBUG',
      APPROVAL_TABLE_NAME: approvalTableName,
      WORK_QUEUE_URL: queue.queueUrl,
      FEISHU_SECRET_ARN: 'feishu',
    };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const { appId, ...keys } = app;
    secretsManager.on(GetSecretValueCommand).resolves({
      VersionId: 'v1',
      SecretString: JSON.stringify({ apps: { [appId]: { appSecret: 'app secret', ...keys } } }),
    });
    ({ handler } = await import('../../functions/receive-feishu-events/handler.ts'));
    for (const Item of itemsOf(appId)) {
      await dynamo.documents.send(new PutCommand({ TableName: approvalTableName, Item }));
    }
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    secretsManager.restore();
    await Promise.all([dynamo.stop(), queue.stop()]);
  });

  const post: Webhook['post'] = (body, headers = {}, isBase64Encoded = false) =>
    handler(aPost('/feishu/events', { body, headers, isBase64Encoded }), {} as Context);
  return {
    app,
    handler: () => handler,
    post,
    push(plain) {
      const body = bodyOf(app.encryptKey, plain);
      return post(body, signed(app.encryptKey, body));
    },
    async stored() {
      return (await queue.receiveAll()).map((message) => ({
        hint: parseHint(message.Body ?? ''),
        deduplicationId: message.Attributes?.MessageDeduplicationId,
      }));
    },
  };
}

const itemsOf = (appId: string) => [
  { pk: 'APPROVAL#our-uuid', sk: 'POINTER', issueId: 'issue-1', approvalId: 'our-uuid' },
  { pk: 'INSTANCE#KNOWN', sk: 'POINTER', issueId: 'issue-2', approvalId: 'second' },
  {
    ...settingsKey,
    enabled: true,
    appId,
    domain: 'feishu',
    bot: { openId: 'ou_bot', name: 'bot' },
    definitionCode: 'DEFINITION',
    definitions: {
      cli_before: { code: 'DEFINITION-BEFORE', version: 1, createdAt: '2026-01-01T00:00:00.000Z' },
    },
    ownDefinitions: {
      'DEFINITION-OF-OURS': {
        code: 'DEFINITION-OF-OURS',
        appId,
        version: 1,
        createdAt: '2026-01-01T00:00:00.000Z',
        made: true,
      },
    },
    enabledAt: '2026-01-01T00:00:00.000Z',
    revision: 1,
  },
];
