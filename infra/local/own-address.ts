import type { IncomingMessage } from 'node:http';

/**
 * Whether a request names the address at which it arrived: `127.0.0.1` or `localhost` with the port of its socket, in
 * Host, and in Origin if it has one. Requests of other web pages have another Origin, or a host name that was made to
 * resolve to this machine. A page can choose the Host header, so both are compared with the socket, not with each other.
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

/** Returns the addresses of a loopback port as HTTP clients write them: without port 80. */
const addressesAt = (port: number | undefined): string[] =>
  port === undefined
    ? []
    : ['127.0.0.1', 'localhost'].map((name) => (port === 80 ? name : `${name}:${port}`));
