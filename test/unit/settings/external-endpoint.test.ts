import { describe, expect, it } from 'vitest';
import { checkEndpoint, normaliseEndpoint } from '../../../shared/setup/external-endpoint.ts';

const onAws = { allowLocal: false };
const locally = { allowLocal: true };

describe('an endpoint', () => {
  it.each([
    ['https://oa.example.com', 'https://oa.example.com'],
    ['https://oa.example.com/', 'https://oa.example.com'],
    ['https://OA.example.com:443/api/v1///', 'https://oa.example.com/api/v1'],
    ['https://oa.example.com:8443/a%20b', 'https://oa.example.com:8443/a%20b'],
    ['https://审批.example.com/', 'https://xn--tbt22n.example.com'],
    ['https://8.8.8.8', 'https://8.8.8.8'],
    ['https://0x7f.1', 'https://127.0.0.1'],
  ])('%s is stored as %s', (text, kept) => {
    expect(normaliseEndpoint(text, onAws)).toBe(kept);
  });

  it.each([
    ['not a URL', 'oa.example.com'],
    ['empty', ''],
    ['plain http', 'http://oa.example.com'],
    ['another protocol', 'file:///etc/passwd'],
    ['with a user', 'https://user@oa.example.com'],
    ['with a key', 'https://:key@oa.example.com'],
    ['with a query', 'https://oa.example.com/?a=1'],
    ['with an empty query', 'https://oa.example.com/?'],
    ['with a fragment', 'https://oa.example.com/#a'],
    ['with an empty fragment', 'https://oa.example.com/#'],
    ['with a blank', 'https://oa.example.com/a b'],
    ['with a line break', 'https://oa.exa\nmple.com'],
    ['with backslashes', 'https:\\\\oa.example.com'],
    ['too long', `https://oa.example.com/${'x'.repeat(2_000)}`],
    ['too long once it is encoded', `https://oa.example.com/${'语'.repeat(700)}`],
  ])('cannot be %s', (_, text) => expect(normaliseEndpoint(text, onAws)).toBeUndefined());

  it('can be http on the local stack', () => {
    expect(normaliseEndpoint('http://127.0.0.1:3002/', locally)).toBe('http://127.0.0.1:3002');
    expect(normaliseEndpoint('ftp://127.0.0.1', locally)).toBeUndefined();
  });
});

describe('the addresses of an endpoint', () => {
  const check = (endpoint: string, addresses: string[] | Error, rules = onAws) => {
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      if (addresses instanceof Error) throw addresses;
      return addresses;
    };
    return checkEndpoint(endpoint, { ...rules, resolve }).then(() => asked);
  };
  const REFUSED = { code: 'ENDPOINT_REFUSED', retryable: false };

  it('can be public', async () => {
    expect(await check('https://oa.example.com:8443/v1', ['93.184.215.14', '2606:4700::1'])).toEqual([
      'oa.example.com',
    ]);
  });

  it('are not looked up if the host is an address', async () => {
    expect(await check('https://8.8.8.8/', new Error('no'))).toEqual([]);
    expect(await check('https://[2606:4700::1]/', new Error('no'))).toEqual([]);
  });

  it.each(['https://127.0.0.1', 'https://[::1]', 'https://[::ffff:10.0.0.1]', 'https://169.254.169.254'])(
    '%s is refused as it stands',
    async (endpoint) => {
      await expect(check(endpoint, [])).rejects.toMatchObject(REFUSED);
    },
  );

  it('are refused if one of them is not public', async () => {
    await expect(check('https://oa.example.com', ['93.184.215.14', '10.0.0.1'])).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining('oa.example.com has a loopback, link-local, private'),
    });
  });

  it.each([
    ['unknown', new Error('ENOTFOUND')],
    ['without an address', []],
  ])('are refused if the name is %s', async (_, addresses) => {
    await expect(check('https://oa.example.com', addresses)).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining('does not resolve'),
    });
  });

  it('can be the loopback on the local stack, but no other private address', async () => {
    await expect(check('http://localhost:3002', ['127.0.0.1', '::1'], locally)).resolves.toBeDefined();
    await expect(check('http://oa.example.com', ['10.0.0.1'], locally)).rejects.toMatchObject(REFUSED);
  });
});
