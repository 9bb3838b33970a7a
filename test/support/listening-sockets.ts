import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { BlockList } from 'node:net';

/** Linux lists its sockets in files. */
export const canReadSockets = existsSync('/proc/net/tcp');

export interface ListeningSocket {
  /** For an IPv4 address mapped to IPv6, the IPv4 address. */
  address: string;
  port: number;
}

/** Returns the TCP sockets on which a process and its descendants listen now. */
export function listeningSockets(pid: number): ListeningSocket[] {
  const inodes = new Set(treeOf(pid).flatMap(socketInodesOf));
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode = '']) => state === LISTEN && inodes.has(inode))
    .map(([, local = '']) => {
      const [hex = '', port = ''] = local.split(':');
      return { address: addressOf(hex), port: Number.parseInt(port, 16) };
    });
}

const LISTEN = '0A';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

export const isLoopback = ({ address }: ListeningSocket): boolean =>
  LOOPBACK.check(address, address.includes(':') ? 'ipv6' : 'ipv4');

function treeOf(root: number): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        // The name of the program is in brackets and can contain any characters.
        const [, parent] = /\) \S (\d+) /.exec(textOf(`/proc/${name}/stat`)) ?? [];
        return parent === undefined ? [] : [[Number(name), Number(parent)] as const];
      }),
  );
  const tree = [root];
  for (const member of tree) {
    for (const [child, parent] of parents) if (parent === member) tree.push(child);
  }
  return tree;
}

function socketInodesOf(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  return namesIn(directory).flatMap(
    (name) => /^socket:\[(\d+)\]$/.exec(targetOf(`${directory}/${name}`))?.[1] ?? [],
  );
}

// A process can end while its files are read.
const orElse = <T>(read: () => T, otherwise: T): T => {
  try {
    return read();
  } catch {
    return otherwise;
  }
};
const textOf = (file: string): string => orElse(() => readFileSync(file, 'utf8'), '');
const namesIn = (directory: string): string[] => orElse(() => readdirSync(directory), []);
const targetOf = (link: string): string => orElse(() => readlinkSync(link), '');

/** Converts the kernel's form: words of four bytes in little-endian order. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  const v4 = bytes
    .slice(-4)
    .map((byte) => Number.parseInt(byte, 16))
    .join('.');
  const isMapped =
    bytes.length === 16 && bytes.slice(0, 12).join('').toLowerCase() === `${'0'.repeat(20)}ffff`;
  if (bytes.length === 4 || isMapped) return v4;
  const groups = Array.from({ length: 8 }, (_, at) => `${bytes[2 * at]}${bytes[2 * at + 1]}`);
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
