import { describe, expect, it } from 'vitest';
import { decrypt, isSameText, isSignedWith, signatureOf } from '../../../shared/feishu/webhook-crypto.ts';
import { encrypted, signed } from '../../support/feishu-push.ts';

describe('decrypt', () => {
  it("decrypts Feishu's own example", () => {
    expect(decrypt('test key', 'P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=')).toBe('hello world');
  });

  it.each<[string, string]>([
    ['another key', encrypted('other', 'x')],
    ['nothing', ''],
    ['less than an IV', 'AAAA'],
    ['an IV alone', Buffer.alloc(16).toString('base64')],
    ['half a block', Buffer.alloc(24).toString('base64')],
    ['what is no base64', '!!!!'],
    ['no padding', Buffer.alloc(48).toString('base64')],
  ])('returns undefined for %s, without throwing', (_name, text) => {
    expect(decrypt('test key', text)).toBeUndefined();
  });

  it('returns undefined for a text that is not UTF-8', () => {
    expect(decrypt('k', encrypted('k', 'fine'))).toBe('fine');
    const broken = Buffer.from(encrypted('k', 'a'.repeat(40)), 'base64');
    broken[0] = (broken[0] ?? 0) ^ 0x80;

    expect(decrypt('k', broken.toString('base64'))).toBeUndefined();
  });
});

describe('the signature', () => {
  const parts = { timestamp: '1666079207', nonce: 'a nonce', body: Buffer.from('{"encrypt": "x"}') };

  it('is the SHA-256 of timestamp, nonce, key and raw body', () => {
    expect(signatureOf('key', parts)).toBe(
      'b55f5d95c8e671c44090396f487635490dba6d039c97d1516a1726b923094007',
    );
  });

  it.each<[string, Partial<typeof parts>]>([
    ['timestamp', { timestamp: '1666079208' }],
    ['nonce', { nonce: 'a nonc' }],
    ['body', { body: Buffer.from('{"encrypt":"x"}') }],
  ])('fails with another %s', (_name, change) => {
    const signature = signatureOf('key', parts);

    expect(isSignedWith('key', { ...parts, signature })).toBe(true);
    expect(isSignedWith('key', { ...parts, ...change, signature })).toBe(false);
  });

  it('fails with another key', () => {
    expect(isSignedWith('kez', { ...parts, signature: signatureOf('key', parts) })).toBe(false);
  });

  it.each(['', 'abc', 'é'.repeat(64), '0'.repeat(64)])('fails for %j, without throwing', (signature) => {
    expect(isSignedWith('key', { ...parts, signature })).toBe(false);
  });

  it('is the same as that of the test sender', () => {
    const body = '{"a":1}';
    const headers = signed('key', body);

    expect(
      isSignedWith('key', {
        timestamp: headers['x-lark-request-timestamp'] ?? '',
        nonce: headers['x-lark-request-nonce'] ?? '',
        signature: headers['x-lark-signature'] ?? '',
        body: Buffer.from(body),
      }),
    ).toBe(true);
  });
});

it('compares texts of any length', () => {
  expect(isSameText('token', 'token')).toBe(true);
  expect(isSameText('token', 'toke')).toBe(false);
  expect(isSameText('', '')).toBe(true);
});
