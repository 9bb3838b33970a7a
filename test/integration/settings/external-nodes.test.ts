import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { AppError } from '../../../shared/runtime/errors.ts';
import { deleteExternalNode, readExternalNodes } from '../../../shared/settings/external-nodes.ts';
import { externalSecretSchema } from '../../../shared/settings/external-secret.ts';
import type { SetupContext } from '../../../shared/setup/setup-context.ts';
import { externalNodeKey, settingsKey } from '../../../shared/tables/approval-keys.ts';
import { aSigningSecret } from '../../support/secrets.ts';
import type { SettingsApi } from '../../support/settings-api.ts';
import { useSettingsApi } from '../../support/use-settings-api.ts';

const DAY = 24 * 60 * 60_000;
const SECRET = aSigningSecret();
const CURSOR = { pk: 'SWEEP', sk: 'CURSOR' };
const BODY = { title: 'Change board', endpoint: 'https://oa.example.com/v1/' };
const VIEW = {
  nodeId: 'oa',
  title: 'Change board',
  endpoint: 'https://oa.example.com/v1',
  eventsPath: '/external-approvals/oa/events',
};

let api: SettingsApi;
useSettingsApi((made) => {
  api = made;
});

const path = (nodeId: string) => `/settings/external-approvals/${nodeId}`;
async function call(method: string, nodeId: string, body?: unknown, using?: SetupContext) {
  const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const { status, text } = await api.call(method, path(nodeId), sent, using);
  return { status, body: z.record(z.string(), z.unknown()).parse(JSON.parse(text)), text };
}
const save = (changes: Record<string, unknown> = {}, nodeId = 'oa', using?: SetupContext) =>
  call('PUT', nodeId, { ...BODY, ...changes }, using);
const stored = async () => externalSecretSchema.parse((await api.secret('external')) ?? { nodes: {} }).nodes;
const aLiveRound = (changes: Parameters<SettingsApi['keepRound']>[0] = {}) =>
  api.keepRound({
    subject: { kind: 'STEP', id: 'step-1' },
    channel: 'EXTERNAL',
    nodeId: 'oa',
    appId: undefined,
    domain: undefined,
    definitionCode: undefined,
    ...changes,
  });

describe('PUT', () => {
  test('a secret is generated for a new node, stored, and returned only this time', async () => {
    const { status, body } = await save();
    expect(status).toBe(200);
    const { signingSecret, ...view } = body;
    expect(view).toEqual(VIEW);
    expect(signingSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect((await stored()).oa?.signingSecret).toBe(signingSecret);
    expect(await api.item(externalNodeKey('oa'))).toMatchObject({ endpoint: VIEW.endpoint, revision: 1 });
    expect((await call('GET', 'oa')).body).toEqual({ ...VIEW, live: 0 });
    expect((await save({ title: 'New title' })).body).toEqual({ ...VIEW, title: 'New title' });
    expect((await stored()).oa?.signingSecret).toBe(signingSecret);
  });

  test('a given secret is stored and never returned', async () => {
    const saved = await save({ signingSecret: ` ${SECRET} ` });
    expect([saved.status, saved.body]).toEqual([200, VIEW]);
    expect(await stored()).toEqual({ oa: { signingSecret: SECRET, revision: 1 } });
    expect((await call('GET', 'oa')).text).not.toContain('whsec_');
  });

  test('the previous secret stays valid for a day after a rotation, through other saves', async () => {
    const now = new Date('2026-03-01T08:00:00.000Z');
    const later = (milliseconds: number): SetupContext => ({
      ...api.work,
      now: () => new Date(now.getTime() + milliseconds),
    });
    await save({ signingSecret: SECRET }, 'oa', later(0));
    const { body } = await save({ rotate: true }, 'oa', later(0));
    await save({ signingSecret: aSigningSecret() }, 'other', later(1_000));
    await save({ title: 'New title' }, 'oa', later(DAY - 1));
    expect((await stored()).oa).toEqual({
      signingSecret: body.signingSecret,
      previous: [{ signingSecret: SECRET, until: '2026-03-02T08:00:00.000Z' }],
      revision: 2,
    });
    await save({}, 'oa', later(DAY));
    expect((await stored()).oa).toEqual({ signingSecret: body.signingSecret, revision: 2 });
  });

  test.each<[string, unknown, string]>([
    ['not JSON', '{', 'The body is not JSON.'],
    ['no body', undefined, 'The body is not JSON.'],
    ['no title', { endpoint: BODY.endpoint }, 'title: must be a text of 1 to 200 characters'],
    ['a blank title', { ...BODY, title: '  ' }, 'title'],
    ['a title of 201 characters', { ...BODY, title: '💥'.repeat(201) }, 'title'],
    ['no endpoint', { title: 'x' }, 'endpoint: must be an https URL'],
    ['a plain endpoint', { ...BODY, endpoint: 'http://oa.example.com' }, 'endpoint: must be an https URL'],
    ['a key in the endpoint', { ...BODY, endpoint: 'https://u:hush@oa.example.com' }, 'endpoint'],
    ['a weak secret', { ...BODY, signingSecret: 'aHVzaA==' }, 'signingSecret: must be 24 to 64 bytes'],
    ['an empty secret', { ...BODY, signingSecret: '' }, 'signingSecret'],
    ['a secret that is none', { ...BODY, signingSecret: { hush: 'hush' } }, 'signingSecret'],
    [
      'rotate with a secret',
      { ...BODY, signingSecret: SECRET, rotate: true },
      'rotate: must not be used with signingSecret',
    ],
    ['rotate that is no word', { ...BODY, rotate: 'hush' }, 'rotate: must be true or false'],
  ])('%s is 400, naming path and rule and no value, and nothing is stored', async (_, body, named) => {
    const answer = await call('PUT', 'oa', body);
    expect([answer.status, answer.body.code]).toEqual([400, 'BAD_REQUEST']);
    expect(answer.body.message).toContain(named);
    expect(answer.text).not.toMatch(/hush|aHVzaA|whsec_[A-Za-z0-9]/);
    expect(await api.item(externalNodeKey('oa'))).toBeUndefined();
    expect(await stored()).toEqual({});
  });

  test('accepts a title of 200 characters, and false for rotate', async () => {
    expect((await save({ title: '💥'.repeat(200), rotate: false, signingSecret: null })).status).toBe(200);
  });

  test.each([
    ['private', async () => ['10.0.0.1']],
    ['unknown', () => Promise.reject(new Error('ENOTFOUND'))],
  ])('a host that is %s is 422, and nothing is stored', async (_, resolve) => {
    const work = { ...api.work, external: { ...api.work.external, resolve } };
    const answer = await save({}, 'oa', work);
    expect([answer.status, answer.body.code]).toEqual([422, 'ENDPOINT_REFUSED']);
    expect(await api.item(externalNodeKey('oa'))).toBeUndefined();
    expect(await stored()).toEqual({});
  });

  test('accepts an http endpoint of this machine on the local stack', async () => {
    const work = { ...api.work, external: { ...api.work.external, allowLocal: true } };
    const answer = await save({ endpoint: 'http://127.0.0.1:3002' }, 'oa', work);
    expect(answer).toMatchObject({ status: 200, body: { endpoint: 'http://127.0.0.1:3002' } });
  });

  test('each save hints the issues that wait at the node, and no others, and starts the walk at once', async () => {
    await api.keep({ ...CURSOR, issueId: 'in the middle' });
    const round = await aLiveRound({ issueId: 'a', state: 'REQUESTED' });
    await aLiveRound({ issueId: 'b', nodeId: 'other' });
    await api.keepRound({ issueId: 'c' });
    await save();
    expect(api.hints.map(({ hint }) => hint)).toEqual([
      { kind: 'DUE', issueId: 'a', approvalIds: [round.approvalId], resync: true },
    ]);
    expect(await api.item(CURSOR)).toEqual({ ...CURSOR, resets: 1 });
    await save();
    const ids = api.hints.map(({ deduplicationId }) => deduplicationId);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[!-~]{1,128}$/);
  });

  test('a save stays if the queue cannot be reached', async () => {
    await aLiveRound();
    const send = () => Promise.reject(new AppError('QUEUE_UNAVAILABLE', 'x', { retryable: true }));
    expect((await save({}, 'oa', { ...api.work, queue: { send } })).status).toBe(200);
    expect((await call('GET', 'oa')).status).toBe(200);
  });

  test('saves at the same time run one after the other, so that no secret is lost', async () => {
    const ids = ['a', 'b', 'c'];
    const saved = await Promise.all(ids.map((nodeId) => save({}, nodeId)));
    const nodes = await stored();
    expect(ids.map((nodeId) => nodes[nodeId]?.signingSecret)).toEqual(
      saved.map(({ body }) => body.signingSecret),
    );
    expect(await api.item(settingsKey)).not.toHaveProperty('lock');
  });

  test('Feishu can be enabled, changed and read as before', async () => {
    await save();
    expect((await api.get()).body).toMatchObject({ enabled: false });
    expect((await api.put()).status).toBe(200);
    expect((await api.get()).body).toMatchObject({ enabled: true, withdrawing: 0 });
    expect((await call('GET', 'oa')).status).toBe(200);
  });
});

describe('a save that ends early', () => {
  /** Stores the secret, but not the node, as if the function stopped between the two. */
  const dying = (): SetupContext => {
    const { place } = api.work;
    const documents = Object.create(place.documents, {
      send: {
        value: (command: Parameters<typeof place.documents.send>[0]) =>
          command instanceof PutCommand
            ? Promise.reject(new AppError('DEAD', 'dead', { retryable: true }))
            : place.documents.send(command),
      },
    });
    return { ...api.work, place: { ...place, documents } };
  };

  test('of a new node: the next save returns a secret, which is the stored one', async () => {
    expect((await save({}, 'oa', dying())).status).toBe(503);
    expect((await stored()).oa).toBeDefined();
    const { status, body } = await save();
    expect(status).toBe(200);
    expect((await stored()).oa?.signingSecret).toBe(body.signingSecret);
  });

  test('of a rotation: the secret that the OA has stays valid through the repeat', async () => {
    await save({ signingSecret: SECRET });
    await save({ rotate: true }, 'oa', dying());
    const { body } = await save({ rotate: true });
    expect((await stored()).oa).toMatchObject({
      signingSecret: body.signingSecret,
      previous: [{ signingSecret: SECRET }],
    });
  });

  test('of a rotation that nobody repeats: the next save uses the secret that the OA has', async () => {
    await save({ signingSecret: SECRET });
    await save({ rotate: true }, 'oa', dying());
    expect((await save({ title: 'New title' })).body).toEqual({ ...VIEW, title: 'New title' });
    expect((await stored()).oa).toEqual({ signingSecret: SECRET });
  });
});

describe('GET', () => {
  test('returns how many live approvals use the node', async () => {
    await save({ signingSecret: SECRET });
    await aLiveRound({ issueId: 'a', state: 'REQUESTED' });
    await aLiveRound({ issueId: 'b', state: 'PENDING' });
    await aLiveRound({ issueId: 'c', state: 'WITHDRAWN', settle: { what: 'OPEN', tries: 1 } });
    await aLiveRound({ issueId: 'd', nodeId: 'other' });
    await api.keepRound({ issueId: 'e' });
    expect(await call('GET', 'oa')).toMatchObject({ status: 200, body: { ...VIEW, live: 2 } });
  });

  test('lists all nodes', async () => {
    const list = () => api.call('GET', '/settings/external-approvals');
    expect(await list()).toMatchObject({ status: 200, text: '{"nodes":[]}' });
    await save({ signingSecret: SECRET }, 'oa-2');
    await save({ signingSecret: SECRET });
    await aLiveRound();
    expect(JSON.parse((await list()).text)).toEqual({
      nodes: [
        { ...VIEW, live: 1 },
        { ...VIEW, nodeId: 'oa-2', eventsPath: '/external-approvals/oa-2/events', live: 0 },
      ],
    });
  });
});

describe('DELETE', () => {
  beforeEach(() => save({ signingSecret: SECRET }));

  test('removes the node and its secret, but no other', async () => {
    await save({ signingSecret: SECRET }, 'other');
    expect(await call('DELETE', 'oa')).toMatchObject({ status: 200, body: { nodeId: 'oa' } });
    expect((await call('GET', 'oa')).status).toBe(404);
    expect(Object.keys(await stored())).toEqual(['other']);
    expect((await readExternalNodes(api.work.place.documents, api.work.place.tableName)).length).toBe(1);
  });

  test('is answered 409 if a live approval uses the node, and nothing changes', async () => {
    await aLiveRound();
    const answer = await call('DELETE', 'oa');
    expect(answer).toMatchObject({ status: 409, body: { code: 'NODE_IN_USE', live: 1 } });
    expect(answer.body.message).toContain('1');
    expect((await call('GET', 'oa')).status).toBe(200);
    expect((await stored()).oa).toBeDefined();
  });

  test('is possible when its approvals are closed, also while one may have left something open', async () => {
    await aLiveRound({ state: 'WITHDRAWN', settle: { what: 'UNKNOWN', tries: 1 } });
    expect((await call('DELETE', 'oa')).status).toBe(200);
  });

  test('is completed by the next call if it ends between node and secret', async () => {
    const external = { ...api.work.external.secret, secretId: 'no-such-secret' };
    const gone = { ...api.work, external: { ...api.work.external, secret: external } };
    expect((await call('DELETE', 'oa', undefined, gone)).status).toBe(500);
    expect((await call('GET', 'oa')).status).toBe(200);
    await deleteExternalNode(api.work.place, 'oa');
    expect((await call('DELETE', 'oa')).status).toBe(200);
    expect(await stored()).toEqual({});
    expect((await call('DELETE', 'oa')).status).toBe(404);
  });
});

describe('a node id', () => {
  test.each(['GET', 'PUT', 'DELETE'])('that no node can have is 400 for %s', async (method) => {
    for (const nodeId of ['-oa', '.', 'a%2Fb', 'a b', '%E8%AF%AD', '%ff', 'x'.repeat(65)]) {
      const answer = await call(method, nodeId, method === 'PUT' ? BODY : undefined);
      expect([answer.status, answer.body.code]).toEqual([400, 'BAD_REQUEST']);
      expect(answer.body.message).toContain('nodeId: must have 1 to 64');
    }
  });

  test.each(['GET', 'DELETE'])('that no node has is 404 for %s', async (method) => {
    expect(await call(method, 'nobody')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });

  test.each(['constructor', 'toString', 'a.b_C-1', 'x'.repeat(64)])('may be "%s"', async (nodeId) => {
    expect((await call('GET', nodeId)).status).toBe(404);
    expect((await save({}, nodeId)).body.signingSecret).toBeDefined();
    expect((await call('DELETE', nodeId)).status).toBe(200);
  });
});
