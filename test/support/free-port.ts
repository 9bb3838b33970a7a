import { createServer } from 'node:http';
import { closeServer, listen } from '../../infra/local/http.ts';

/** A port of the loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0);
  await closeServer(server);
  return port;
}
