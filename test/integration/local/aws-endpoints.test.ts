import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BusEvent } from '../../../infra/local/aws/event-bus.ts';
import { startJsonServices } from '../../../infra/local/aws/json-services.ts';

const SecretId = 'frabit-feishu';
let endpoints: Awaited<ReturnType<typeof startJsonServices>>;
let secrets: SecretsManagerClient;
let bus: EventBridgeClient;
const events: BusEvent[] = [];

beforeEach(async () => {
  events.length = 0;
  endpoints = await startJsonServices({ secretName: SecretId, onEvent: (event) => events.push(event) });
  const client = {
    endpoint: endpoints.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  secrets = new SecretsManagerClient(client);
  bus = new EventBridgeClient(client);
  return async () => {
    secrets.destroy();
    bus.destroy();
    await endpoints.close();
  };
});

const put = (SecretString: string) => secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
const get = (VersionStage?: string) =>
  secrets.send(new GetSecretValueCommand({ SecretId, ...(VersionStage && { VersionStage }) }));

describe('the Secrets Manager endpoint', () => {
  it('reports that a secret without a value has no version with this staging label', async () => {
    await expect(get()).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    });
  });

  it('reports that another secret does not exist', async () => {
    await expect(secrets.send(new GetSecretValueCommand({ SecretId: 'other' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
  });

  it('moves the old value to AWSPREVIOUS and does not list older ones', async () => {
    for (const value of ['one', 'two', 'three']) await put(value);
    const current = await get();
    expect(current).toMatchObject({ SecretString: 'three', VersionStages: ['AWSCURRENT'] });
    expect(current.CreatedDate).toBeInstanceOf(Date);
    expect(await get('AWSPREVIOUS')).toMatchObject({ SecretString: 'two' });
    const { VersionIdsToStages } = await secrets.send(new DescribeSecretCommand({ SecretId }));
    expect(Object.values(VersionIdsToStages ?? {})).toEqual([['AWSCURRENT'], ['AWSPREVIOUS']]);
  });

  it('accepts the same token with the same value, and refuses it with another value', async () => {
    const ClientRequestToken = '0b2f7b4e-3a77-4c06-9b1c-6d2d3a2f9c11';
    const send = (SecretString: string) =>
      secrets.send(new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken }));
    await send('one');
    await send('one');
    await expect(get('AWSPREVIOUS')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(send('two')).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });
});

describe('the secret of the external nodes', () => {
  it('is a separate secret, found by its name and by its ARN', async () => {
    await put('of the apps');
    await expect(
      secrets.send(new GetSecretValueCommand({ SecretId: 'frabit-external' })),
    ).rejects.toMatchObject({
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    });
    await secrets.send(
      new PutSecretValueCommand({ SecretId: 'frabit-external', SecretString: 'of the nodes' }),
    );
    expect(
      await secrets.send(new GetSecretValueCommand({ SecretId: endpoints.externalSecretArn })),
    ).toMatchObject({ SecretString: 'of the nodes', Name: 'frabit-external' });
    expect(await get()).toMatchObject({ SecretString: 'of the apps', Name: SecretId });
  });
});

describe('the EventBridge endpoint', () => {
  it('passes on valid entries and refuses invalid ones one by one', async () => {
    const answer = await bus.send(
      new PutEventsCommand({
        Entries: [
          { Source: 'frabit.im-approval', DetailType: 'Approval Pending', Detail: '{"issueId":"i"}' },
          { Source: 'frabit.im-approval', DetailType: 'Approval Pending', Detail: 'not JSON' },
        ],
      }),
    );
    expect(answer).toMatchObject({ FailedEntryCount: 1, Entries: [{}, { ErrorCode: 'MalformedDetail' }] });
    expect(events.map((event) => event.Detail)).toEqual(['{"issueId":"i"}']);
  });
});
