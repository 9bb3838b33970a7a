import * as http from 'node:http';
import * as lark from '@larksuiteoapi/node-sdk';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import type { SimulatedApp } from '../../../infra/local/simulators/feishu/server.ts';

/** Feishu's own client and dispatcher, without any code of the product. */

const nothing = () => undefined;
/** The default logger prints app secrets and tokens (docs/feishu.md 11.2). */
const logger = { error: nothing, warn: nothing, info: nothing, debug: nothing, trace: nothing };

export const createSdkClient = (url: string, { appId, appSecret }: SimulatedApp['app']): lark.Client =>
  new lark.Client({ appId, appSecret, domain: url, logger });

const refusalSchema = z.object({
  response: z.object({
    status: z.number(),
    headers: z.looseObject({}),
    data: z.union([z.looseObject({ code: z.number(), msg: z.string() }), z.string()]),
  }),
});

/** The answer of the simulator to a call that the SDK rejected (docs/feishu.md 11.2: with the AxiosError). */
export async function refusalOf(call: Promise<unknown>) {
  const outcome = await call.then(
    () => ({ rejected: false as const }),
    (error: unknown) => ({ rejected: true as const, error }),
  );
  if (!outcome.rejected) throw new Error('the call was not refused');
  const { status, headers, data } = refusalSchema.parse(outcome.error).response;
  return { status, headers, data, code: typeof data === 'string' ? undefined : data.code };
}

export interface Handled {
  /** The type of the handler. */
  by: 'approval_instance' | 'approval_task';
  event: Record<string, unknown>;
}

export interface SdkReceiver {
  url: string;
  handled: Handled[];
  /** The number of requests, handled or not. */
  requests(): number;
  /** Uses these keys from now on: a dispatcher gets its keys when it is made. */
  use(keys: { encryptKey: string; verificationToken: string }): void;
}

/** Without the symbol that the SDK adds. */
const eventSchema = z.looseObject({});

/** A request URL that `adaptDefault` answers, also challenges. */
export async function startSdkReceiver(): Promise<SdkReceiver> {
  const handled: Handled[] = [];
  let requests = 0;
  let answer: http.RequestListener = (_request, response) => void response.writeHead(503).end();
  const server = http.createServer((request, response) => {
    requests += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const keep = (by: Handled['by']) => (event: unknown) => {
    handled.push({ by, event: eventSchema.parse(event) });
  };
  return {
    url: `http://127.0.0.1:${port}/feishu/events`,
    handled,
    requests: () => requests,
    use(keys) {
      const dispatcher = new lark.EventDispatcher({ ...keys, logger }).register({
        approval_instance: keep('approval_instance'),
        approval_task: keep('approval_task'),
      });
      const adapted = lark.adaptDefault('/feishu/events', dispatcher, { autoChallenge: true });
      // The SDK does not answer requests that it cannot read.
      answer = (request, response) => void adapted(request, response).catch(nothing);
    },
  };
}
