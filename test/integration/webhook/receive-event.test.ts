import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ReceiveDependencies,
  receiveFeishuEvent,
} from '../../../functions/receive-feishu-events/receive-feishu-event.ts';
import { createFeishuSecretReader } from '../../../shared/settings/feishu-secret.ts';
import { aCounter } from '../../support/counter.ts';
import {
  type AppKeys,
  aChallenge,
  anApp,
  anInstanceEvent,
  bodyOf,
  signed,
} from '../../support/feishu-push.ts';
import { aLog } from '../../support/log.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const before = anApp({ encryptKey: 'the-old-key' });
const after = anApp({ encryptKey: 'the-new-key' });

const mock = () => mockClient(SecretsManagerClient);
let secretsManager: ReturnType<typeof mock>;
let now: number;
beforeEach(() => {
  secretsManager = mock();
  secretsManager.on(GetSecretValueCommand).rejects(nothing('AWSPREVIOUS'));
  now = Date.UTC(2026, 2, 1);
});
afterEach(() => secretsManager.restore());

/** The answer of Secrets Manager for a secret without a value at a stage. */
const nothing = (stage: string) =>
  new ResourceNotFoundException({
    message: `Secrets Manager can't find the specified secret value for staging label: ${stage}`,
    $metadata: {},
  });

/** Sets what Secrets Manager holds at a stage. */
function holds(stage: 'AWSCURRENT' | 'AWSPREVIOUS', VersionId: string, ...apps: AppKeys[]) {
  secretsManager.on(GetSecretValueCommand, { VersionStage: stage }).resolves({
    VersionId,
    CreatedDate: new Date(now),
    SecretString: JSON.stringify({
      apps: Object.fromEntries(apps.map(({ appId, ...keys }) => [appId, { appSecret: 's', ...keys }])),
    }),
  });
}

const reads = () => secretsManager.commandCalls(GetSecretValueCommand, { VersionStage: 'AWSCURRENT' }).length;

function setUp(more: Partial<ReceiveDependencies> = {}) {
  const sent: unknown[] = [];
  const logger = aLog();
  const counter = aCounter();
  const dependencies: ReceiveDependencies = {
    secrets: createFeishuSecretReader({
      secretsManager: new SecretsManagerClient({ region: 'us-east-1' }),
      secretId: 'feishu',
      now: () => now,
    }),
    findIssue: async (event) => ({ kind: 'UNKNOWN_INSTANCE', ...event }),
    readRevision: async () => undefined,
    webhookLog: { record: async () => {}, recordTestEvent: async () => {} },
    queue: { send: async (hint) => void sent.push(hint) },
    now: () => new Date(now),
    counter,
    logger,
    ...more,
  };
  const receive = async (body: string, headers: Record<string, string> = {}) =>
    (await receiveFeishuEvent({ headers, body: Buffer.from(body) }, dependencies)).kind;
  const push = (app: AppKeys, plain: unknown = anInstanceEvent(app)) => {
    const body = bodyOf(app.encryptKey, plain);
    return receive(body, signed(app.encryptKey, body));
  };
  return { sent, logger, counter, receive, push };
}

describe('rotated keys', () => {
  it('are accepted with the next event, after one new read (docs/lessons.md 17)', async () => {
    holds('AWSCURRENT', 'v1', before);
    const { push } = setUp();
    expect(await push(before)).toBe('STORED');
    now += MINUTE;
    holds('AWSCURRENT', 'v2', after);
    holds('AWSPREVIOUS', 'v1', before);

    expect(await push(after)).toBe('STORED');
    expect(reads()).toBe(2);
  });

  it('include a new Verification Token', async () => {
    holds('AWSCURRENT', 'v1', before);
    const { push } = setUp();
    await push(before);
    const token = anApp({ encryptKey: 'the-old-key', verificationToken: 'the-new-token' });
    holds('AWSCURRENT', 'v2', token);

    expect(await push(token)).toBe('STORED');
  });

  it('are accepted for a challenge that Feishu sends right after their save', async () => {
    holds('AWSCURRENT', 'v1');
    const { receive } = setUp();
    expect(await receive(bodyOf(after.encryptKey, aChallenge(after)))).toBe('UNAUTHORIZED');
    now += MINUTE;
    holds('AWSCURRENT', 'v2', after);

    expect(await receive(bodyOf(after.encryptKey, aChallenge(after)))).toBe('CHALLENGE');
  });

  it('let events with the old keys pass for one day (docs/lessons.md 15 and 17)', async () => {
    holds('AWSCURRENT', 'v2', after);
    holds('AWSPREVIOUS', 'v1', before);
    const { push } = setUp();

    now += 24 * HOUR - 1;
    expect(await push(before)).toBe('STORED');
    now += HOUR;
    expect(await push(before)).toBe('UNAUTHORIZED');
  });

  it('are accepted right after a foreign request, which forces no read', async () => {
    holds('AWSCURRENT', 'v1', before);
    const { receive, push } = setUp();
    await push(before);
    now += MINUTE;
    expect(await receive('{"hello":"world"}')).toBe('UNAUTHORIZED');
    holds('AWSCURRENT', 'v2', after);

    expect(await push(after)).toBe('STORED');
  });

  it('are read at most once a minute for any number of forged requests', async () => {
    holds('AWSCURRENT', 'v1', before);
    const { receive, push } = setUp();
    await push(before);

    const forged = bodyOf(after.encryptKey, aChallenge(after));
    for (let left = 20; left > 0; left -= 1) expect(await receive(forged)).toBe('UNAUTHORIZED');
    expect(reads()).toBe(2);

    now += MINUTE;
    await receive(forged);
    expect(reads()).toBe(3);
  });
});

describe('keys that cannot be read', () => {
  it('make the webhook unavailable, so that Feishu tries again', async () => {
    secretsManager.on(GetSecretValueCommand).rejects(new Error('down'));
    const { push } = setUp();

    expect(await push(before)).toBe('UNAVAILABLE');
  });

  it('make it unavailable also if the secret does not exist', async () => {
    secretsManager
      .on(GetSecretValueCommand)
      .rejects(new ResourceNotFoundException({ message: "can't find it", $metadata: {} }));
    const { push } = setUp();

    expect(await push(before)).toBe('UNAVAILABLE');
  });

  it('do not make it unavailable if the secret has no value: then every request is refused', async () => {
    secretsManager.on(GetSecretValueCommand).rejects(nothing('AWSCURRENT'));
    const { push } = setUp();

    expect(await push(before)).toBe('UNAUTHORIZED');
  });
});

describe('storing an event', () => {
  beforeEach(() => holds('AWSCURRENT', 'v1', before));

  it('stops before the timeout of Feishu if it hangs', async () => {
    const { push, logger } = setUp({ answerWithinMs: 1, queue: { send: () => new Promise(() => {}) } });

    expect(await push(before)).toBe('UNAVAILABLE');
    expect(logger.lines).toMatchObject([['storing a Feishu event failed', { error: { code: 'TOO_SLOW' } }]]);
  });

  it('counts and logs the result of an event, and only its ids', async () => {
    const { push, logger, counter } = setUp();

    await push(before);

    const about = { eventId: 'event-1', correlationId: 'event-1', instanceCode: 'INSTANCE' };
    expect(logger.lines).toEqual([['webhook event stored', { ...about, status: 'APPROVED' }]]);
    expect(counter.counted).toEqual({ WebhookStored: 1 });
  });

  it('never logs a key, a token or a body', async () => {
    const { push, receive, logger } = setUp();
    await receive(JSON.stringify({ token: before.verificationToken, secret: 'the body' }));
    await push(before, anInstanceEvent(before, { app_id: 'cli_other' }));
    await push(before, 'the body');
    await push(before, aChallenge(before));

    expect(logger.lines).toHaveLength(4);
    expect(JSON.stringify(logger.lines)).not.toMatch(
      /the-old-key|our-verification-token|the body|the challenge/,
    );
  });

  it('is not tried for an event that is not ours', async () => {
    const { push, sent, counter } = setUp({ findIssue: async () => undefined });

    expect(await push(before)).toBe('IGNORED');
    expect(sent).toEqual([]);
    expect(counter.counted).toEqual({ WebhookIgnored: 1 });
  });
});

describe('the webhook log', () => {
  beforeEach(() => holds('AWSCURRENT', 'v1', before));
  const aNotebook = () => {
    const noted: unknown[] = [];
    const webhookLog: ReceiveDependencies['webhookLog'] = {
      record: async ({ appId }, what) => void noted.push([appId, what]),
      recordTestEvent: async (uuid) => void noted.push(uuid),
    };
    return { noted, webhookLog };
  };

  it('has each verified challenge and event, with its app', async () => {
    const { noted, webhookLog } = aNotebook();
    const { push, receive } = setUp({ webhookLog });
    await receive(bodyOf(before.encryptKey, aChallenge(before)));
    await push(before, anInstanceEvent(before, { status: 'PENDING' }));
    expect(noted).toEqual([
      [before.appId, 'CHALLENGE'],
      [before.appId, 'APPROVAL'],
    ]);
  });

  it('has the end of an instance without an issue, and of no other', async () => {
    const { noted, webhookLog } = aNotebook();
    await setUp({ webhookLog }).push(before, anInstanceEvent(before, { uuid: 'TEST-UUID' }));
    expect(noted).toContain('TEST-UUID');
    noted.length = 0;
    const known = setUp({
      webhookLog,
      findIssue: async ({ instanceUuid: _, ...event }) => ({
        kind: 'FEISHU_EVENT',
        issueId: 'issue',
        approvalId: 'approval',
        ...event,
      }),
    });
    await known.push(before, anInstanceEvent(before, { uuid: 'ROUND-UUID' }));
    expect(noted).toEqual([[before.appId, 'APPROVAL']]);
  });

  it('has nothing of refused requests', async () => {
    const { noted, webhookLog } = aNotebook();
    const { push, receive } = setUp({ webhookLog });
    await push(after);
    await push(before, anInstanceEvent(before, { app_id: 'cli_other' }));
    await receive('{"hello":"world"}');
    await receive(bodyOf(after.encryptKey, aChallenge(after)));
    expect(noted).toEqual([]);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('no table'))],
    ['hangs', () => new Promise<void>(() => {})],
  ])('changes no answer if writing it %s', async (_, note) => {
    const { push, receive, sent } = setUp({ webhookLog: { record: note, recordTestEvent: note } });
    expect(await push(before)).toBe('STORED');
    expect(await receive(bodyOf(before.encryptKey, aChallenge(before)))).toBe('CHALLENGE');
    expect(sent).toHaveLength(1);
  });
});

describe('a save of the settings', () => {
  it('takes effect with the next request, even after a forced read a moment ago (docs/lessons.md 17)', async () => {
    holds('AWSCURRENT', 'v1', before);
    let revision = 1;
    const { push } = setUp({ readRevision: async () => revision });
    expect(await push(after)).toBe('UNAUTHORIZED');
    holds('AWSCURRENT', 'v2', after);
    expect(await push(after)).toBe('UNAUTHORIZED');
    revision = 2;
    expect(await push(after)).toBe('STORED');
  });

  it('takes effect later if Secrets Manager cannot be reached', async () => {
    holds('AWSCURRENT', 'v1', before);
    let revision = 1;
    const { push } = setUp({ readRevision: async () => revision });
    await push(after);
    revision = 2;
    secretsManager.on(GetSecretValueCommand, { VersionStage: 'AWSCURRENT' }).rejects(new Error('throttled'));
    expect(await push(after)).toBe('UNAVAILABLE');
    holds('AWSCURRENT', 'v2', after);
    expect(await push(after)).toBe('STORED');
  });

  it.each([
    ['fails', () => Promise.reject(new Error('throttled'))],
    ['hangs', () => new Promise<never>(() => {})],
  ])(
    'that cannot be read of (it %s) leaves a forged request refused, not unavailable',
    async (_, readRevision) => {
      holds('AWSCURRENT', 'v1', before);
      const { push } = setUp({ readRevision });
      expect(await push(after)).toBe('UNAUTHORIZED');
    },
  );

  it('that did not happen has no effect: forged requests force one read of the secret a minute', async () => {
    holds('AWSCURRENT', 'v1', before);
    const { push } = setUp({ readRevision: async () => 1 });
    for (let request = 0; request < 5; request += 1) expect(await push(after)).toBe('UNAUTHORIZED');
    expect(reads()).toBe(2);
  });
});
