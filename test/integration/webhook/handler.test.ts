import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aChallenge, anInstanceEvent, bodyOf, signed } from '../../support/feishu-push.ts';
import { aPost } from '../../support/http-event.ts';
import { answered, OK, useWebhook } from '../../support/use-webhook.ts';

const { app, handler, post, push, stored } = useWebhook();

const UNAUTHORIZED = answered(401, '{"code":"UNAUTHORIZED","message":"Invalid signature."}');

const spoken = {
  appId: 'cli_ours',
  definitionCode: 'DEFINITION',
  instanceCode: 'INSTANCE',
  about: 'INSTANCE',
  status: 'APPROVED',
};

describe('a signed event', () => {
  it('is stored for the issue of its uuid, in any case of letters, before its instance is known', async () => {
    expect(await push(anInstanceEvent(app, { uuid: 'OUR-UUID' }, { uuid: 'e-uuid' }))).toEqual(OK);

    expect(await stored()).toEqual([
      {
        hint: {
          kind: 'FEISHU_EVENT',
          issueId: 'issue-1',
          approvalId: 'our-uuid',
          eventId: 'e-uuid',
          ...spoken,
        },
        deduplicationId: 'e-uuid',
      },
    ]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['has no uuid', { uuid: undefined }],
    ["has somebody else's uuid", { uuid: 'not-ours' }],
    ['has a uuid too long for a key', { uuid: 'x'.repeat(3000) }],
  ])('is stored for the issue of its instance when it %s', async (name, change) => {
    expect(await push(anInstanceEvent(app, { instance_code: 'KNOWN', ...change }, { uuid: name }))).toEqual(
      OK,
    );

    expect(await stored()).toMatchObject([{ hint: { issueId: 'issue-2', approvalId: 'second' } }]);
  });

  it.each(['DEFINITION', 'DEFINITION-BEFORE', 'DEFINITION-OF-OURS'])(
    'is stored under its instance when no pointer knows it, but we made its definition %s',
    async (approval_code) => {
      expect(await push(anInstanceEvent(app, { approval_code }, { uuid: `e-${approval_code}` }))).toEqual(OK);

      expect(await stored()).toEqual([
        {
          hint: {
            kind: 'UNKNOWN_INSTANCE',
            eventId: `e-${approval_code}`,
            ...spoken,
            definitionCode: approval_code,
          },
          deduplicationId: `e-${approval_code}`,
        },
      ]);
    },
  );

  it.each<[string, unknown]>([
    [
      'of an unknown instance of a definition that is not ours',
      anInstanceEvent(app, { approval_code: 'OTHER' }),
    ],
    ['of a type that we have no use for', anInstanceEvent(app, { type: 'approval_cc' })],
  ])('is answered 200 and not stored if it is %s', async (_name, plain) => {
    expect(await push(plain)).toEqual(OK);

    expect(await stored()).toEqual([]);
  });

  it('that comes twice is answered 200 twice and stored once (docs/lessons.md 1)', async () => {
    const plain = anInstanceEvent(app, { uuid: 'our-uuid' }, { uuid: 'e-twice' });

    expect(await Promise.all([push(plain), push(plain)])).toEqual([OK, OK]);

    expect(await stored()).toHaveLength(1);
  });

  it('that comes to two containers at the same time is answered 200 by both and stored once (docs/lessons.md 1)', async () => {
    vi.resetModules();
    const other = await import('../../../functions/receive-feishu-events/handler.ts');
    expect(other.handler).not.toBe(handler());
    const body = bodyOf(app.encryptKey, anInstanceEvent(app, { uuid: 'our-uuid' }, { uuid: 'e-containers' }));
    const event = aPost('/feishu/events', { body, headers: signed(app.encryptKey, body) });

    const answers = [handler()(event, {} as Context), other.handler(event, {} as Context)];

    expect(await Promise.all(answers)).toEqual([OK, OK]);
    expect(await stored()).toMatchObject([{ hint: { issueId: 'issue-1', eventId: 'e-containers' } }]);
  });

  it('is verified on the bytes of a base64 body (docs/lessons.md 15)', async () => {
    const body = bodyOf(app.encryptKey, anInstanceEvent(app, {}, { uuid: 'e-base64' }));

    expect(await post(Buffer.from(body).toString('base64'), signed(app.encryptKey, body), true)).toEqual(OK);

    expect(await stored()).toHaveLength(1);
  });
});

describe('a challenge', () => {
  it('is answered unsigned (docs/lessons.md 15)', async () => {
    expect(await post(bodyOf(app.encryptKey, aChallenge(app)))).toEqual(
      answered(200, '{"challenge":"the challenge"}'),
    );
  });
});

describe('a refused request', () => {
  const unsigned = (plain: unknown, key = app.encryptKey) => post(bodyOf(key, plain));

  it.each<[string, () => Promise<unknown>]>([
    ['an unsigned event', () => unsigned(anInstanceEvent(app))],
    ['a forged signature', () => post(bodyOf(app.encryptKey, anInstanceEvent(app)), signed('forged', 'x'))],
    ['a challenge with the wrong token', () => unsigned(aChallenge(app, { token: 'wrong' }))],
    ['a challenge under another key', () => unsigned(aChallenge(app), 'wrong')],
    [
      'ciphertext that does not open',
      () => post('{"encrypt":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}'),
    ],
    ['what is no JSON', () => post('hello')],
    ['no body', () => post(undefined)],
    ['a signed event with the wrong token', () => push(anInstanceEvent(app, {}, { token: 'wrong' }))],
    ['a signed event of another app', () => push(anInstanceEvent(app, { app_id: 'cli_other' }))],
  ])('is answered 401, always with the same body: %s (docs/lessons.md 15)', async (_name, send) => {
    expect(await send()).toEqual(UNAUTHORIZED);

    expect(await stored()).toEqual([]);
  });

  it.each<[string, string]>([
    ['not JSON', 'hello'],
    ['not decryptable', '{"encrypt":"AAAA"}'],
    ['of a broken schema', bodyOf(app.encryptKey, anInstanceEvent(app, { instance_code: 5 }))],
  ])('is answered 400 if it is signed, but %s', async (_name, body) => {
    expect(await post(body, signed(app.encryptKey, body))).toEqual(
      answered(400, '{"code":"BAD_REQUEST","message":"The body is not an event of Feishu."}'),
    );
  });
});

describe('a large body (docs/lessons.md 15)', () => {
  const tooLarge = answered(413, '{"code":"TOO_LARGE","message":"The body is larger than 256 KiB."}');

  it('is answered 413 before its signature is checked', async () => {
    expect(await post('x'.repeat(256 * 1024 + 1))).toEqual(tooLarge);
  });

  it('is measured in bytes', async () => {
    expect(await post('语'.repeat(90_000))).toEqual(tooLarge);
  });

  it('is measured after decoding, because base64 is a third longer', async () => {
    const most = Buffer.alloc(256 * 1024, 'x');

    expect(await post(most.toString('base64'), {}, true)).toEqual(UNAUTHORIZED);
    expect(await post(Buffer.concat([most, most]).toString('base64'), {}, true)).toEqual(tooLarge);
  });

  it('is accepted up to 256 KiB', async () => {
    const plain = anInstanceEvent(app, { news: 'x'.repeat(190_000) }, { uuid: 'e-large' });

    expect(await push(plain)).toEqual(OK);

    expect(await stored()).toHaveLength(1);
  });
});

describe('an event that cannot be stored is answered 503, so that Feishu sends it again (docs/lessons.md 16)', () => {
  const UNAVAILABLE = answered(
    503,
    '{"code":"UNAVAILABLE","message":"The event could not be stored; send it again."}',
  );
  const mocks = () => ({ sqs: mockClient(SQSClient), documents: mockClient(DynamoDBDocumentClient) });
  let down: ReturnType<typeof mocks>;
  beforeEach(() => {
    down = mocks();
    down.documents.resolves({ Item: { issueId: 'issue-1', approvalId: 'a' } });
    down.sqs.resolves({});
  });
  afterEach(() => {
    down.sqs.restore();
    down.documents.restore();
  });

  it('when the queue is down', async () => {
    down.sqs.rejects(new Error('down'));

    expect(await push(anInstanceEvent(app))).toEqual(UNAVAILABLE);
  });

  it('when the table is down', async () => {
    down.documents.rejects(new Error('down'));

    expect(await push(anInstanceEvent(app))).toEqual(UNAVAILABLE);
  });

  it('but is answered 200 if both work', async () => {
    expect(await push(anInstanceEvent(app))).toEqual(OK);
  });
});
