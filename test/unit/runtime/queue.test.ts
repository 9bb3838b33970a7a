import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { createWorkQueue, parseHint } from '../../../shared/approval/work-queue.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const mock = () => mockClient(SQSClient);
let sqs: ReturnType<typeof mock>;
beforeEach(() => {
  sqs = mock();
  sqs.on(SendMessageCommand).resolves({});
});
afterEach(() => sqs.restore());

const aQueue = () =>
  createWorkQueue({
    sqs: new SQSClient({ region: 'us-east-1' }),
    queueUrl: 'http://queue',
    timeoutMilliseconds: 50,
  });
const sent = () => sqs.commandCalls(SendMessageCommand).map((call) => call.args[0].input);

const changed: Hint = { kind: 'RECORD_CHANGED', issueId: 'issue 语', triggers: ['BELL'] };
const event = {
  eventId: 'e',
  appId: 'cli',
  definitionCode: 'D',
  instanceCode: 'I',
  about: 'TASK',
  status: 'APPROVED',
} as const;

describe('sending a hint', () => {
  it.each<[string, Hint, string]>([
    ['the issue of a change', changed, 'issue 语'],
    ['the issue of an event', { kind: 'FEISHU_EVENT', issueId: 'i', approvalId: 'a', ...event }, 'i'],
    ['the issue that is due', { kind: 'DUE', issueId: 'i', approvalIds: [] }, 'i'],
    ['the instance whose issue is unknown', { kind: 'UNKNOWN_INSTANCE', ...event }, 'I'],
  ])('groups it by %s', async (_name, hint, group) => {
    await aQueue().send(hint, 'id-1');

    expect(sent()).toEqual([
      {
        QueueUrl: 'http://queue',
        MessageBody: expect.any(String),
        MessageGroupId: sha256(group),
        MessageDeduplicationId: 'id-1',
      },
    ]);
    expect(parseHint(sent()[0]?.MessageBody ?? '')).toEqual(hint);
  });

  it('writes the body in ASCII, because SQS refuses some characters that ids may contain', async () => {
    const hint: Hint = { ...changed, issueId: 'é 问题 😀 \u007f\uffff "\n' };
    await aQueue().send(hint, 'id-1');

    const body = sent()[0]?.MessageBody ?? '';
    expect(body).toMatch(/^[ -~]*$/);
    expect(parseHint(body)).toEqual(hint);
  });

  it.each(['x'.repeat(128), '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'])(
    'keeps a deduplication id that SQS takes: %s',
    async (id) => {
      await aQueue().send(changed, id);

      expect(sent()[0]?.MessageDeduplicationId).toBe(id);
    },
  );

  it.each(['x'.repeat(129), 'with space', 'ünïcode', 'line\n', ''])(
    'hashes a deduplication id that SQS refuses: %j',
    async (id) => {
      await aQueue().send(changed, id);

      expect(sent()[0]?.MessageDeduplicationId).toBe(sha256(id));
    },
  );

  it('rejects with a retryable QUEUE_UNAVAILABLE if the queue refuses', async () => {
    sqs.on(SendMessageCommand).rejects(new Error('down'));

    await expect(aQueue().send(changed, 'id')).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      retryable: true,
    });
  });

  it('rejects with QUEUE_UNAVAILABLE if the queue never answers', async () => {
    sqs.restore();
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const client = new SQSClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    });
    const queue = createWorkQueue({
      sqs: client,
      queueUrl: `${endpoint}/0/work.fifo`,
      timeoutMilliseconds: 20,
    });

    await expect(queue.send(changed, 'id')).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });

    client.destroy();
    silent.closeAllConnections();
    silent.close();
  });
});

it.each(['', 'no JSON', '{}', '{"kind":"NEWS"}', '{"kind":"DUE","issueId":5,"approvalIds":[]}'])(
  'reads no hint from %j',
  (body) => {
    expect(() => parseHint(body)).toThrowError(
      expect.objectContaining({ code: 'BAD_HINT', retryable: false }),
    );
  },
);
