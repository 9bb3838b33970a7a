import { type OutgoingHttpHeaders, request } from 'node:http';

/** The headers by which a browser gives away a page that is not of the server at this URL. */
export const webPages: [what: string, headersAt: (url: string) => OutgoingHttpHeaders][] = [
  ['another site', () => ({ origin: 'https://evil.example' })],
  ['a page without an origin', () => ({ origin: 'null' })],
  ['a server at another port of this machine', () => ({ origin: 'http://127.0.0.1:1' })],
  ['a host name that was made point here', (url) => ({ host: evilHost(url) })],
  [
    'a host name that was made point here, with its origin',
    (url) => ({ host: evilHost(url), origin: `http://${evilHost(url)}` }),
  ],
  ['the host of another port', () => ({ host: '127.0.0.1:1' })],
];

const evilHost = (url: string): string => `evil.example:${new URL(url).port}`;

/** Over raw HTTP: fetch sets host and origin by itself. */
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
