import { readFile } from 'node:fs/promises';

/** An inbox page: its files and those of the kit. A policy allows no other resource. */

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const KIT = new URL('page/', import.meta.url);

const FILES: Record<string, { name: string; type: string; in?: URL }> = {
  '/': { name: 'inbox.html', type: 'text/html' },
  '/inbox.css': { name: 'inbox.css', type: 'text/css' },
  '/inbox.js': { name: 'inbox.js', type: 'text/javascript' },
  '/inbox-kit.css': { name: 'inbox-kit.css', type: 'text/css', in: KIT },
  '/inbox-kit.js': { name: 'inbox-kit.js', type: 'text/javascript', in: KIT },
};

/** Returns the file at this path, of `directory` or of the kit, with its headers; undefined if there is none. */
export async function readInboxPage(
  directory: URL,
  path: string,
): Promise<{ headers: Record<string, string>; body: Buffer } | undefined> {
  const file = Object.hasOwn(FILES, path) ? FILES[path] : undefined;
  if (file === undefined) return undefined;
  return {
    headers: {
      'Content-Type': `${file.type}; charset=utf-8`,
      'Content-Security-Policy': POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    },
    body: await readFile(new URL(file.name, file.in ?? directory)),
  };
}
