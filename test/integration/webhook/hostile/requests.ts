import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import {
  type AppKeys,
  aChallenge,
  anInstanceEvent,
  aSecondEvent,
  bodyOf,
  encrypted,
  signed,
} from '../../../support/feishu-push.ts';
import { hostileJson, hostileMembers } from '../../../support/hostile-json.ts';
import { aPost } from '../../../support/http-event.ts';

/** Requests as the HTTP API delivers them. Each kind is hostile in another way; some requests are genuine. */

const MAX_BODY = 256 * 1024;
const request = (body: string | undefined, headers: Record<string, string> = {}, isBase64Encoded = false) =>
  aPost('/feishu/events', { body, headers, isBase64Encoded });

/** Sends a body as text or as base64. */
const carried = (body: Buffer, headers: Record<string, string>, asBase64: boolean) =>
  asBase64 ? request(body.toString('base64'), headers, true) : request(body.toString('utf8'), headers);

/** Genuine plaintexts: both envelopes, both kinds of event, and a challenge. */
const genuinePlain = (app: AppKeys) =>
  fc.constantFrom<object>(
    anInstanceEvent(app),
    anInstanceEvent(app, { type: 'approval_task', open_id: 'ou_1', uuid: 'OUR-UUID' }),
    aSecondEvent(app, 'approval.instance.status_changed_v4'),
    aSecondEvent(app, 'approval_task'),
    aChallenge(app),
  );

const wildText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('\0', '\r\n', '\t', '\x7f', '\u2028', '\ud800', '%00', ',', ' ') }),
  fc.constantFrom('', 'null', 'undefined', '[object Object]', 'true', '0'),
  fc.integer({ min: 1, max: 20_000 }).map((length) => 'f'.repeat(length)),
);

/** Changes of one header. */
const headerChange = fc.oneof<fc.Arbitrary<(name: string, value: string) => [string, string][]>[]>(
  fc.constant(() => []),
  fc.constant((name, value) => [[name.toUpperCase(), value]]),
  fc.constant((name, value) => [[name, value.toUpperCase()]]),
  fc.constant((name, value) => [[name, `${value},${value}`]]),
  fc.constant((name, value) => [[name, ` ${value}`]]),
  fc.constant((name, value) => [
    [name.toUpperCase(), 'first'],
    [name, value],
  ]),
  fc.constant((name, value) => [
    [name, value],
    [name.toUpperCase(), 'last'],
  ]),
  fc.nat().map((at) => (name: string, value: string) => [[name, withoutCharacter(value, at)]]),
  wildText.map((text) => (name: string) => [[name, text]]),
  wildText.map((text) => (name: string, value: string) => [[name, value + text]]),
);

const withoutCharacter = (text: string, at: number) =>
  text.slice(0, at % text.length) + text.slice((at % text.length) + 1);

const otherHeaders = fc.dictionary(
  fc.oneof(
    fc.constantFrom('__proto__', 'constructor', 'host', 'content-type', 'x-lark-signature-2', ''),
    wildText,
  ),
  wildText,
  { maxKeys: 4 },
);

/** Genuine bodies with changed headers. */
export const badHeaders = (app: AppKeys): fc.Arbitrary<APIGatewayProxyEventV2> =>
  fc
    .tuple(
      genuinePlain(app),
      fc.array(headerChange, { minLength: 3, maxLength: 3 }),
      otherHeaders,
      fc.boolean(),
    )
    .map(([plain, changes, others, asBase64]) => {
      const body = Buffer.from(bodyOf(app.encryptKey, plain));
      const entries = Object.entries(signed(app.encryptKey, body));
      const changed = entries.flatMap(([name, value], index) => changes[index]?.(name, value) ?? []);
      return carried(body, Object.fromEntries([...Object.entries(others), ...changed]), asBase64);
    });

/** Changes of bytes: flipped bits, cuts, exchanged, doubled or inserted blocks. */
const damage = fc.oneof<fc.Arbitrary<(bytes: Buffer) => Buffer>[]>(
  fc.tuple(fc.nat(), fc.nat(7)).map(([at, bit]) => (bytes) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ (1 << bit);
    return copy;
  }),
  fc.nat().map((length) => (bytes) => bytes.subarray(0, length % (bytes.length + 1))),
  fc.nat().map((length) => (bytes) => bytes.subarray(length % (bytes.length + 1))),
  fc.tuple(fc.nat(), fc.nat()).map(([one, other]) => (bytes) => {
    const blocks = blocksOf(bytes);
    const [a, b] = [one % blocks.length, other % blocks.length];
    return Buffer.concat(
      blocks.map((block, at) => (at === a ? blocks[b] : at === b ? blocks[a] : block) ?? block),
    );
  }),
  fc.nat().map((at) => (bytes) => {
    const blocks = blocksOf(bytes);
    return Buffer.concat(
      blocks.flatMap((block, index) => (index === at % blocks.length ? [block, block] : [block])),
    );
  }),
  fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((iv) => (bytes) => Buffer.concat([iv, bytes.subarray(16)])),
  fc.uint8Array({ maxLength: 48 }).map((more) => (bytes) => Buffer.concat([bytes, more])),
  fc.constant(() => Buffer.alloc(0)),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => () => Buffer.from(bytes)),
);

const blocksOf = (bytes: Buffer): Buffer[] =>
  Array.from({ length: Math.max(1, Math.ceil(bytes.length / 16)) }, (_, at) =>
    bytes.subarray(at * 16, at * 16 + 16),
  );

/** Ways to write bytes, in base64 or not. */
const spelling = fc.constantFrom<((bytes: Buffer) => string)[]>(
  (bytes) => bytes.toString('base64'),
  (bytes) => bytes.toString('base64url'),
  (bytes) => bytes.toString('base64').replace(/=+$/, ''),
  (bytes) => bytes.toString('base64').replace(/.{64}/g, '$&\r\n'),
  (bytes) => `${bytes.toString('base64')}====`,
  (bytes) => ` ${bytes.toString('base64')} `,
  (bytes) => bytes.toString('hex'),
  (bytes) => bytes.toString('latin1'),
  (bytes) => `data:;base64,${bytes.toString('base64')}`,
);

/** Damaged ciphertexts. Half of them are signed with Feishu's key, as if Feishu sent them. */
export const badCiphertexts = (app: AppKeys): fc.Arbitrary<APIGatewayProxyEventV2> =>
  fc
    .tuple(genuinePlain(app), fc.array(damage, { maxLength: 2 }), spelling, fc.boolean(), fc.boolean())
    .map(([plain, damages, spell, isSigned, asBase64]) => {
      const genuine = Buffer.from(encrypted(app.encryptKey, plain), 'base64');
      const damaged = damages.reduce<Buffer>((bytes, harm) => harm(bytes), genuine);
      const body = Buffer.from(JSON.stringify({ encrypt: spell(damaged) }));
      return carried(body, isSigned ? signed(app.encryptKey, body) : {}, asBase64);
    });

/** Genuine requests with changed bytes and the genuine signature. */
export const badBytes = (app: AppKeys): fc.Arbitrary<APIGatewayProxyEventV2> =>
  fc.tuple(genuinePlain(app), damage, fc.boolean(), fc.boolean()).map(([plain, harm, isSigned, asBase64]) => {
    const body = Buffer.from(bodyOf(app.encryptKey, plain));
    return carried(harm(body), isSigned ? signed(app.encryptKey, body) : {}, asBase64);
  });

/** Bodies with odd outer JSON, which may contain `encrypt`. */
export const badOuterJson = (app: AppKeys): fc.Arbitrary<APIGatewayProxyEventV2> =>
  fc
    .tuple(
      genuinePlain(app),
      fc.oneof(hostileJson(), hostileMembers('encrypt')),
      fc.boolean(),
      fc.constantFrom('', '\ufeff', '\0', ' \r\n\t'),
    )
    .map(([plain, odd, isSigned, mark]) => {
      const filled = odd.replace('ENCRYPT', encrypted(app.encryptKey, plain));
      const body = Buffer.from(mark + filled);
      return carried(body, isSigned ? signed(app.encryptKey, body) : {}, body.length % 2 === 0);
    });

/** Odd plaintexts, encrypted correctly: some with our token, some as events with odd members. */
export const badPlaintexts = (app: AppKeys): fc.Arbitrary<APIGatewayProxyEventV2> =>
  fc
    .tuple(
      fc.oneof(hostileJson(), hostileMembers('token'), hostileMembers('header'), hostileMembers('event')),
      genuinePlain(app),
      fc.constantFrom('ALONE', 'BEFORE', 'AFTER', 'WITHIN'),
      fc.boolean(),
    )
    .map(([odd, plain, where, isSigned]) => {
      const text = JSON.stringify(plain);
      const members = odd.startsWith('{') ? odd.slice(1, -1) : `"odd":${odd}`;
      const mixed = {
        ALONE: odd,
        BEFORE: members === '' ? text : text.replace('{', () => `{${members},`),
        AFTER: members === '' ? text : text.replace(/\}$/, () => `,${members}}`),
        WITHIN: members === '' ? text : text.replace(/(?<=.)\{/, () => `{${members},`),
      }[where];
      const token = JSON.stringify(app.verificationToken).slice(1, -1);
      const body = Buffer.from(bodyOf(app.encryptKey, (mixed ?? odd).replace('TOKEN', token)));
      return carried(body, isSigned ? signed(app.encryptKey, body) : {}, body.length % 2 === 0);
    });

/** Bodies of about 256 KiB, of characters with one, two or three bytes. */
export const bodiesAtTheLimit = (app: AppKeys): fc.Arbitrary<APIGatewayProxyEventV2> =>
  fc
    .tuple(
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom('x', 'é', '语', '['),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom('TEXT', 'EVENT'),
    )
    .map(([over, letter, isSigned, asBase64, what]) => {
      const size = MAX_BODY + over;
      if (what === 'TEXT') {
        const text = letter.repeat(Math.floor(size / Buffer.byteLength(letter)));
        const body = Buffer.from(text.padEnd(text.length + size - Buffer.byteLength(text), ' '));
        return carried(body, isSigned ? signed(app.encryptKey, body) : {}, asBase64);
      }
      const body = Buffer.from(bodyOf(app.encryptKey, anInstanceEvent(app)).padEnd(size, ' '));
      return carried(body, isSigned ? signed(app.encryptKey, body) : {}, asBase64);
    });

/** Invocations that are odd outside the body. */
export const oddInvocations = (app: AppKeys): fc.Arbitrary<APIGatewayProxyEventV2> =>
  fc
    .record({
      plain: genuinePlain(app),
      isSigned: fc.boolean(),
      encoding: fc.constantFrom<(boolean | undefined)[]>(true, false, undefined),
      body: fc.oneof(
        { weight: 3, arbitrary: fc.constant('GENUINE') },
        fc.constantFrom(undefined, '', 'null', 'undefined'),
        wildText,
      ),
      method: fc.constantFrom('POST', 'GET', 'DELETE', 'TRACE', '', 'post'),
      path: fc.oneof(fc.constantFrom('/', '', '/feishu/events/../../settings', '//'), wildText),
      missing: fc.subarray(['headers', 'rawQueryString', 'cookies', 'isBase64Encoded'] as const),
    })
    .map(({ plain, isSigned, encoding, body, method, path, missing }) => {
      const genuine = bodyOf(app.encryptKey, plain);
      const event = aPost(path, {
        body: body === 'GENUINE' ? genuine : body,
        headers: isSigned ? signed(app.encryptKey, genuine) : {},
      });
      event.requestContext.http.method = method;
      const odd = { ...event, isBase64Encoded: encoding };
      return Object.assign(event, odd, Object.fromEntries(missing.map((name) => [name, undefined])));
    });
