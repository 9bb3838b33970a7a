import http from 'node:http';
import { BlockList } from 'node:net';
import fc from 'fast-check';
import { RequestFilteringHttpAgent } from 'request-filtering-agent';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { isAllowedAddress, LOCAL_ADDRESSES } from '../../../shared/external/addresses.ts';

const onAws = (address: string) => isAllowedAddress(address, { allowLocal: false });
const locally = (address: string) => isAllowedAddress(address, { allowLocal: true });

it.each(['93.184.215.14', '1.1.1.1', '172.32.0.1', '2606:4700:4700::1111', '2a00::1'])(
  '%s is a public address',
  (address) => expect(onAws(address)).toBe(true),
);

it.each([
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
  ['translated metadata', '64:ff9b::a9fe:a9fe'],
  ['6to4 of private', '2002:0a00:0001::'],
  ['documentation', '203.0.113.1'],
  ['no address', 'localhost'],
  ['nothing', ''],
])('%s (%s) is refused', (_, address) => expect(onAws(address)).toBe(false));

it('on the local stack the loopback is allowed, and nothing else that is not public', () => {
  expect(LOCAL_ADDRESSES.map(locally)).toEqual([true, true]);
  const refused = ['127.0.0.2', '10.0.0.1', '169.254.169.254', '::ffff:127.0.0.1', '0.0.0.0'];
  expect(refused.map(locally)).toEqual(refused.map(() => false));
  expect(locally('1.1.1.1')).toBe(true);
});

/** What the agent would connect to: asked with nothing behind it. */
let wouldConnect: (address: string) => boolean;
beforeAll(() => {
  vi.spyOn(http.Agent.prototype, 'createConnection').mockImplementation(() => {
    throw new Error('connects');
  });
  const agent = new RequestFilteringHttpAgent();
  wouldConnect = (address) => {
    try {
      agent.createConnection({ host: address, port: 80 }, () => {});
      return false;
    } catch {
      return true;
    }
  };
});
afterAll(() => vi.restoreAllMocks());

/** IPv4-compatible, which no network routes: the agent lets them through. */
const compatible = new BlockList();
compatible.addSubnet('::', 96, 'ipv6');

it('what may be saved and what is connected to are the same', () => {
  const v4 = fc.ipV4();
  const special = fc
    .tuple(
      fc.constantFrom(
        '10.0',
        '100.64',
        '169.254',
        '172.16',
        '192.0',
        '192.31',
        '192.88',
        '198.18',
        '203.0',
        '240.0',
      ),
      fc.nat(255),
      fc.nat(255),
    )
    .map((parts) => parts.join('.'));
  const v6 = fc.oneof(
    fc.ipV6(),
    fc
      .tuple(
        fc.constantFrom(
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
        ),
        fc.nat(0xffff),
        fc.nat(0xffff),
      )
      .map(([first, ...rest]) => `${first}::${rest.map((part) => part.toString(16)).join(':')}`),
  );
  fc.assert(
    fc.property(fc.oneof(v4, special, v6), (address) => {
      fc.pre(!compatible.check(address, address.includes(':') ? 'ipv6' : 'ipv4'));
      expect(onAws(address)).toBe(wouldConnect(address));
    }),
    { numRuns: 5_000 },
  );
});
