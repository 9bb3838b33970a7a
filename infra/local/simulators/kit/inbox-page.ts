import { readFile } from 'node:fs/promises';

/** An inbox page: three files, no other resource, and a policy that allows none. */

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const FILES: Record<string, { name: string; type: string }> = {
  '/': { name: 'inbox.html', type: 'text/html' },
  '/inbox.css': { name: 'inbox.css', type: 'text/css' },
  '/inbox.js': { name: 'inbox.js', type: 'text/javascript' },
};

/** The file of `directory` that stands at this path, with its headers; undefined: none does. */
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
    body: await readFile(new URL(file.name, directory)),
  };
}
