import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { startDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { startQueue } from '../../support/fauxqs.ts';
import { canReadSockets, isLoopback, listeningSockets } from '../../support/listening-sockets.ts';
import { aPlace, startStackProcess } from '../../support/running-stack.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const elsewhere = (pid: number) => listeningSockets(pid).filter((socket) => !isLoopback(socket));
const portsOf = (pid: number) => listeningSockets(pid).map(({ port }) => port);
const portIn = (url: string) => Number(new URL(url).port);
const stackSchema = z.object({ endpoints: z.record(z.string(), z.url()) });

// Without /proc the sockets cannot be read, and the tests are skipped.
describe.skipIf(!canReadSockets)('every port is on the loopback only, according to the system', () => {
  it('npm start: no service can be reached from the network (docs/lessons.md 48)', async () => {
    const place = await aPlace();
    cleanups.push(place.remove);
    const stack = startStackProcess({ ...place.env, SEED: '0' });
    cleanups.push(() => stack.stop('SIGKILL'));
    await stack.waitFor(/Ready after/);
    const pid = stack.child.pid ?? 0;
    const printed = stack.output().match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
    const front = /Console +(\S+)/.exec(stack.output())?.[1];
    const { endpoints } = stackSchema.parse(await (await fetch(`${front}/stack`)).json());

    expect(elsewhere(pid)).toEqual([]);
    const ports = portsOf(pid);
    expect(ports).toEqual(expect.arrayContaining([...printed, ...Object.values(endpoints)].map(portIn)));
    // HTTP front, database, Feishu and Lark simulator, OA simulator, queue and bucket, secrets and events, functions.
    expect(ports).toHaveLength(8);
  });

  it('the services that tests start', async () => {
    const [database, queue] = await Promise.all([startDynamoDbLocal(), startQueue()]);
    cleanups.push(database.stop, queue.stop);
    expect(elsewhere(process.pid)).toEqual([]);
    const ports = [database.endpoint, queue.endpoint].map(portIn);
    expect(portsOf(process.pid)).toEqual(expect.arrayContaining(ports));
  });

  it.each([
    ['0.0.0.0', 1],
    ['::', 1],
    ['127.0.0.1', 0],
    ['127.0.0.2', 0],
    ['::1', 0],
    ['::ffff:127.0.0.1', 0],
  ])('finds a socket on %s', async (host, found) => {
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    cleanups.push(() => new Promise((resolve) => server.close(resolve)));
    const address = server.address();
    expect(portsOf(process.pid)).toEqual([typeof address === 'object' && address?.port]);
    expect(elsewhere(process.pid)).toHaveLength(found);
  });
});
