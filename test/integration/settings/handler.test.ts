import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { aFakeAwsKey } from '../../support/secrets.ts';
import { anEvent } from '../../support/settings-api.ts';
import { useDynamoDbLocal } from '../../support/use-core.ts';

/** The Lambda reads its endpoint from the environment, so this file needs DynamoDB Local in every tier. */
const database = useDynamoDbLocal();

beforeAll(async () => {
  const { approvalTableName } = await database().createTables();
  const environment = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: aFakeAwsKey().secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: database().endpoint,
    POWERTOOLS_LOG_LEVEL: 'DEBUG',
    APPROVAL_TABLE_NAME: approvalTableName,
    WORK_QUEUE_URL: 'http://127.0.0.1:9/work.fifo',
    FEISHU_SECRET_ARN: 'feishu',
    EXTERNAL_SECRET_ARN: 'external',
    FEISHU_BASE_URL: '',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterAll(() => void vi.unstubAllEnvs());

test('the handler works from its environment, and answers GET before anything was enabled', async () => {
  const { handler } = await import('../../../functions/manage-settings/handler.ts');
  const answer = await handler(anEvent('GET', '/settings/feishu'), {} as Context);
  expect(answer).toMatchObject({ statusCode: 200, body: '{"enabled":false,"checks":[],"withdrawing":0}' });
  expect(await handler(anEvent('PUT', '/settings/feishu', '{'), {} as Context)).toMatchObject({
    statusCode: 400,
  });
});
