import { createHmac, randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import {
  generateSigningSecret,
  isSameKey,
  isSigningSecret,
  signMessage,
  verifyRequest,
} from '../../../shared/external/signatures.ts';
import { aSigningSecret } from '../../support/secrets.ts';

const NOW = new Date('2026-03-01T08:00:00.400Z');
const secret = aSigningSecret();
const base64 = (bytes: number) => Buffer.alloc(bytes, 0xfb).toString('base64');

describe('a signing secret', () => {
  it.each([
    ['24 bytes', base64(24)],
    ['64 bytes', base64(64)],
    ['24 bytes with the prefix', `whsec_${base64(24)}`],
    ['a generated one', generateSigningSecret(randomBytes)],
  ])('can be %s', (_, text) => expect(isSigningSecret(text)).toBe(true));

  it.each([
    ['empty', ''],
    ['the prefix alone', 'whsec_'],
    ['23 bytes', base64(23)],
    ['65 bytes', base64(65)],
    ['with the prefix twice', `whsec_whsec_${base64(24)}`],
    ['in the alphabet of URLs', base64(24).replaceAll('+', '-').replaceAll('/', '_')],
    ['without its padding', base64(25).replace(/=+$/, '')],
    ['with a blank in it', `${base64(24)} `],
    ['of another spelling of the same bytes', `${base64(25).slice(0, -3)}x==`],
    ['a public key', `whpk_${base64(32)}`],
  ])('cannot be %s', (_, text) => expect(isSigningSecret(text)).toBe(false));

  it('is the same with and without its prefix, and differs with other bytes', () => {
    expect(isSameKey(secret, secret.replace('whsec_', ''))).toBe(true);
    expect(isSameKey(secret, aSigningSecret())).toBe(false);
    expect(isSameKey('x', 'x')).toBe(false);
  });

  it('is generated from 32 random bytes', () => {
    const asked: number[] = [];
    generateSigningSecret((count) => {
      asked.push(count);
      return randomBytes(count);
    });
    expect(asked).toEqual([32]);
  });
});

describe('a message of this product', () => {
  it('is signed by the specification: HMAC-SHA256 of id, seconds and body', () => {
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
    const expected = createHmac('sha256', key).update('msg.1772352000.{"a":"语"}').digest('base64');
    expect(signMessage([secret], { id: 'msg', at: NOW, body: '{"a":"语"}' })).toEqual({
      'webhook-id': 'msg',
      'webhook-timestamp': '1772352000',
      'webhook-signature': `v1,${expected}`,
    });
  });

  it.each(['{"a":1}', ''])(
    'with the body "%s" is verified by the library with each of two secrets',
    (body) => {
      const other = aSigningSecret();
      const headers = signMessage([secret, other], { id: 'msg', at: new Date(), body }) ?? {};
      for (const one of [secret, other]) {
        expect(() => new Webhook(one).verify(body, headers)).not.toThrow();
      }
      expect(() => new Webhook(aSigningSecret()).verify(body, headers)).toThrow('No matching signature');
    },
  );

  it('is not signed without a secret or with an invalid one', () => {
    const message = { id: 'msg', at: NOW, body: '' };
    expect(signMessage([], message)).toBeUndefined();
    expect(signMessage(['not base64!'], message)).toBeUndefined();
    expect(signMessage(['not base64!', secret], message)).toEqual(signMessage([secret], message));
  });
});

describe('a request from an OA', () => {
  const body = '{"approvalId":"a"}';
  const signedAt = (seconds: number, by = secret, text = body) => ({
    'webhook-id': 'msg',
    'webhook-timestamp': String(seconds),
    'webhook-signature': new Webhook(by).sign('msg', new Date(seconds * 1000), text),
  });
  const seconds = Math.floor(NOW.getTime() / 1000);
  const verify = (headers: Record<string, string>, secrets = [secret], text = body) =>
    verifyRequest({ headers, body: Buffer.from(text) }, secrets, NOW);

  it('is verified if the library signed it, and its id is returned', () => {
    expect(verify(signedAt(seconds))).toEqual({ kind: 'VERIFIED', messageId: 'msg' });
  });

  it('is verified with any of the secrets and any of its signatures', () => {
    const before = aSigningSecret();
    expect(verify(signedAt(seconds, before), [secret, before]).kind).toBe('VERIFIED');
    const { 'webhook-signature': good, ...rest } = signedAt(seconds);
    const several = { ...rest, 'webhook-signature': `v1a,abc v1,short ${good} v1,` };
    expect(verify(several).kind).toBe('VERIFIED');
  });

  it.each([-300, 300])('is verified if its time is %i seconds off', (off) => {
    expect(verify(signedAt(seconds + off)).kind).toBe('VERIFIED');
  });

  it.each([-301, 301])('is stale if its time is %i seconds off, even with a valid signature', (off) => {
    expect(verify(signedAt(seconds + off))).toEqual({ kind: 'REFUSED', reason: 'STALE' });
  });

  it.each<[string, Record<string, string>]>([
    ['under another secret', signedAt(seconds, aSigningSecret())],
    ['over another body', signedAt(seconds, secret, '{}')],
    ['under another id', { ...signedAt(seconds), 'webhook-id': 'other' }],
    ['at another time', { ...signedAt(seconds), 'webhook-timestamp': String(seconds + 1) }],
    ['in another version', { ...signedAt(seconds), 'webhook-signature': 'v2,abc' }],
  ])('signed %s is forged', (_, headers) => {
    expect(verify(headers)).toEqual({ kind: 'REFUSED', reason: 'FORGED' });
  });

  it('is forged if no secret is known', () => {
    expect(verify(signedAt(seconds), [])).toEqual({ kind: 'REFUSED', reason: 'FORGED' });
    expect(verify({ ...signedAt(seconds), 'webhook-signature': ' ' }, [])).toMatchObject({ kind: 'REFUSED' });
  });

  it.each([
    ['id', { 'webhook-id': '' }],
    ['time', { 'webhook-timestamp': '' }],
    ['signature', { 'webhook-signature': '' }],
    ['time that is a number', { 'webhook-timestamp': `${seconds}.0` }],
    ['time that is one alone', { 'webhook-timestamp': `${seconds}abc` }],
  ])('without %s is unsigned', (_, change) => {
    expect(verify({ ...signedAt(seconds), ...change })).toEqual({ kind: 'REFUSED', reason: 'UNSIGNED' });
  });
});
