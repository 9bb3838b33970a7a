import { BlockList, isIP } from 'node:net';

export interface AddressRules {
  /** Of the local stack alone: the loopback too. */
  allowLocal: boolean;
}

/** What an endpoint may be on the local stack, and only there. */
export const LOCAL_ADDRESSES: readonly string[] = ['127.0.0.1', '::1'];

/**
 * Addresses that are not of the public Internet (IANA IPv4 and IPv6 Special-Purpose Address Registries), those that
 * stand for an IPv4 address included: an OA must not be the way to what is inside.
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

/** A list a family: in one alone, Node would find every IPv4 address among those that are mapped. */
const listOf = (family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  const own = NOT_PUBLIC.filter(([address]) => familyOf(address) === family);
  for (const [address, prefix] of own) list.addSubnet(address, prefix, family);
  return list;
};
const notPublic = { ipv4: listOf('ipv4'), ipv6: listOf('ipv6') };

/** Whether an OA may be at an address; what is no address at all, or has a zone (`fe80::1%eth0`), is not public. */
export function isAllowedAddress(address: string, { allowLocal }: AddressRules): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  if (allowLocal && LOCAL_ADDRESSES.includes(address)) return true;
  const family = familyOf(address);
  return !notPublic[family].check(address, family);
}

/**
 * Whether an OA may be at a host with these addresses: there is one, and each of them is allowed. It decides when an
 * endpoint is saved and at each connection, so both always agree.
 */
export const areAllowedAddresses = (addresses: readonly string[], rules: AddressRules): boolean =>
  addresses.length > 0 && addresses.every((address) => isAllowedAddress(address, rules));

/** The host of a URL as a name or an address: an IPv6 address without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');
