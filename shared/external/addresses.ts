import { BlockList, isIP } from 'node:net';

export interface AddressRules {
  /** Allows the loopback too. For the local stack only. */
  allowLocal: boolean;
}

/** Addresses that only the local stack allows. */
export const LOCAL_ADDRESSES: readonly string[] = ['127.0.0.1', '::1'];

/**
 * Addresses outside the public Internet (IANA IPv4 and IPv6 Special-Purpose Address Registries), and IPv6 addresses
 * that stand for an IPv4 address. They are refused, so that an endpoint cannot reach internal services.
 */
const NOT_PUBLIC: readonly (readonly [address: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 96],
  ['::ffff:0:0', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** One list for each family: in a common list, Node matches every IPv4 address with the range of mapped ones. */
const listOf = (family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  const own = NOT_PUBLIC.filter(([address]) => familyOf(address) === family);
  for (const [address, prefix] of own) list.addSubnet(address, prefix, family);
  return list;
};
const notPublic = { ipv4: listOf('ipv4'), ipv6: listOf('ipv6') };

/** Whether an OA may be at an address. A text that is not an address, or has a zone (`fe80::1%eth0`), is refused. */
export function isAllowedAddress(address: string, { allowLocal }: AddressRules): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  if (allowLocal && LOCAL_ADDRESSES.includes(address)) return true;
  const family = familyOf(address);
  return !notPublic[family].check(address, family);
}

/**
 * Whether an OA may be at a host with these addresses: there is at least one, and all are allowed. Used when an
 * endpoint is saved and at each connection, so that both decide the same.
 */
export const areAllowedAddresses = (addresses: readonly string[], rules: AddressRules): boolean =>
  addresses.length > 0 && addresses.every((address) => isAllowedAddress(address, rules));

/** Returns the host of a URL, an IPv6 address without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');
