import { type OutgoingHttpHeaders, request } from 'node:http';

/** Headers that a browser sends for a page of another server. */
export const webPages: [what: string, headersAt: (url: string) => OutgoingHttpHeaders][] = [
  ['another site', () => ({ origin: 'https://evil.example' })],
  ['a page without an origin', () => ({ origin: 'null' })],
  ['a server at another port of this machine', () => ({ origin: 'http://127.0.0.1:1' })],
  ['a host name that points to this machine', (url) => ({ host: evilHost(url) })],
  [
    'a host name that points to this machine, with its origin',
    (url) => ({ host: evilHost(url), origin: `http://${evilHost(url)}` }),
  ],
  ['the host of another port', () => ({ host: '127.0.0.1:1' })],
];

const evilHost = (url: string): string => `evil.example:${new URL(url).port}`;

/** Sends raw HTTP, because fetch sets host and origin itself. */
export function statusOf(
  url: string,
  options: { method?: string; headers?: OutgoingHttpHeaders; body?: string } = {},
): Promise<number> {
  const { method = 'GET', headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    request(url, { method, headers, agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    })
      .once('error', reject)
      .end(body);
  });
}
