import { describe, expect, it } from 'vitest';
import { type OpenedRequest, openRequest } from '../../../shared/feishu/webhook.ts';
import {
  type AppKeys,
  aChallenge,
  anApp,
  anInstanceEvent,
  aSecondEvent,
  bodyOf,
  encrypted,
  signed,
} from '../../support/feishu-push.ts';

const app = anApp();
const other = anApp({ appId: 'cli_other', encryptKey: 'other key', verificationToken: 'other token' });

const asRequest = (body: string, headers: Record<string, string> = {}) => ({
  headers,
  body: Buffer.from(body),
});
const signedRequest = (body: string, key = app.encryptKey) => asRequest(body, signed(key, body));
const push = (plain: unknown, key = app.encryptKey) => signedRequest(bodyOf(key, plain), key);
const open = (request: ReturnType<typeof asRequest>, keys: AppKeys[] = [app]) => openRequest(request, keys);

const event = (more: object = {}): OpenedRequest => ({
  kind: 'APPROVAL',
  event: {
    eventId: 'event-1',
    appId: 'cli_ours',
    about: 'INSTANCE',
    definitionCode: 'DEFINITION',
    instanceCode: 'INSTANCE',
    status: 'APPROVED',
    ...more,
  },
});

describe('a signed event is accepted', () => {
  it('of an instance in envelope 1.0, with the uuid of the instance', () => {
    expect(open(push(anInstanceEvent(app, { uuid: 'OUR-UUID' })))).toEqual(
      event({ instanceUuid: 'OUR-UUID' }),
    );
  });

  it('of a task in envelope 1.0', () => {
    const plain = anInstanceEvent(app, { type: 'approval_task', open_id: 'ou_1', status: 'TRANSFERRED' });

    expect(open(push(plain))).toEqual(event({ about: 'TASK', status: 'TRANSFERRED' }));
  });

  it.each([
    ['approval.instance.status_changed_v4', 'INSTANCE'],
    ['approval.task.status_changed_v4', 'TASK'],
    ['approval_instance', 'INSTANCE'],
  ])('of type %s in envelope 2.0', (type, about) => {
    expect(open(push(aSecondEvent(app, type)))).toEqual(event({ eventId: 'event-2', about }));
  });

  it.each<[string, object, object]>([
    ['a status nobody knows', { status: 'MOON' }, { status: 'MOON' }],
    ['no status', { status: undefined }, { status: 'UNKNOWN' }],
    ['a status that is a number', { status: 7 }, { status: 'UNKNOWN' }],
    ['a numeric operate_time', { status: 'REVERTED', operate_time: 1666079207003 }, { status: 'REVERTED' }],
    ['an empty open_id, for an automatic pass', { open_id: '', user_id: '' }, {}],
    ['attributes nobody knows', { news: { deep: [1] } }, {}],
    ['a uuid that is no text', { uuid: 5 }, {}],
    ['no uuid', { uuid: null }, {}],
  ])('despite %s', (_name, change, more) => {
    expect(open(push(anInstanceEvent(app, { ...change })))).toEqual(event(more));
  });

  it('despite keys that have a meaning in JavaScript', () => {
    const plain = JSON.stringify(anInstanceEvent(app)).replace(
      '"event":{',
      '"constructor":{"prototype":{}},"event":{"__proto__":{"status":"REJECTED"},"toString":1,',
    );

    expect(open(push(plain))).toEqual(event());
  });

  it('with header names in any case (docs/lessons.md 15)', () => {
    const body = bodyOf(app.encryptKey, anInstanceEvent(app));
    const headers = Object.fromEntries(
      Object.entries(signed(app.encryptKey, body)).map(([name, value], index) => [
        index % 2 ? name.toUpperCase() : name.replaceAll(/\b[xlrsnt]/g, (letter) => letter.toUpperCase()),
        value,
      ]),
    );

    expect(open(asRequest(body, headers))).toEqual(event());
  });

  it('with any timestamp, because a replay is only a repeat', () => {
    const request = push(anInstanceEvent(app, {}, { ts: '0.1' }));

    expect([open(request), open(request)]).toEqual([event(), event()]);
  });

  it('if its app is one of several', () => {
    expect(open(push(anInstanceEvent(app)), [other, app])).toEqual(event());
  });

  it('if two apps have the same Encrypt Key', () => {
    const twin = anApp({ appId: 'cli_twin', verificationToken: 'twin token' });

    expect(open(push(anInstanceEvent(app)), [twin, app])).toEqual(event());
  });

  it('with the previous keys after a rotation', () => {
    const rotated = anApp({ encryptKey: 'the-new-key', verificationToken: 'the-new-token' });

    expect(open(push(anInstanceEvent(app)), [rotated, app])).toEqual(event());
  });
});

describe('a signed event that we do not use is not an error', () => {
  it.each<[string, object]>([
    ['another type in 1.0', anInstanceEvent(app, { type: 'approval_cc', approval_code: undefined })],
    ['a type named like a method', anInstanceEvent(app, { type: 'constructor' })],
    ['another type in 2.0', aSecondEvent(app, 'approval.approval.updated_v4')],
    ['a type in 2.0 without app', aSecondEvent(app, 'im.message.receive_v1', {}, { app_id: undefined })],
  ])('%s', (_name, plain) => {
    expect(open(push(plain))).toMatchObject({ kind: 'OTHER' });
  });
});

describe('a challenge is answered', () => {
  it('unsigned', () => {
    expect(open(asRequest(bodyOf(app.encryptKey, aChallenge(app))))).toEqual({
      kind: 'CHALLENGE',
      challenge: 'the challenge',
    });
  });

  it('signed', () => {
    expect(open(push(aChallenge(app)))).toEqual({ kind: 'CHALLENGE', challenge: 'the challenge' });
  });

  it('with the key of any app', () => {
    expect(open(asRequest(bodyOf(other.encryptKey, aChallenge(other))), [app, other])).toMatchObject({
      kind: 'CHALLENGE',
    });
  });
});

describe('a request without a valid signature is refused, whatever it contains (docs/lessons.md 15)', () => {
  const eventBody = bodyOf(app.encryptKey, anInstanceEvent(app));
  it.each<[string, ReturnType<typeof asRequest>]>([
    ['an unsigned event', asRequest(eventBody)],
    ['a signature under another key', asRequest(eventBody, signed('wrong', eventBody))],
    ['a signature of other bytes', asRequest(eventBody, signed(app.encryptKey, `${eventBody} `))],
    ['an empty signature', asRequest(eventBody, { 'x-lark-signature': '' })],
    [
      'a signature without its timestamp',
      asRequest(eventBody, { ...signed(app.encryptKey, eventBody), 'x-lark-request-timestamp': '' }),
    ],
    ['a wrongly signed challenge', asRequest(bodyOf(app.encryptKey, aChallenge(app)), signed('wrong', ''))],
    [
      'an unsigned challenge with the wrong token',
      asRequest(bodyOf(app.encryptKey, aChallenge(app, { token: 'x' }))),
    ],
    [
      'an unsigned challenge without a token',
      asRequest(bodyOf(app.encryptKey, aChallenge(app, { token: null }))),
    ],
    ["an unsigned challenge with another app's token", asRequest(bodyOf(app.encryptKey, aChallenge(other)))],
    ['an unsigned challenge under another key', asRequest(bodyOf('wrong', aChallenge(app)))],
    ['an unsigned challenge that is not encrypted', asRequest(JSON.stringify(aChallenge(app)))],
    [
      'an unsigned challenge beside what it encrypts',
      asRequest(
        JSON.stringify({ ...aChallenge(app), encrypt: encrypted(app.encryptKey, anInstanceEvent(app)) }),
      ),
    ],
    [
      'an unsigned challenge without a challenge',
      asRequest(bodyOf(app.encryptKey, aChallenge(app, { challenge: 1 }))),
    ],
    ['what cannot be decrypted', asRequest('{"encrypt": "AAAA"}')],
    ['what is no JSON', asRequest('hello')],
    ['what is null', asRequest('null')],
    ['nothing', asRequest('')],
  ])('%s', (_name, request) => {
    expect(open(request, [app, other])).toMatchObject({ kind: 'REFUSED' });
  });

  it('any request, if no app is configured', () => {
    expect(open(push(anInstanceEvent(app)), [])).toMatchObject({ kind: 'REFUSED' });
    expect(open(asRequest(bodyOf(app.encryptKey, aChallenge(app))), [])).toMatchObject({ kind: 'REFUSED' });
  });
});

describe('a signed request of another sender is refused', () => {
  it.each<[string, object]>([
    ['the wrong token', anInstanceEvent(app, {}, { token: 'wrong' })],
    ['no token', anInstanceEvent(app, {}, { token: undefined })],
    ['a token that is no text', anInstanceEvent(app, {}, { token: [app.verificationToken] })],
    ['the wrong token in 2.0', aSecondEvent(app, 'approval_task', {}, { token: 'wrong' })],
    [
      'the right token in the place of 1.0 but not of 2.0',
      { ...aSecondEvent(app, 'approval_task', {}, { token: 'wrong' }), token: app.verificationToken },
    ],
    ['another app', anInstanceEvent(app, { app_id: 'cli_other' })],
    ['an app that is no text', anInstanceEvent(app, { app_id: { toString: 1 } })],
    ['another app in 2.0', aSecondEvent(app, 'approval_task', {}, { app_id: 'cli_other' })],
    ['a signed challenge with the wrong token', aChallenge(app, { token: 'wrong' })],
    ["another app's token and id under our key", anInstanceEvent(other)],
    ["another app's id with our token", anInstanceEvent(app, { app_id: other.appId })],
  ])('%s', (_name, plain) => {
    expect(open(push(plain), [app, other])).toEqual({ kind: 'REFUSED', reason: 'TOKEN_OR_APP' });
  });
});

describe('a signed request that Feishu does not send is malformed', () => {
  it.each<[string, ReturnType<typeof asRequest>]>([
    ['no JSON', signedRequest('hello')],
    ['null', signedRequest('null')],
    ['an empty body', signedRequest('')],
    ['no encrypt', signedRequest('{}')],
    ['an encrypt that is inherited', signedRequest('{"__proto__": {"encrypt": "x"}}')],
    ['an event that is not encrypted', signedRequest(JSON.stringify(anInstanceEvent(app)))],
    ['an encrypt that is no text', signedRequest('{"encrypt": 5}')],
    ['what cannot be decrypted', signedRequest('{"encrypt": "AAAA"}')],
    ['what was encrypted under another key', signedRequest(bodyOf('other', anInstanceEvent(app)))],
    ['plaintext that is no JSON', push('hello')],
    ['plaintext that is null', push('null')],
    ['plaintext that is a list', push('[]')],
    ['no type', push({ token: app.verificationToken })],
    ['an unknown envelope', push({ token: app.verificationToken, type: 'news' })],
    ['no event', push(anInstanceEvent(app, {}, { event: null }))],
    ['no event id', push(anInstanceEvent(app, {}, { uuid: undefined }))],
    [
      'an instance whose length cannot be compared',
      push(anInstanceEvent(app, { instance_code: { length: { toString: null } } })),
    ],
    ['an event id too long to be one', push(anInstanceEvent(app, {}, { uuid: 'x'.repeat(1025) }))],
    ['an event id of 2.0 that is no text', push(aSecondEvent(app, 'approval_task', {}, { event_id: 5 }))],
    ['no app', push(anInstanceEvent(app, { app_id: undefined }))],
    ['no instance', push(anInstanceEvent(app, { instance_code: undefined }))],
    ['an instance code too long to be one', push(anInstanceEvent(app, { instance_code: 'x'.repeat(129) }))],
    ['a definition code that is a number', push(anInstanceEvent(app, { approval_code: 5 }))],
    ['a challenge without its challenge', push(aChallenge(app, { challenge: undefined }))],
  ])('%s', (_name, request) => {
    expect(open(request)).toMatchObject({ kind: 'MALFORMED' });
  });
});
