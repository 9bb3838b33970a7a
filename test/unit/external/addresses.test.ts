import https from 'node:https';
import { isIP, type LookupFunction, Socket } from 'node:net';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type AddressRules,
  areAllowedAddresses,
  isAllowedAddress,
  LOCAL_ADDRESSES,
} from '../../../shared/external/addresses.ts';
import { createTransport, TransportError } from '../../../shared/external/transport.ts';
import { checkEndpoint } from '../../../shared/setup/external-endpoint.ts';

const AWS = { allowLocal: false };
const LOCAL = { allowLocal: true };

const PUBLIC = ['93.184.215.14', '1.1.1.1', '172.32.0.1', '2606:4700:4700::1111', '2a00::1'];
const REFUSED: [what: string, address: string][] = [
  ['loopback', '127.0.0.1'],
  ['more loopback', '127.255.255.254'],
  ['loopback', '::1'],
  ['this host', '0.0.0.0'],
  ['this host', '::'],
  ['private', '10.0.0.1'],
  ['private', '172.31.255.255'],
  ['private', '192.168.1.1'],
  ['carrier-grade NAT', '100.64.0.1'],
  ['link-local', '169.254.1.1'],
  ['link-local', 'fe80::1'],
  ['metadata of EC2', '169.254.169.254'],
  ['metadata of EC2', 'fd00:ec2::254'],
  ['metadata of ECS', '169.254.170.2'],
  ['unique local', 'fc00::1'],
  ['multicast', '224.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['mapped loopback', '::ffff:127.0.0.1'],
  ['mapped metadata', '::ffff:a9fe:a9fe'],
  ['compatible loopback', '::127.0.0.1'],
  ['compatible loopback', '::7f00:1'],
  ['compatible metadata', '::a9fe:a9fe'],
  ['translated metadata', '64:ff9b::a9fe:a9fe'],
  ['6to4 of private', '2002:0a00:0001::'],
  ['documentation', '203.0.113.1'],
];

describe('one address', () => {
  it.each(PUBLIC)('%s is public', (address) => expect(isAllowedAddress(address, AWS)).toBe(true));

  it.each([
    ...REFUSED,
    ['with a zone', 'fe80::1%eth0'],
    ['with a zone', '2606:4700:4700::1111%1'],
    ['no address', 'localhost'],
    ['nothing', ''],
  ])('%s (%s) is refused', (_, address) => expect(isAllowedAddress(address, AWS)).toBe(false));

  it('is allowed on the local stack if it is a loopback address, but not if it is another private one', () => {
    expect(LOCAL_ADDRESSES.map((address) => isAllowedAddress(address, LOCAL))).toEqual([true, true]);
    const refused = ['127.0.0.2', '10.0.0.1', '169.254.169.254', '::ffff:127.0.0.1', '0.0.0.0'];
    expect(refused.map((address) => isAllowedAddress(address, LOCAL))).toEqual(refused.map(() => false));
    expect(isAllowedAddress('1.1.1.1', LOCAL)).toBe(true);
  });
});

/** Connects to nothing: a connection that would be made ends with the code WOULD_CONNECT. */
beforeAll(() => {
  vi.spyOn(https.Agent.prototype, 'createConnection').mockImplementation(({ host, lookup }) => {
    const socket = new Socket();
    const end = (error?: Error | null) =>
      void socket.destroy(error ?? Object.assign(new Error('connects'), { code: 'WOULD_CONNECT' }));
    if (isIP(host ?? '') === 0 && lookup) lookup(host ?? '', { all: true }, end);
    else process.nextTick(end);
    return socket;
  });
});
afterAll(() => vi.restoreAllMocks());

const urlOf = (address: string): string => `https://${isIP(address) === 6 ? `[${address}]` : address}/`;
const NAME = 'https://oa.example.com/';

const isSaved = (endpoint: string, addresses: string[], rules: AddressRules): Promise<boolean> =>
  checkEndpoint(endpoint, { ...rules, resolve: async () => addresses }).then(
    () => true,
    () => false,
  );

async function isConnectedTo(url: string, addresses: string[], rules: AddressRules): Promise<boolean> {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  const lookup: LookupFunction = (_, _options, done) => done(null, found);
  const transport = createTransport({ ...rules, lookup });
  const error: unknown = await transport({ method: 'GET', url, headers: {}, timeoutMs: 20_000 }).catch(
    (failure: unknown) => failure,
  );
  if (!(error instanceof TransportError)) throw new Error('the network was reached');
  if (error.code === 'ADDRESS_REFUSED') return false;
  expect(error.message).toContain('WOULD_CONNECT');
  return true;
}

/** The result of each check for an address, given directly and by a name that resolves to it. */
const verdicts = async (address: string, rules: AddressRules): Promise<boolean[]> => [
  await isSaved(urlOf(address), [], rules),
  await isSaved(NAME, [address], rules),
  await isConnectedTo(urlOf(address), [], rules),
  await isConnectedTo(NAME, [address], rules),
];

describe('a save and a connection decide the same', () => {
  it.each([
    ...PUBLIC.map((address) => [address, AWS, true] as const),
    ...REFUSED.map(([, address]) => [address, AWS, false] as const),
    ...LOCAL_ADDRESSES.map((address) => [address, LOCAL, true] as const),
    ...REFUSED.map(([, address]) => [address, LOCAL, LOCAL_ADDRESSES.includes(address)] as const),
  ])('about %s (%o): %s', async (address, rules, allowed) => {
    expect(await verdicts(address, rules)).toEqual(Array(4).fill(allowed));
  });

  it('about a name without addresses: it is refused', () => {
    expect(areAllowedAddresses([], LOCAL)).toBe(false);
  });

  it.each([
    ['one of two is private', ['93.184.215.14', '10.0.0.1'], false],
    ['one of two is IPv4-compatible', ['2606:4700::1', '::7f00:1'], false],
    ['both are public', ['93.184.215.14', '2606:4700::1'], true],
    ['one has a zone', ['2606:4700::1%1'], false],
    ['there is none', [], false],
  ])('about a name of which %s', async (_what, addresses, allowed) => {
    expect([await isSaved(NAME, addresses, AWS), await isConnectedTo(NAME, addresses, AWS)]).toEqual([
      allowed,
      allowed,
    ]);
  });
});

/** IPv4-compatible (RFC 4291, deprecated). ipaddr.js counts it as unicast. */
const isCompatible = (address: string): boolean => {
  const parsed = ipaddr.parse(address);
  return parsed instanceof ipaddr.IPv6 && parsed.parts.slice(0, 6).every((part) => part === 0);
};

it('the list of addresses that are not public is that of ipaddr.js with all IPv4-compatible addresses', () => {
  const v4 = ['10.0', '100.64', '169.254', '172.16', '192.0', '192.31', '192.88', '198.18', '203.0', '240.0'];
  const v6 = [
    '64:ff9b',
    '100',
    '2001',
    '2001:db8',
    '2002',
    '2620:4f',
    '3fff',
    '5f00',
    'fc00',
    'fe80',
    'ff02',
  ];
  const address = fc.oneof(
    fc.ipV4(),
    fc.tuple(fc.constantFrom(...v4), fc.nat(255), fc.nat(255)).map((parts) => parts.join('.')),
    fc.ipV6(),
    fc
      .tuple(fc.constantFrom(...v6, ''), fc.nat(0xffff), fc.nat(0xffff))
      .map(([first, ...rest]) => `${first}::${rest.map((part) => part.toString(16)).join(':')}`),
  );
  fc.assert(
    fc.property(address, (one) => {
      const isPublic = ipaddr.parse(one).range() === 'unicast' && !isCompatible(one);
      expect(isAllowedAddress(one, AWS)).toBe(isPublic);
    }),
    { numRuns: 5_000 },
  );
});
