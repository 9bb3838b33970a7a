import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Functions } from '../../../infra/local/aws/functions.ts';
import { findInvocable, startLambdaEndpoint } from '../../../infra/local/aws/lambda-endpoint.ts';

const EVENT = { Records: [{ eventName: 'INSERT', dynamodb: { SequenceNumber: '1' } }] };

let loaded: boolean;
let fails: boolean;
let received: [string, DynamoDBStreamEvent][];
let url: string;
let client: LambdaClient;

/** Returns which function it was, or throws an error that nobody may read. */
const play = (name: string) => async (event: DynamoDBStreamEvent) => {
  received.push([name, event]);
  if (fails) throw new Error('DROP TABLE orders');
  return { batchItemFailures: [{ itemIdentifier: '1' }] };
};
const never = async () => {
  throw new Error('not to be invoked');
};
const functions: Functions = {
  watchIssues: play('watch-issues'),
  publishApprovalEvents: play('publish-approval-events'),
  reconcileIssues: never,
  sweepApprovals: never,
  receiveFeishuEvents: never,
  receiveExternalEvents: never,
  manageSettings: never,
};

beforeEach(async () => {
  [loaded, fails, received] = [true, false, []];
  const endpoint = await startLambdaEndpoint((name) => (loaded ? findInvocable(functions, name) : undefined));
  url = endpoint.url;
  client = new LambdaClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  return async () => {
    client.destroy();
    await endpoint.close();
  };
});

async function invoke(FunctionName: string, event: unknown = EVENT) {
  const answer = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
  return {
    ...answer,
    failed: answer.FunctionError !== undefined,
    json: JSON.parse(answer.Payload?.transformToString() ?? ''),
  };
}
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, { method: 'POST', body, headers });
const pathOf = (name: string) => `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;

describe('the Lambda endpoint', () => {
  it.each([
    ['watch-issues', 'watch-issues'],
    ['watch-issues:$LATEST', 'watch-issues'],
    ['arn:aws:lambda:us-east-1:000000000000:function:publish-approval-events', 'publish-approval-events'],
    ['arn:aws:lambda:us-east-1:000000000000:function:watch-issues:$LATEST', 'watch-issues'],
    ['000000000000:function:watch-issues', 'watch-issues'],
  ])('invokes %s with the event and returns the result', async (name, played) => {
    expect(await invoke(name)).toMatchObject({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      failed: false,
      json: { batchItemFailures: [{ itemIdentifier: '1' }] },
    });
    expect(received).toEqual([[played, EVENT]]);
  });

  it('reports that a function failed, but nothing of its error', async () => {
    fails = true;
    expect(await invoke('watch-issues')).toMatchObject({
      StatusCode: 200,
      FunctionError: 'Unhandled',
      json: { errorType: 'Error', errorMessage: 'the function failed' },
    });
  });

  it.each([[{}], [{ Records: 1 }], [[1]]])(
    'reports the same for %j, which is not a stream event',
    async (event) => {
      expect(await invoke('watch-issues', event)).toMatchObject({ FunctionError: 'Unhandled' });
      expect(received).toEqual([]);
    },
  );

  it.each(['reconcile-issues', 'other', 'arn:aws:lambda:us-east-1:000000000000:function:other'])(
    'does not know %s',
    async (name) => {
      await expect(invoke(name)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    },
  );

  it('does not know a function before it is loaded', async () => {
    loaded = false;
    await expect(invoke('watch-issues')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it.each([
    ['a body that is not JSON', pathOf('watch-issues'), '{', {}, 400],
    ['another path', '/2015-03-31/functions', '{}', {}, 404],
    ['a page of another origin', pathOf('watch-issues'), '{}', { origin: 'https://evil.example' }, 403],
    ['more than 6 MB', pathOf('watch-issues'), ' '.repeat(6 * 1024 * 1024 + 1), {}, 413],
  ])('refuses %s', async (_what, path, body, headers, status) => {
    expect((await post(path, body, headers)).status).toBe(status);
    expect(received).toEqual([]);
  });
});
