import { expect, test } from 'vitest';
import { createFeishuGateway } from '../../../shared/feishu/client.ts';
import type { FeishuApp, InstanceRequest } from '../../../shared/feishu/gateway.ts';
import { AppError } from '../../../shared/runtime/errors.ts';
import { json, routeOf, stubFetch, TOKEN_ROUTE } from '../../support/feishu-answers.ts';

const app: FeishuApp = { appId: 'cli_a', domain: 'feishu' };
const CREATE = 'POST /approval/v4/instances';
const GET = 'GET /approval/v4/instances/CODE';
const CANCEL = 'POST /approval/v4/instances/cancel';
const COMMENT = 'POST /approval/v4/instances/CODE/comments';
const PEOPLE = 'POST /contact/v3/users/batch_get_id';

const anInstanceRequest = (changes: Partial<InstanceRequest> = {}): InstanceRequest => ({
  definitionCode: 'DEF',
  initiator: 'ou_creator',
  approver: 'ou_assignee',
  uuid: 'uuid-1',
  form: '[]',
  title: '@i18n@title',
  i18nResources: [{ locale: 'zh-CN', is_default: true, texts: [{ key: '@i18n@title', value: 'x' }] }],
  ...changes,
});

const anInstance = (changes: Record<string, unknown> = {}) => ({
  approval_code: 'DEF',
  instance_code: 'CODE',
  status: 'PENDING',
  ...changes,
});
const created = () => json({ code: 0, data: { instance_code: 'CODE' } });
const done = () => json({ code: 0, msg: 'success', data: {} });

function aGateway(
  script: Parameters<typeof stubFetch>[0],
  options: Partial<Parameters<typeof createFeishuGateway>[0]> = {},
) {
  const feishu = stubFetch(script);
  const clock = { now: Date.parse('2026-03-01T00:00:00.000Z') };
  const slept: number[] = [];
  const logged: unknown[] = [];
  const gateway = createFeishuGateway({
    credentials: async () => ({ appSecret: 'top-secret' }),
    fetch: feishu.fetch,
    now: () => clock.now,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
    },
    logger: { warn: (message, attributes) => logged.push(message, attributes) },
    ...options,
  });
  return { gateway, feishu, clock, slept, logged };
}

test('creates an instance with one approver at our node, and no way around the approver', async () => {
  const { gateway, feishu } = aGateway({ [CREATE]: [created] });
  expect(await gateway.createInstance(app, anInstanceRequest())).toEqual({ instanceCode: 'CODE' });
  const request = feishu.requests[1];
  expect(request?.body).toEqual({
    approval_code: 'DEF',
    open_id: 'ou_creator',
    node_approver_open_id_list: [{ key: 'frabit-approver', value: ['ou_assignee'] }],
    uuid: 'uuid-1',
    form: '[]',
    title: '@i18n@title',
    i18n_resources: anInstanceRequest().i18nResources,
    allow_resubmit: false,
    allow_submit_again: false,
  });
  expect(request?.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(request?.headers.get('authorization')).toBe('Bearer t-1');
});

test.each([
  ['feishu', undefined, 'https://open.feishu.cn'],
  ['lark', undefined, 'https://open.larksuite.com'],
  ['lark', 'http://127.0.0.1:3001/', 'http://127.0.0.1:3001'],
] as const)('an app of %s with FEISHU_BASE_URL %s is called at %s', async (domain, baseUrl, origin) => {
  const { gateway, feishu } = aGateway({ [GET]: [() => json({ code: 0, data: anInstance() })] }, { baseUrl });
  await gateway.getInstance({ appId: 'cli_a', domain }, 'CODE');
  expect(new Set(feishu.requests.map((request) => request.url.origin))).toEqual(new Set([origin]));
});

test('sends no body with a GET', async () => {
  const { gateway, feishu } = aGateway({ [GET]: [() => json({ code: 0, data: anInstance() })] });
  await gateway.getInstance(app, 'CODE');
  expect(feishu.requests[1]).toMatchObject({ method: 'GET', body: undefined });
});

test('reads the members of an instance that the contract names, and leaves out empty ones', async () => {
  const { gateway } = aGateway({
    [GET]: [
      () =>
        json({
          code: 0,
          data: anInstance({
            open_id: 'ou_creator',
            uuid: 'UUID-1',
            reverted: true,
            reverted_instance_code: 'ORIGINAL',
            task_list: [
              {
                id: '1',
                open_id: '',
                status: 'APPROVED',
                type: 'AUTO_PASS',
                custom_node_id: '',
                node_id: 'n',
              },
            ],
            timeline: [
              { type: 'PASS', create_time: '1666079207003', open_id: 'ou_a', task_id: '1', comment: 'fine' },
              { type: 'START', create_time: 'soon', open_id: null },
            ],
            comment_list: [{ comment: 'hello', id: '9' }, { comment: null }],
          }),
        }),
    ],
  });
  expect(await gateway.getInstance(app, 'CODE')).toEqual({
    instanceCode: 'CODE',
    definitionCode: 'DEF',
    uuid: 'UUID-1',
    status: 'PENDING',
    reverted: true,
    revokes: 'ORIGINAL',
    initiator: 'ou_creator',
    tasks: [{ id: '1', status: 'APPROVED', type: 'AUTO_PASS', nodeId: 'n' }],
    timeline: [
      { type: 'PASS', openId: 'ou_a', taskId: '1', comment: 'fine', at: '2022-10-18T07:46:47.003Z' },
      { type: 'START' },
    ],
    comments: ['hello'],
  });
});

test.each([
  ['1390003', () => json({ code: 1390003, msg: 'instance code not found' }, 400)],
  ['a 404 of the Open Platform', () => json({ code: 404001, msg: 'not found' }, 404)],
])('an instance that Feishu does not know (%s) is undefined', async (_, answer) => {
  expect(await aGateway({ [GET]: [answer] }).gateway.getInstance(app, 'CODE')).toBeUndefined();
});

test('a 404 that is not from Feishu is SETUP, not a missing instance', async () => {
  const { gateway } = aGateway({ [GET]: [() => new Response('<html>nginx</html>', { status: 404 })] });
  await expect(gateway.getInstance(app, 'CODE')).rejects.toMatchObject({ code: 'SETUP' });
});

test('keeps a code with odd characters in one segment of the path', async () => {
  const { gateway, feishu } = aGateway({
    'GET /approval/v4/instances/a%2Fb%3Fc%23d': [() => json({ code: 0, data: anInstance() })],
  });
  await gateway.getInstance(app, 'a/b?c#d');
  expect(feishu.requests[1]?.url.search).toBe('');
  for (const code of ['', '.', '..']) {
    await expect(gateway.getInstance(app, code)).rejects.toMatchObject({ code: 'REFUSED' });
  }
});

test('cancels as the stored initiator with the stored definition code (docs/lessons.md 19)', async () => {
  const { gateway, feishu } = aGateway({ [CANCEL]: [done] });
  await gateway.cancelInstance(app, { definitionCode: 'OLD', instanceCode: 'CODE', initiator: 'ou_bot' });
  expect(feishu.requests[1]?.body).toEqual({
    approval_code: 'OLD',
    instance_code: 'CODE',
    user_id: 'ou_bot',
  });
  expect(feishu.requests[1]?.url.search).toBe('?user_id_type=open_id');
});

test('creates with the definition code of the request, whatever the settings say now (docs/lessons.md 19)', async () => {
  const { gateway, feishu } = aGateway({ [CREATE]: [created] });
  await gateway.createInstance(app, anInstanceRequest({ definitionCode: 'OLD' }));
  expect(feishu.requests[1]?.body).toMatchObject({ approval_code: 'OLD' });
});

test('comments as the author', async () => {
  const { gateway, feishu } = aGateway({ [COMMENT]: [done] });
  await gateway.addComment(app, { instanceCode: 'CODE', author: 'ou_bot', text: 'moved "on"\n' });
  expect(feishu.requests[1]?.url.searchParams.get('user_id')).toBe('ou_bot');
  expect(feishu.requests[1]?.url.searchParams.get('user_id_type')).toBe('open_id');
  expect(feishu.requests[1]?.body).toEqual({ content: JSON.stringify({ text: 'moved "on"\n' }) });
});

test('looks people up in one call, in any case of letters, and leaves out unknown ones', async () => {
  const { gateway, feishu } = aGateway({
    [PEOPLE]: [
      () =>
        json({
          code: 0,
          data: {
            user_list: [{ email: 'ANN@example.com', user_id: 'ou_ann' }, { email: 'nobody@example.org' }],
          },
        }),
    ],
  });
  const found = await gateway.findPeople(app, ['Ann@Example.com', 'nobody@example.org', 'ann@example.com']);
  expect(found).toEqual(new Map([['ann@example.com', 'ou_ann']]));
  expect(feishu.requests[1]?.body).toEqual({ emails: ['Ann@Example.com', 'nobody@example.org'] });
  expect(feishu.requests[1]?.url.search).toBe('?user_id_type=open_id');
});

test('caches found people for an hour and by app, unknown ones never', async () => {
  const known = { email: 'ann@example.com', user_id: 'ou_ann' };
  const { gateway, feishu, clock } = aGateway({
    [PEOPLE]: [() => json({ code: 0, data: { user_list: [known, { email: 'bob@example.com' }] } })],
  });
  const asked = () =>
    feishu.requests.filter((request) => routeOf(request) === PEOPLE).map(({ body }) => body);
  await gateway.findPeople(app, ['ann@example.com', 'bob@example.com']);
  await gateway.findPeople(app, ['ann@example.com', 'bob@example.com']);
  expect(asked()[1]).toEqual({ emails: ['bob@example.com'] });
  await gateway.findPeople(app, ['ann@example.com']);
  expect(asked()).toHaveLength(2);
  await gateway.findPeople({ ...app, appId: 'cli_b' }, ['ann@example.com']);
  expect(asked()).toHaveLength(3);
  clock.now += 60 * 60_000;
  await gateway.findPeople(app, ['ann@example.com']);
  expect(asked()).toHaveLength(4);
});

test.each(['is_frozen', 'is_resigned', 'is_exited'])(
  'a person whom Feishu calls %s is as good as unknown, and is not remembered',
  async (flag) => {
    const status = { is_frozen: false, is_resigned: false, is_exited: false, is_activated: true };
    const ann = { email: 'ann@example.com', user_id: 'ou_ann' };
    const { gateway } = aGateway({
      [PEOPLE]: [
        () => json({ code: 0, data: { user_list: [{ ...ann, status: { ...status, [flag]: true } }] } }),
        () => json({ code: 0, data: { user_list: [{ ...ann, status }] } }),
      ],
    });
    expect(await gateway.findPeople(app, ['ann@example.com'])).toEqual(new Map());
    expect(await gateway.findPeople(app, ['ann@example.com'])).toEqual(
      new Map([['ann@example.com', 'ou_ann']]),
    );
  },
);

test('an unknown form of status does not make a person unknown', async () => {
  const ann = { email: 'ann@example.com', user_id: 'ou_ann', status: { is_frozen: 'no' } };
  const { gateway } = aGateway({ [PEOPLE]: [() => json({ code: 0, data: { user_list: [ann] } })] });
  expect((await gateway.findPeople(app, ['ann@example.com'])).size).toBe(1);
});

test('ignores the cache with fresh, and caches the new result', async () => {
  const as = (user_id: string) => () =>
    json({ code: 0, data: { user_list: [{ email: 'ann@example.com', user_id }] } });
  const { gateway, feishu } = aGateway({ [PEOPLE]: [as('ou_old'), as('ou_new')] });
  await gateway.findPeople(app, ['ann@example.com']);
  const found = await gateway.findPeople(app, ['Ann@example.com'], { fresh: true });
  expect(found).toEqual(new Map([['ann@example.com', 'ou_new']]));
  expect(await gateway.findPeople(app, ['ann@example.com'])).toEqual(found);
  expect(feishu.routes().filter((route) => route === PEOPLE)).toHaveLength(2);
});

test('shares one token between parallel calls, and renews it before it ends', async () => {
  const { gateway, feishu, clock } = aGateway({ [CANCEL]: [done] });
  const cancel = () =>
    gateway.cancelInstance(app, { definitionCode: 'D', instanceCode: 'I', initiator: 'ou' });
  const tokens = () => feishu.routes().filter((route) => route === TOKEN_ROUTE).length;
  await Promise.all([cancel(), cancel(), cancel()]);
  expect(tokens()).toBe(1);
  clock.now += (7200 - 301) * 1000;
  await cancel();
  expect(tokens()).toBe(1);
  clock.now += 2_000;
  await cancel();
  expect(tokens()).toBe(2);
});

test.each([99991663, 99991661])(
  'a token refused with %i is fetched once more and the call repeated, a create too (docs/lessons.md 12)',
  async (code) => {
    const { gateway, feishu } = aGateway({ [CREATE]: [() => json({ code, msg: 'x' }, 400), created] });
    await gateway.createInstance(app, anInstanceRequest());
    expect(feishu.routes()).toEqual([TOKEN_ROUTE, CREATE, TOKEN_ROUTE, CREATE]);
    expect(feishu.requests[3]?.headers.get('authorization')).toBe('Bearer t-2');
  },
);

test('a token that is refused twice is SETUP, and no third one is fetched (docs/lessons.md 12)', async () => {
  const { gateway, feishu } = aGateway({ [CREATE]: [() => json({ code: 99991663, msg: 'x' })] });
  await expect(gateway.createInstance(app, anInstanceRequest())).rejects.toMatchObject({
    code: 'SETUP',
    feishuCode: 99991663,
  });
  expect(feishu.routes()).toEqual([TOKEN_ROUTE, CREATE, TOKEN_ROUTE, CREATE]);
});

test('an app of the other platform gets a clear error that names no secret (docs/lessons.md 12)', async () => {
  const { gateway } = aGateway({ [TOKEN_ROUTE]: [() => json({ code: 10014, msg: 'app id not exists' })] });
  const error = await gateway.createInstance(app, anInstanceRequest()).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'SETUP', feishuCode: 10014 });
  expect(String(error)).toContain('this platform (Feishu or Lark)');
});

test('reads a refused app secret again, and uses a new one at once', async () => {
  const asked: (boolean | undefined)[] = [];
  const { gateway, feishu } = aGateway(
    {
      [CANCEL]: [done],
      [TOKEN_ROUTE]: [
        () => json({ code: 10015, msg: 'wrong secret' }),
        () => json({ code: 0, tenant_access_token: 't-new', expire: 7200 }),
      ],
    },
    {
      credentials: async (_, options) => {
        asked.push(options?.fresh);
        return { appSecret: options?.fresh ? 'new' : 'old' };
      },
    },
  );
  await gateway.cancelInstance(app, { definitionCode: 'D', instanceCode: 'I', initiator: 'ou' });
  expect(asked).toEqual([false, true]);
  expect(feishu.requests[1]?.body).toEqual({ app_id: 'cli_a', app_secret: 'new' });
});

test('reads keys again that are not in the cache yet', async () => {
  const { gateway, feishu } = aGateway(
    { [CANCEL]: [done] },
    {
      credentials: async (_, options) => {
        if (!options?.fresh) throw new AppError('NO_CREDENTIALS', 'none');
        return { appSecret: 'just stored' };
      },
    },
  );
  await gateway.cancelInstance(app, { definitionCode: 'D', instanceCode: 'I', initiator: 'ou' });
  expect(feishu.requests[0]?.body).toMatchObject({ app_secret: 'just stored' });
});

test.each([
  [new AppError('NO_CREDENTIALS', 'No credentials are stored for this app.'), 'SETUP'],
  [new AppError('SECRET_UNAVAILABLE', 'out of reach', { retryable: true }), 'UNAVAILABLE'],
  [new Error('anything'), 'UNAVAILABLE'],
] as const)('credentials that cannot be read (%s) are %s', async (error, code) => {
  const { gateway } = aGateway({}, { credentials: () => Promise.reject(error) });
  await expect(gateway.getInstance(app, 'CODE')).rejects.toMatchObject({ name: 'FeishuError', code });
});

const outOfReach: [string, () => Response | Promise<Response>][] = [
  ['HTML with 502', () => new Response('<html>bad gateway</html>', { status: 502 })],
  ['HTTP 200 with code 1395001', () => json({ code: 1395001, msg: 'server error' })],
  ['HTTP 200 with HTML', () => new Response('<html>')],
  ['HTTP 200 without what was asked for', () => json({ code: 0, data: null })],
  ['a connection reset', () => Promise.reject(new TypeError('fetch failed'))],
  ['a body that breaks off', () => new Response(brokenBody(), { status: 200 })],
];
const brokenBody = () =>
  new ReadableStream({
    start(controller) {
      controller.error(new Error('socket closed'));
    },
  });

test.each(outOfReach)('tries a read three times after %s (docs/lessons.md 26)', async (_, answer) => {
  const { gateway, feishu, slept } = aGateway({ [GET]: [answer] });
  await expect(gateway.getInstance(app, 'CODE')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    retryable: true,
  });
  expect(feishu.routes()).toEqual([TOKEN_ROUTE, GET, GET, GET]);
  expect(slept).toEqual([200, 800]);
});

test.each(outOfReach)(
  'a create that meets %s is not repeated here (docs/lessons.md 26)',
  async (_, answer) => {
    const { gateway, feishu } = aGateway({ [CREATE]: [answer] });
    await expect(gateway.createInstance(app, anInstanceRequest())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(feishu.routes()).toEqual([TOKEN_ROUTE, CREATE]);
  },
);

test('returns the result of a read that works at the third try', async () => {
  const { gateway } = aGateway({
    [GET]: [
      ...outOfReach.slice(0, 2).map(([, answer]) => answer),
      () => json({ code: 0, data: anInstance() }),
    ],
  });
  expect(await gateway.getInstance(app, 'CODE')).toMatchObject({ status: 'PENDING' });
});

test('tries three times in all to get a token', async () => {
  const { gateway, feishu } = aGateway({ [TOKEN_ROUTE]: [() => new Response('', { status: 503 })] });
  await expect(gateway.getInstance(app, 'CODE')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(feishu.routes()).toEqual([TOKEN_ROUTE, TOKEN_ROUTE, TOKEN_ROUTE]);
});

test('HTTP 200 with a code other than 0 is a refusal (docs/lessons.md 26)', async () => {
  const { gateway, feishu } = aGateway({
    [CREATE]: [() => json({ code: 1390001, msg: 'param is invalid' })],
  });
  await expect(gateway.createInstance(app, anInstanceRequest())).rejects.toMatchObject({
    code: 'REFUSED',
    feishuCode: 1390001,
  });
  expect(feishu.routes()).toEqual([TOKEN_ROUTE, CREATE]);
});

const limited = (reset: string) => () =>
  json({ code: 99991400, msg: 'request trigger frequency limit' }, 429, { 'x-ogw-ratelimit-reset': reset });

test('waits for a rate limit of two seconds, even for a create', async () => {
  const { gateway, slept } = aGateway({ [CREATE]: [limited('2'), created] });
  await gateway.createInstance(app, anInstanceRequest());
  expect(slept).toEqual([2000]);
});

test('returns the seconds of a longer rate limit to the caller', async () => {
  const { gateway, slept, feishu } = aGateway({ [CREATE]: [limited('37')] });
  await expect(gateway.createInstance(app, anInstanceRequest())).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    retryAfterSeconds: 37,
  });
  expect(slept).toEqual([]);
  expect(feishu.routes()).toEqual([TOKEN_ROUTE, CREATE]);
});

test('rejects with RATE_LIMITED after two waits', async () => {
  const { gateway, feishu } = aGateway({ [GET]: [limited('1')] });
  await expect(gateway.getInstance(app, 'CODE')).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    retryAfterSeconds: 1,
  });
  expect(feishu.routes()).toEqual([TOKEN_ROUTE, GET, GET, GET]);
});

test('neither errors nor logs contain tokens, secrets, requests or answers', async () => {
  const failures = [
    () => json({ code: 1390001, msg: 'SELECT hush FROM form' }, 400),
    () => Promise.reject(new TypeError('fetch failed: Bearer t-1')),
    () => new Response('<html>hush</html>', { status: 502 }),
    () => json({ code: 99991672, msg: 'Access denied. hush [approval:approval]', error: {} }, 400),
  ];
  for (const answer of failures) {
    const { gateway, logged } = aGateway({ [CREATE]: [answer] });
    const error = await gateway
      .createInstance(app, anInstanceRequest({ form: 'SELECT hush' }))
      .catch((caught: unknown) => caught);
    const shown = [
      String(error),
      JSON.stringify(error),
      String(error instanceof Error && error.cause),
      logged,
    ];
    expect(JSON.stringify(shown)).not.toMatch(/hush|Bearer|t-1|top-secret/);
  }
});
