import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ReceiveDependencies,
  receiveExternalEvent,
} from '../../../functions/receive-external-events/receive-external-event.ts';
import { createSecretReader } from '../../../shared/runtime/secret-reader.ts';
import { EXTERNAL_SECRET, type NodeSecret } from '../../../shared/settings/external-secret.ts';
import { aCounter } from '../../support/counter.ts';
import { aLog } from '../../support/log.ts';
import { signedByOa } from '../../support/oa-push.ts';
import { aSigningSecret } from '../../support/secrets.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const [BEFORE, AFTER] = [aSigningSecret(), aSigningSecret()];
const BODY = '{"approvalId":"approval-1"}';

const mock = () => mockClient(SecretsManagerClient);
let secretsManager: ReturnType<typeof mock>;
let now: number;
beforeEach(() => {
  secretsManager = mock();
  now = Date.UTC(2026, 2, 1);
});
afterEach(() => secretsManager.restore());

let version = 0;
const holds = (nodes: Record<string, NodeSecret>) =>
  secretsManager
    .on(GetSecretValueCommand)
    .resolves({ VersionId: `v${++version}`, SecretString: JSON.stringify({ nodes }) });
const reads = () => secretsManager.commandCalls(GetSecretValueCommand).length;

function setUp(more: Partial<ReceiveDependencies> = {}) {
  const sent: unknown[] = [];
  const logger = aLog();
  const counter = aCounter();
  const node = { nodeId: 'oa', title: 'OA', endpoint: 'https://oa.example.com', revision: 1 };
  const dependencies: ReceiveDependencies = {
    readNode: async (nodeId) => (nodeId === 'oa' ? { ...node } : undefined),
    secrets: createSecretReader(EXTERNAL_SECRET, {
      secretsManager: new SecretsManagerClient({ region: 'us-east-1' }),
      secretId: 'external',
      now: () => now,
    }),
    findApproval: async (approvalId) => ({ issueId: 'issue-1', approvalId }),
    queue: { send: async (hint, deduplicationId) => void sent.push([hint, deduplicationId]) },
    now: () => new Date(now),
    counter,
    logger,
    ...more,
  };
  const receive = async (body: string, headers: Record<string, string> = {}, nodeId = 'oa') =>
    (await receiveExternalEvent({ nodeId, headers, body: Buffer.from(body) }, dependencies)).kind;
  const push = (secret: string, body = BODY, id?: string) =>
    receive(body, signedByOa(secret, body, { at: new Date(now), ...(id && { id }) }));
  return { sent, logger, counter, receive, push, node };
}

describe('a signed event', () => {
  beforeEach(() => holds({ oa: { signingSecret: BEFORE } }));

  it('is a hint for its issue, deduplicated by node, message and approval', async () => {
    const { push, sent, counter, logger } = setUp();
    expect(await push(BEFORE)).toBe('STORED');
    expect(await push(BEFORE)).toBe('STORED');
    expect(await push(BEFORE, BODY, 'msg-2')).toBe('STORED');
    expect(await push(BEFORE, '{"approvalId":"approval-2"}')).toBe('STORED');
    const [first, second, ...others] = sent;
    // echo -n '["oa","msg-1","approval-1"]' | sha256sum
    const eventId = 'fe629c415ad56efd77221bdbb38e568d2ebd975c70b3444883c8a1abfd638369';
    expect(first).toEqual([
      { kind: 'EXTERNAL_EVENT', issueId: 'issue-1', approvalId: 'approval-1', nodeId: 'oa', eventId },
      eventId,
    ]);
    expect(second).toEqual(first);
    const ids = [first, ...others].map((one) => JSON.stringify(one));
    expect(new Set(ids).size).toBe(3);
    expect(counter.counted).toEqual({ WebhookStored: 4 });
    expect(logger.lines[0]).toEqual([
      'OA event stored',
      { nodeId: 'oa', eventId, correlationId: eventId, issueId: 'issue-1', approvalId: 'approval-1' },
    ]);
  });

  it('of an approval that is not ours is answered like any other and has no effect', async () => {
    const { push, sent, counter } = setUp({ findApproval: async () => undefined });
    expect(await push(BEFORE)).toBe('IGNORED');
    expect([sent, counter.counted]).toEqual([[], { WebhookIgnored: 1 }]);
  });

  it.each([
    ['no JSON', 'hello'],
    ['empty', ''],
    ['a list', '["approval-1"]'],
    ['without approvalId', '{}'],
    ['with an approvalId that is no text', '{"approvalId":7}'],
    ['with an empty approvalId', '{"approvalId":""}'],
    ['with an approvalId of 129 characters', JSON.stringify({ approvalId: 'x'.repeat(129) })],
    ['nested without end', '['.repeat(100_000)],
  ])('that is %s is a bad request', async (_, body) => {
    const { push, sent } = setUp();
    expect(await push(BEFORE, body)).toBe('BAD_REQUEST');
    expect(sent).toEqual([]);
  });

  it('may have members that we do not read', async () => {
    expect(await setUp().push(BEFORE, '{"approvalId":"approval-1","status":"APPROVED"}')).toBe('STORED');
  });
});

describe('what is checked, in this order', () => {
  beforeEach(() => holds({ oa: { signingSecret: BEFORE } }));

  it('size before node', async () => {
    const asked: string[] = [];
    const { receive } = setUp({ readNode: async (nodeId) => void asked.push(nodeId) });
    expect(await receive('x'.repeat(256 * 1024 + 1), {}, 'nobody')).toBe('TOO_LARGE');
    expect(asked).toEqual([]);
  });

  it('node before signature', async () => {
    const { receive } = setUp();
    expect(await receive(BODY, {}, 'nobody')).toBe('UNKNOWN_NODE');
    expect(reads()).toBe(0);
  });

  it('signature before form', async () => {
    const { receive, push, counter, logger } = setUp();
    expect(await receive('hello')).toBe('UNAUTHORIZED');
    expect(await push(AFTER, 'hello')).toBe('UNAUTHORIZED');
    expect(counter.counted).toEqual({
      WebhookRefused: 2,
      'WebhookRefused:OA_UNSIGNED': 1,
      'WebhookRefused:OA_FORGED': 1,
    });
    expect(logger.lines).toEqual([
      ['OA event refused', { nodeId: 'oa', reason: 'UNSIGNED' }],
      ['OA event refused', { nodeId: 'oa', reason: 'FORGED' }],
    ]);
  });

  it('refuses a time that is more than five minutes off, even with a valid signature', async () => {
    const { receive } = setUp();
    for (const off of [-5 * MINUTE - 1_000, 5 * MINUTE + 1_000]) {
      expect(await receive(BODY, signedByOa(BEFORE, BODY, { at: new Date(now + off) }))).toBe('UNAUTHORIZED');
    }
  });

  it('refuses a signature with the secret of another node', async () => {
    holds({ oa: { signingSecret: BEFORE }, other: { signingSecret: AFTER } });
    expect(await setUp().push(AFTER)).toBe('UNAUTHORIZED');
  });
});

describe('a rotated secret', () => {
  const rotated = (): NodeSecret => ({
    signingSecret: AFTER,
    previous: [{ signingSecret: BEFORE, until: new Date(now + DAY).toISOString() }],
  });

  it('is accepted at once after its save, and the previous one for a day (docs/lessons.md 17)', async () => {
    holds({ oa: { signingSecret: BEFORE } });
    const { push, node } = setUp();
    expect(await push(AFTER)).toBe('UNAUTHORIZED');
    holds({ oa: rotated() });
    expect(await push(AFTER)).toBe('UNAUTHORIZED');
    node.revision = 2;
    expect(await push(AFTER)).toBe('STORED');
    expect(await push(BEFORE)).toBe('STORED');
    now += DAY;
    expect(await push(BEFORE)).toBe('UNAUTHORIZED');
    expect(await push(AFTER)).toBe('STORED');
  });

  it('is accepted within a minute if it was written by hand', async () => {
    holds({ oa: { signingSecret: BEFORE } });
    const { push } = setUp();
    await push(AFTER);
    holds({ oa: { signingSecret: AFTER } });
    expect(await push(AFTER)).toBe('UNAUTHORIZED');
    now += MINUTE;
    expect(await push(AFTER)).toBe('STORED');
  });

  it('is read once a minute for any number of forged events, and never for events that no secret can verify', async () => {
    holds({ oa: { signingSecret: BEFORE } });
    const { push, receive } = setUp();
    await push(BEFORE);
    for (let left = 10; left > 0; left -= 1) {
      await receive(BODY);
      await receive(BODY, signedByOa(BEFORE, BODY, { at: new Date(now - DAY) }));
    }
    expect(reads()).toBe(1);
    for (let left = 10; left > 0; left -= 1) await push(AFTER);
    expect(reads()).toBe(2);
  });

  it('is accepted as soon as it is stored for a node without one', async () => {
    holds({});
    const { push, node } = setUp();
    expect(await push(BEFORE)).toBe('UNAUTHORIZED');
    holds({ oa: { signingSecret: BEFORE } });
    node.revision = 2;
    expect(await push(BEFORE)).toBe('STORED');
  });
});

describe('an event that cannot be stored is UNAVAILABLE, so that the OA sends it again (docs/lessons.md 16)', () => {
  const down = () => Promise.reject(new Error('down'));
  beforeEach(() => holds({ oa: { signingSecret: BEFORE } }));

  it.each<[string, Partial<ReceiveDependencies>]>([
    ['the queue is down', { queue: { send: down } }],
    ['the table is down', { readNode: down }],
    ['the pointers are out of reach', { findApproval: down }],
    ['the queue hangs', { queue: { send: () => new Promise(() => {}) }, answerWithinMs: 1 }],
    ['the table hangs', { readNode: () => new Promise(() => {}), answerWithinMs: 1 }],
  ])('when %s', async (_, broken) => {
    const { push, counter } = setUp(broken);
    expect(await push(BEFORE)).toBe('UNAVAILABLE');
    expect(counter.counted).toEqual({ WebhookUnavailable: 1 });
  });

  it('when Secrets Manager is unavailable', async () => {
    secretsManager.on(GetSecretValueCommand).rejects(new Error('down'));
    expect(await setUp().push(BEFORE)).toBe('UNAVAILABLE');
  });
});

it('logs no secret, signature or body', async () => {
  holds({ oa: { signingSecret: BEFORE } });
  const { push, receive, logger } = setUp();
  await push(BEFORE);
  await push(AFTER, '{"approvalId":"the body"}');
  await push(BEFORE, 'the body');
  await receive('the body', {}, 'the node that nobody knows');
  expect(logger.lines).toHaveLength(4);
  expect(JSON.stringify(logger.lines)).not.toMatch(/whsec_|v1,|the body|nobody knows/);
});
