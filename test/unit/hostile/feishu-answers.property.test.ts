import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFeishuGateway } from '../../../shared/feishu/client.ts';
import { buildDefinition } from '../../../shared/feishu/definition.ts';
import { FeishuError } from '../../../shared/feishu/errors.ts';
import type { FeishuApp } from '../../../shared/feishu/gateway.ts';
import { createFeishuSetup } from '../../../shared/feishu/setup-client.ts';
import { hostileJson, hostileMembers } from '../../support/hostile-json.ts';
import { declareSecret } from '../../support/secrets.ts';

/** The server at the configured address (Feishu, a proxy or another one) may answer anything. */

const app: FeishuApp = { appId: 'cli_a', domain: 'feishu' };
const APP_SECRET = 'secret-of-the-app-that-calls';
declareSecret('app secret', APP_SECRET);
const before = Reflect.ownKeys(Object.prototype).join();

const code = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  fc.constantFrom(
    60012,
    1390001,
    1390003,
    1390007,
    1390015,
    1395001,
    99991400,
    99991403,
    99991663,
    99991672,
    10014,
  ),
  fc.integer(),
);

/** An answer in Feishu's envelope, with any values at the places that are read. */
const wrapped = fc
  .tuple(
    code,
    fc.constantFrom('data', 'bot', 'error', 'msg', 'tenant_access_token', 'expire'),
    hostileJson(),
    hostileMembers('instance_code'),
  )
  .map(([number, name, odd, members]) => `{"code":${number},"${name}":${odd},"data":${members}}`);

/** One item of a list in an answer, valid except for one attribute. */
const entry = fc
  .tuple(
    fc.constantFrom(
      'create_time',
      'id',
      'status',
      'type',
      'create_time',
      'comment',
      'email',
      'user_id',
      '__proto__',
    ),
    fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom('1e300', '-1', 'Infinity', '', 8.65e15, 1e300, 2 ** 53),
    ),
  )
  .map(([name, odd]) => ({
    ...{ id: '1', status: 'PENDING', type: 'PASS', scope_name: 's', grant_status: 1, need_approver: true },
    ...{ [name]: odd },
  }));

const READ = ['approval_code', 'instance_code', 'uuid', 'status', 'reverted', 'open_id', 'form'];
const LISTS = ['task_list', 'timeline', 'comment_list', 'user_list', 'node_list', 'scopes'];

/** A valid answer, one attribute of which has any value. */
const spoilt = fc
  .oneof(
    fc.tuple(fc.constantFrom(...READ, ...LISTS), fc.jsonValue()),
    fc.tuple(fc.constantFrom(...LISTS), fc.array(entry, { minLength: 1, maxLength: 3 })),
  )
  .map(([name, odd]) => {
    const data = {
      approval_code: 'DEF',
      instance_code: 'CODE',
      status: 'PENDING',
      task_list: [],
      ...{ [name]: odd },
    };
    return JSON.stringify({ code: 0, msg: 'ok', data, bot: { open_id: odd, app_name: odd } });
  });

const body = fc.oneof(
  hostileJson(),
  wrapped,
  { weight: 3, arbitrary: spoilt },
  fc.constantFrom(
    '',
    'null',
    '[]',
    '<html>502</html>',
    '{"code":"0"}',
    '{"code":0}',
    `{"code":0,"data":"${'x'.repeat(300_000)}"}`,
  ),
);

interface Answer {
  status: number;
  body: string;
  headers: Record<string, string>;
}

const answer: fc.Arbitrary<Answer> = fc.record({
  status: fc.oneof(
    { weight: 3, arbitrary: fc.constant(200) },
    fc.constantFrom(400, 404, 429, 500, 502),
    fc.integer({ min: 200, max: 599 }),
  ),
  body,
  headers: fc.dictionary(
    fc.constantFrom('x-ogw-ratelimit-reset', 'x-tt-logid', 'content-type', 'retry-after'),
    fc.oneof(
      fc.constantFrom('-1', 'NaN', '1e308', 'Infinity', '0x10', '', '1,2'),
      fc.string({ unit: 'grapheme-ascii' }),
    ),
  ),
});

const token = () => new Response('{"code":0,"tenant_access_token":"t-0123456789abcdef","expire":7200}');

/**
 * A fetch that gives these answers in turn, the last one repeatedly. The token is valid unless the test wants it odd.
 */
function fetchOf(
  answers: readonly Answer[],
  oddToken: boolean,
): { fetch: typeof fetch; calls: () => number } {
  let calls = 0;
  return {
    calls: () => calls,
    fetch: async (input) => {
      if (!oddToken && String(input).includes('tenant_access_token')) return token();
      const {
        status,
        body: text,
        headers,
      } = answers[Math.min(calls, answers.length - 1)] ?? { status: 200, body: '', headers: {} };
      calls += 1;
      const empty = [204, 205, 304].includes(status);
      return new Response(empty ? null : text, { status, headers: readable(headers) });
    },
  };
}

const readable = (headers: Record<string, string>): Headers => {
  const kept = new Headers();
  for (const [name, value] of Object.entries(headers)) if (/^[ -~]*$/.test(value)) kept.set(name, value);
  return kept;
};

type Options = Parameters<typeof createFeishuGateway>[0];
const calls: [string, (options: Options) => Promise<unknown>][] = [
  [
    'findPeople',
    (options) => createFeishuGateway(options).findPeople(app, ['a@example.com', 'b@example.com']),
  ],
  [
    'createInstance',
    (options) =>
      createFeishuGateway(options).createInstance(app, {
        definitionCode: 'DEF',
        initiator: 'ou_a',
        approver: 'ou_b',
        uuid: 'uuid-1',
        form: '[]',
        title: '@i18n@title',
        i18nResources: [],
      }),
  ],
  ['getInstance', (options) => createFeishuGateway(options).getInstance(app, 'CODE')],
  [
    'cancelInstance',
    (options) =>
      createFeishuGateway(options).cancelInstance(app, {
        definitionCode: 'DEF',
        instanceCode: 'CODE',
        initiator: 'ou_a',
      }),
  ],
  [
    'addComment',
    (options) =>
      createFeishuGateway(options).addComment(app, { instanceCode: 'CODE', author: 'ou_a', text: 'x' }),
  ],
  [
    'sendMessage',
    (options) => createFeishuGateway(options).sendMessage(app, { receiver: 'ou_a', text: 'x', uuid: 'u' }),
  ],
  ['authorize', (options) => createFeishuSetup(options).authorize(app)],
  ['getBot', (options) => createFeishuSetup(options).getBot(app)],
  ['grantedScopes', (options) => createFeishuSetup(options).grantedScopes(app)],
  ['saveDefinition', (options) => createFeishuSetup(options).saveDefinition(app, buildDefinition())],
  ['getDefinition', (options) => createFeishuSetup(options).getDefinition(app, 'DEF')],
  ['subscribe', (options) => createFeishuSetup(options).subscribe(app, 'DEF')],
];

describe.each(calls)('%s', (_name, call) => {
  it('ends soon with a result or a FeishuError, whatever the answer is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { minLength: 1, maxLength: 4 }),
        fc.nat(4).map((one) => one === 0),
        async (answers, oddToken) => {
          const feishu = fetchOf(answers, oddToken);
          const logged: unknown[] = [];
          const outcome = await call({
            credentials: async () => ({ appSecret: APP_SECRET }),
            fetch: feishu.fetch,
            sleep: async () => {},
            logger: { warn: (message, attributes) => logged.push(message, attributes) },
          }).catch((error: unknown) => error);

          if (outcome instanceof Error) {
            expect(outcome).toBeInstanceOf(FeishuError);
            expect(outcome.message.length).toBeLessThan(1_000);
          }
          expect(String(outcome) + JSON.stringify(logged)).not.toMatch(
            /secret-of-the-app|t-0123456789abcdef/,
          );
          expect(feishu.calls()).toBeLessThanOrEqual(20);
          expect(Reflect.ownKeys(Object.prototype).join()).toBe(before);
        },
      ),
      { numRuns: 600 },
    );
  });
});
