import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  aChallenge,
  anApp,
  anInstanceEvent,
  aSecondEvent,
  encrypted,
  signed,
} from '../../../support/feishu-push.ts';
import { hostileMembers } from '../../../support/hostile-json.ts';
import { aPost } from '../../../support/http-event.ts';
import { rightsOf } from './reference.ts';
import {
  badBytes,
  badCiphertexts,
  badHeaders,
  badOuterJson,
  badPlaintexts,
  bodiesAtTheLimit,
  oddInvocations,
} from './requests.ts';
import {
  ALL_UP,
  ANSWERS,
  aHostileWebhook,
  challengeOf,
  type HostileWebhook,
  prototypes,
  type Seen,
  type Stores,
} from './webhook.ts';

/** Calls the handler of the function, as Lambda does, with anything that can be sent to a public address. */
let webhook: HostileWebhook;
const before = prototypes();
const app = anApp({ appId: 'cli_0123456789abcdef' });

beforeAll(async () => {
  webhook = await aHostileWebhook();
});
beforeEach(() => webhook.forgetKeys());
afterAll(() => {
  webhook.stop();
  console.log(`hostile inputs: ${webhook.count().toLocaleString('en-US')}`);
});

const REFUSALS = [
  'FOREIGN',
  'UNSIGNED',
  'SIGNATURE',
  'TOKEN_OR_APP',
  'TOO_LARGE',
  'BODY',
  'CIPHERTEXT',
  'FORM',
];

/** Checks the promises of docs/contract.md 2 against what a request may be granted. */
function expectNoHarm(event: APIGatewayProxyEventV2, seen: Seen, stores: Stores = ALL_UP): void {
  const { answer, hints, logged } = seen;
  const { bytes, signed: isSigned, ours, ourApp } = rightsOf(event, app);
  const storeFailed = Object.values(stores).includes('DOWN');
  const challenge = challengeOf(seen);
  if (challenge === undefined) expect(Object.values(ANSWERS)).toContainEqual(answer);

  expect(answer.statusCode === 413).toBe(bytes > 256 * 1024);
  if (answer.statusCode === 503) expect(storeFailed).toBe(true);
  if (challenge !== undefined) expect(ours).toBe(true);
  if (answer.body === '{}' || answer.statusCode === 400) expect(isSigned).toBe(true);
  if (answer.body === '{}') expect(ours).toBe(true);
  if (hints.length > 0) {
    expect([isSigned, ours, ourApp, hints.length, answer.statusCode]).toEqual([true, true, true, 1, 200]);
  }
  for (const line of logged) {
    if (line.message === 'webhook refused') {
      expect(Object.keys(line).sort()).toEqual(['level', 'message', 'reason', 'service']);
      expect(REFUSALS).toContain(line.reason);
    }
  }
  expect(prototypes()).toBe(before);
}

const kinds: [string, (app: typeof webhook.app) => fc.Arbitrary<APIGatewayProxyEventV2>, number][] = [
  ['headers missing, doubled, in another case, huge, with control characters', badHeaders, 2_000],
  ['bytes changed on the wire', badBytes, 1_500],
  ['ciphertexts flipped, cut, re-ordered, under another IV, in another base64', badCiphertexts, 2_000],
  ['odd JSON around what is encrypted', badOuterJson, 2_000],
  ['odd JSON within what is encrypted', badPlaintexts, 2_500],
  ['bodies of about 256 KiB', bodiesAtTheLimit, 150],
  ['odd methods, paths, encodings and bodies', oddInvocations, 1_500],
];

describe.each(kinds)('%s', (_name, requests, numRuns) => {
  it('get an answer of the contract, and no more than they may be granted', async () => {
    await fc.assert(
      fc.asyncProperty(requests(app), async (event) => expectNoHarm(event, await webhook.call(event))),
      { numRuns },
    );
  });
});

describe('stores that fail (docs/lessons.md 16)', () => {
  const state = fc.constantFrom('UP' as const, 'DOWN' as const);
  const stores = fc.record({ secrets: state, table: state, queue: state });
  const any = fc.oneof(
    badHeaders(app),
    badCiphertexts(app),
    badOuterJson(app),
    badPlaintexts(app),
    oddInvocations(app),
  );

  it('cause 503 for requests that need them, and for no others', async () => {
    await fc.assert(
      fc.asyncProperty(any, stores, async (event, states) => {
        webhook.forgetKeys();
        const seen = await webhook.call(event, states);
        expectNoHarm(event, seen, states);
        if (seen.answer.statusCode === 503) {
          const { asked } = seen;
          const failed = (['secrets', 'table', 'queue'] as const).filter((name) => states[name] === 'DOWN');
          expect(failed.some((name) => asked[name] > 0)).toBe(true);
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it('never cause 200 for a genuine event that is not stored', async () => {
    const body = (id: number) =>
      JSON.stringify({
        encrypt: encrypted(app.encryptKey, anInstanceEvent(app, {}, { uuid: `event ${id}` })),
      });
    await fc.assert(
      fc.asyncProperty(fc.nat(), stores, async (id, states) => {
        webhook.forgetKeys();
        const sent = body(id);
        const event = aPost('/feishu/events', { body: sent, headers: signed(app.encryptKey, sent) });
        const { answer, hints } = await webhook.call(event, states);
        const anyDown = Object.values(states).includes('DOWN');
        expect(answer).toEqual(anyDown ? ANSWERS.unavailable : ANSWERS.stored);
        expect(hints).toHaveLength(anyDown ? 0 : 1);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a genuine event', () => {
  const blank = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 5 });
  /** Members that Feishu may add later: all that we do not read by name. */
  const unknown = hostileMembers('news').map((text) => text.slice(1, -1));
  const read = /"(encrypt|token|type|header|event|uuid|app_id|event_type|event_id|\w+_code|status)"/;
  const additions = unknown.filter((members) => !read.test(members));
  const plains = fc.constantFrom<object>(
    anInstanceEvent(app),
    anInstanceEvent(app, { type: 'approval_task' }),
    aSecondEvent(app, 'approval.task.status_changed_v4'),
  );

  it('is stored with any white space, any order of keys and unknown attributes', async () => {
    await fc.assert(
      fc.asyncProperty(
        plains,
        fc.array(blank, { minLength: 6, maxLength: 6 }),
        additions,
        additions,
        fc.infiniteStream(fc.nat(1_000)),
        fc.record({ asBase64: fc.boolean(), mark: fc.constantFrom('', '\ufeff'), upper: fc.boolean() }),
        async (plain, blanks, outer, inner, order, { asBase64, mark, upper }) => {
          const text = spelled(plain, () => order.next().value, blanks[0] ?? '');
          const more = inner === '' ? text : text.replace('{', () => `{${inner},`);
          const [a, b, c, d, e] = blanks;
          const encrypt = `${a}"encrypt"${b}:${c}"${encrypted(app.encryptKey, mark + more)}"${d}`;
          const body = `${mark}${e}{${outer === '' ? '' : `${outer},`}${encrypt}}${e}`;
          const headers = Object.fromEntries(
            Object.entries(signed(app.encryptKey, body)).map(([name, value]) => [
              upper ? name.toUpperCase() : name,
              value,
            ]),
          );
          const sent = asBase64 ? Buffer.from(body).toString('base64') : body;
          const seen = await webhook.call(
            aPost('/feishu/events', { body: sent, headers, isBase64Encoded: asBase64 }),
          );
          expect(seen.answer).toEqual(ANSWERS.stored);
          expect(seen.hints).toMatchObject([
            { kind: 'UNKNOWN_INSTANCE', appId: app.appId, instanceCode: 'INSTANCE', status: 'APPROVED' },
          ]);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('of any type, status or text is answered 200 or 400, so that Feishu does not repeat it without end', async () => {
    const wild = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.jsonValue());
    const changes = fc.dictionary(
      fc.constantFrom('type', 'approval_code', 'instance_code', 'status', 'uuid', 'open_id'),
      wild,
    );
    await fc.assert(
      fc.asyncProperty(changes, wild, async (change, uuid) => {
        const body = JSON.stringify({
          encrypt: encrypted(app.encryptKey, anInstanceEvent(app, change, { uuid })),
        });
        const event = aPost('/feishu/events', { body, headers: signed(app.encryptKey, body) });
        const seen = await webhook.call(event);
        expectNoHarm(event, seen);
        expect([200, 400]).toContain(seen.answer.statusCode);
      }),
      { numRuns: 1_000 },
    );
  });
});

it('the challenge is answered with its own text, whatever that is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (challenge) => {
      const body = JSON.stringify({ encrypt: encrypted(app.encryptKey, aChallenge(app, { challenge })) });
      expect(challengeOf(await webhook.call(aPost('/feishu/events', { body })))).toBe(challenge);
    }),
    { numRuns: 300 },
  );
});

/** Writes JSON with the keys in an order that `draw` decides, at every level. */
function spelled(value: unknown, draw: () => number, blank: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([key, one]) => ({
      at: draw(),
      text: `${JSON.stringify(key)}${blank}:${spelled(one, draw, blank)}`,
    }));
  return `{${blank}${members
    .sort((a, b) => a.at - b.at)
    .map(({ text }) => text)
    .join(`${blank},`)}${blank}}`;
}
