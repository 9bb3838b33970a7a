import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { startFeishuSimulator } from '../../../infra/local/simulators/feishu/server.ts';
import { aPlace, type StartedStack, startStackProcess } from '../../support/running-stack.ts';
import { declareApp } from '../../support/secrets.ts';

const stackSchema = z.object({
  outputs: z.record(z.string(), z.string()),
  endpoints: z.object({ dynamodb: z.url(), sqs: z.url(), s3: z.url(), lambda: z.url() }),
  region: z.string(),
});
const keysSchema = z.object({
  appId: z.string(),
  appSecret: z.string(),
  encryptKey: z.string(),
  verificationToken: z.string(),
});

const printed = (stack: StartedStack, name: string): string =>
  new RegExp(`${name} +(\\S+)`).exec(stack.output())?.[1] ?? '';
const json = async (url: string, init?: RequestInit): Promise<unknown> => (await fetch(url, init)).json();
const withBody = (method: string, body: unknown): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

describe('a stack started with ENABLE=0', () => {
  let stack: StartedStack;
  let removePlace: () => Promise<void>;
  let told: z.infer<typeof stackSchema>;
  beforeAll(async () => {
    const place = await aPlace();
    removePlace = place.remove;
    stack = startStackProcess({ ...place.env, ENABLE: '0' });
    await stack.waitFor(/Nothing is enabled yet: npx frabit-im enable --local http:\/\/127\.0\.0\.1:\d+\n/);
    told = stackSchema.parse(await json(`${printed(stack, 'Console')}/stack`));
  });
  afterAll(async () => {
    await stack.stop('SIGKILL');
    await removePlace();
  });
  const aws = (endpoint: string) => ({
    endpoint,
    region: told.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const scan = () =>
    new DynamoDBClient(aws(told.endpoints.dynamodb)).send(
      new ScanCommand({ TableName: told.outputs.IssueTableName }),
    );

  it('prints the four values and the request URL to enter, and no definition', () => {
    expect(stack.output()).toMatch(
      /App ID +cli_\w+\n +App secret +\w+\n +Encrypt key +\w+\n +Verification token +\w+\n/,
    );
    expect(stack.output()).toMatch(
      /Events +http:\/\/127\.0\.0\.1:\d+\/feishu\/events {2}\(the request URL for the Feishu console\)/,
    );
    expect(stack.output()).not.toContain('Definition');
  });

  it('runs the OA simulator, prints its signing secret, and leaves it to a person to save it as a node', async () => {
    expect(stack.output()).toMatch(/OA inbox +http:\/\/127\.0\.0\.1:\d+\/ {2}\(also its endpoint\)/);
    expect(await json(`${told.outputs.SettingsUrl}/external-approvals`)).toEqual({ nodes: [] });
    const endpoint = printed(stack, 'OA inbox').replace(/\/$/, '');
    const signingSecret = printed(stack, 'OA signing secret');
    const answer = await json(
      `${told.outputs.SettingsUrl}/external-approvals/demo-oa`,
      withBody('PUT', { title: 'By hand', endpoint, signingSecret }),
    );
    expect(answer).toMatchObject({ nodeId: 'demo-oa', title: 'By hand', endpoint });
    expect(answer).not.toHaveProperty('signingSecret');
  });

  it('calls Feishu never, writes no issue and enables nothing', async () => {
    expect(await json(`${printed(stack, 'Feishu simulator')}/simulator/calls`)).toEqual({
      calls: {},
      refused: {},
    });
    expect((await scan()).Items).toEqual([]);
    expect(await json(`${told.outputs.SettingsUrl}/feishu`)).toMatchObject({ enabled: false });
  });

  it('returns the endpoint of each service at GET /stack', async () => {
    const { outputs, endpoints } = told;
    expect(outputs).toMatchObject({
      SettingsUrl: `${printed(stack, 'Console')}/settings`,
      FeishuWebhookUrl: printed(stack, 'Events'),
    });
    const sqs = new SQSClient(aws(endpoints.sqs));
    for (const QueueUrl of [outputs.WorkQueueUrl, outputs.DeadLetterQueueUrl]) {
      const AttributeNames = ['ApproximateNumberOfMessages' as const];
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
      expect(Attributes).toEqual({ ApproximateNumberOfMessages: '0' });
    }
    const s3 = new S3Client({ ...aws(endpoints.s3), forcePathStyle: true });
    const Bucket = outputs.FailedRecordsBucketName;
    expect((await s3.send(new HeadBucketCommand({ Bucket }))).$metadata.httpStatusCode).toBe(200);
  });

  it('invokes watch-issues at its Lambda endpoint', async () => {
    const { Payload } = await new LambdaClient(aws(told.endpoints.lambda)).send(
      new InvokeCommand({ FunctionName: 'watch-issues', Payload: JSON.stringify({ Records: [] }) }),
    );
    expect(JSON.parse(Payload?.transformToString() ?? '')).toEqual({ batchItemFailures: [] });
  });

  it('can be enabled with a Lark app, for which the functions call Lark', async () => {
    const simulator = printed(stack, 'Feishu simulator');
    const app = keysSchema.parse(
      await json(`${simulator}/simulator/apps`, withBody('POST', { platform: 'lark' })),
    );
    declareApp(app);
    const answer = await json(
      `${told.outputs.SettingsUrl}/feishu`,
      withBody('PUT', { ...app, domain: 'lark' }),
    );
    expect(answer).toMatchObject({ enabled: true, appId: app.appId, domain: 'lark' });
    expect(await json(`${simulator}/simulator/apps/${app.appId}/calls`)).toMatchObject({
      calls: { createDefinition: 1 },
    });
    expect(await json(`${simulator}/simulator/calls`)).toEqual({ calls: {}, refused: {} });
  });
});

describe('ENABLE=0 with another Feishu', () => {
  it('needs none of the four values', async () => {
    const feishu = await startFeishuSimulator();
    const place = await aPlace();
    const stack = startStackProcess({ ...place.env, ENABLE: '0', FEISHU_BASE_URL: feishu.url });
    try {
      await stack.waitFor(/Nothing is enabled yet/);
      expect(stack.output()).not.toContain('App secret');
      expect(feishu.control.calls()).toEqual({ calls: {}, refused: {} });
      expect(await stack.stop()).toMatchObject({ code: 0, stderr: '' });
    } finally {
      await stack.stop('SIGKILL');
      await place.remove();
      await feishu.close();
    }
  });
});
