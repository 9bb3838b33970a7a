import { createDecipheriv, createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf } from '../../../../functions/receive-feishu-events/http.ts';
import { aChallenge, anApp, anInstanceEvent, encrypted } from '../../../support/feishu-push.ts';
import { aPost } from '../../../support/http-event.ts';
import { decryptByPadding, type Oracle, rightAndWrong, xor } from './padding-attack.ts';
import { ANSWERS, aHostileWebhook, challengeOf, type HostileWebhook } from './webhook.ts';

const app = anApp({ appId: 'cli_0123456789abcdef' });
const key = createHash('sha256').update(app.encryptKey).digest();
const ciphertextOf = (plain: object) => Buffer.from(encrypted(app.encryptKey, plain), 'base64');
const genuine: [string, object][] = [
  ['an event', anInstanceEvent(app)],
  ['a challenge', aChallenge(app)],
];
const bodyWith = (ciphertext: Buffer) => JSON.stringify({ encrypt: ciphertext.toString('base64') });

/** Blocks of the ciphertext after its IV, each with the previous block and its plaintext. */
function blocksOf(ciphertext: Buffer) {
  const decipher = createDecipheriv('aes-256-cbc', key, ciphertext.subarray(0, 16)).setAutoPadding(false);
  const plain = decipher.update(ciphertext.subarray(16));
  return Array.from({ length: plain.length / 16 }, (_, at) => ({
    previous: ciphertext.subarray(at * 16, at * 16 + 16),
    block: ciphertext.subarray(at * 16 + 16, at * 16 + 32),
    plain: plain.subarray(at * 16, at * 16 + 16),
  }));
}

let webhook: HostileWebhook;
beforeAll(async () => {
  webhook = await aHostileWebhook();
});
afterAll(() => {
  console.log(`requests of the padding attack: ${webhook.count().toLocaleString('en-US')}`);
  return webhook.stop();
});

/**
 * All that can be observed: the bytes of the answer, and instead of its time the work for it: calls of secret, table
 * and queue, and log lines.
 */
const watch =
  (pass: () => void, before: (ciphertext: Buffer) => Buffer = (ciphertext) => ciphertext): Oracle =>
  async (ciphertext) => {
    pass();
    return JSON.stringify(
      await webhook.call(aPost('/feishu/events', { body: bodyWith(before(ciphertext)) })),
    );
  };

const moments: [string, () => void][] = [
  ['when the keys must be read', () => webhook.forgetKeys()],
  ['when a fresh read of the keys is due', () => webhook.pass(61_000)],
  ['when the keys were read just now', () => webhook.pass(1)],
];

describe.each(genuine)('an attacker with the ciphertext of %s and no key', (_name, message) => {
  const ciphertext = ciphertextOf(message);

  it.each(moments)('cannot read it by its padding, byte by byte, %s', async (_moment, pass) => {
    await webhook.call(aPost('/feishu/events'));
    expect(await decryptByPadding(ciphertext, watch(pass))).toHaveLength(0);
  });

  it('cannot read it with forged blocks after the genuine ones', async () => {
    const ask = watch(
      () => webhook.pass(61_000),
      (forged) => Buffer.concat([ciphertext, forged]),
    );
    expect(await decryptByPadding(ciphertext.subarray(0, 64), ask)).toHaveLength(0);
  });

  it.each(moments)('cannot tell valid padding of any length from invalid, %s', async (_moment, pass) => {
    const ask = watch(pass);
    for (const { previous, block, plain } of blocksOf(ciphertext)) {
      for (const { right, wrong } of rightAndWrong(previous, block, plain)) {
        expect(hasRightPadding(right)).toBe(true);
        expect(hasRightPadding(wrong)).toBe(false);
        expect(await ask(right)).toBe(await ask(wrong));
      }
    }
  });

  it('gets the same bytes whichever bit is flipped, except where the answer shows it anyway', async () => {
    const [first] = blocksOf(ciphertext);
    const challenge = 'challenge' in message ? String(message.challenge) : undefined;
    for (let bit = 0; bit < ciphertext.length * 8; bit += 1) {
      const flipped = Buffer.from(ciphertext);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const seen = await webhook.call(aPost('/feishu/events', { body: bodyWith(flipped) }));
      const answered = challengeOf(seen);
      if (answered === undefined) {
        expect(seen.answer).toEqual(ANSWERS.unauthorized);
        continue;
      }
      // The IV is added to the first block, so a flipped bit of it appears in the challenge that comes back.
      const shown = xor(xor(first?.plain ?? flipped, ciphertext.subarray(0, 16)), flipped.subarray(0, 16));
      expect(shown.toString('utf8').replace('{"challenge":"', '')).toBe(answered.slice(0, 2));
      expect(answered.slice(2)).toBe(challenge?.slice(2));
    }
  });
});

it('gets an answer to the genuine challenge, so there is a difference to observe', async () => {
  const seen = await webhook.call(aPost('/feishu/events', { body: bodyWith(ciphertextOf(aChallenge(app))) }));
  expect(challengeOf(seen)).toBe('the challenge');
});

function hasRightPadding(ciphertext: Buffer): boolean {
  const decipher = createDecipheriv('aes-256-cbc', key, ciphertext.subarray(0, 16));
  try {
    decipher.update(ciphertext.subarray(16));
    decipher.final();
    return true;
  } catch {
    return false;
  }
}

describe('the same attacker reads everything, including the token, from a webhook', () => {
  // The part of an event that contains its token.
  const ciphertext = ciphertextOf(anInstanceEvent(app)).subarray(0, 7 * 16);
  const plain = Buffer.concat(blocksOf(ciphertext).map((block) => block.plain));

  it.each<[string, (rightPadding: boolean) => object]>([
    [
      'that answers 400 to bad padding',
      (right) => answerOf({ kind: right ? 'UNAUTHORIZED' : 'BAD_REQUEST' }),
    ],
    [
      'that reads its keys once more when they did not open a request',
      (right) => ({ answer: answerOf({ kind: 'UNAUTHORIZED' }), secrets: right ? 0 : 1 }),
    ],
  ])('%s', async (_name, naive) => {
    const read = await decryptByPadding(ciphertext, async (forged) =>
      JSON.stringify(naive(hasRightPadding(forged))),
    );
    expect(read.equals(plain)).toBe(true);
    expect(read.toString('utf8')).toContain(app.verificationToken);
  });
});
