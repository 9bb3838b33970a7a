import { expect, it } from 'vitest';
import { isFromThisMachine } from '../../../infra/local/own-address.ts';

const at = (localPort: number | undefined, host?: string, origin?: string) =>
  isFromThisMachine({
    headers: { ...(host !== undefined && { host }), ...(origin !== undefined && { origin }) },
    socket: { localPort },
  });

it.each([
  [3000, '127.0.0.1:3000', undefined],
  [3000, 'localhost:3000', undefined],
  [3000, '127.0.0.1:3000', 'http://127.0.0.1:3000'],
  [3000, 'localhost:3000', 'http://127.0.0.1:3000'],
  [80, '127.0.0.1', 'http://localhost'],
])('accepts a request at port %i with the host %s and the origin %s', (port, host, origin) => {
  expect(at(port, host, origin)).toBe(true);
});

it.each([
  [3000, undefined, undefined],
  [3000, '', undefined],
  [3000, '127.0.0.1', undefined],
  [3000, '127.0.0.1:3001', undefined],
  [3000, '127.0.0.1:3000.evil.example', undefined],
  [3000, 'localhost.evil.example:3000', undefined],
  [3000, 'evil.example:3000', 'http://evil.example:3000'],
  [3000, '127.0.0.1:3000', ''],
  [3000, '127.0.0.1:3000', 'null'],
  [3000, '127.0.0.1:3000', 'https://127.0.0.1:3000'],
  [3000, '127.0.0.1:3000', 'http://127.0.0.1:3001'],
  [undefined, 'undefined', undefined],
  [undefined, '127.0.0.1:undefined', undefined],
])('refuses a request at port %s with the host %s and the origin %s', (port, host, origin) => {
  expect(at(port, host, origin)).toBe(false);
});
