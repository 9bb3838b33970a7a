import type { IncomingMessage } from 'node:http';

/**
 * Whether a request names the address that it came in at: `127.0.0.1` or `localhost` with the port of its socket, as
 * Host, and as Origin if it has one. A web page elsewhere gives itself away by its Origin, or by a host name of its
 * own that it made point here; the Host header, which it chooses, proves nothing about the Origin.
 */
export function isFromThisMachine({
  headers,
  socket,
}: Pick<IncomingMessage, 'headers'> & { socket: { localPort?: number | undefined } }): boolean {
  const mine = addressesAt(socket.localPort);
  const { host, origin } = headers;
  return (
    host !== undefined &&
    mine.includes(host) &&
    (origin === undefined || mine.some((address) => origin === `http://${address}`))
  );
}

/** How the HTTP clients of this machine write a port of the loopback: 80 is left out. */
const addressesAt = (port: number | undefined): string[] =>
  port === undefined
    ? []
    : ['127.0.0.1', 'localhost'].map((name) => (port === 80 ? name : `${name}:${port}`));
