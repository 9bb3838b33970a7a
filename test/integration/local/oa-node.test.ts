import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cannotStart } from '../../../infra/command-problem.ts';
import { closeServer, listen, readBody, writeJson } from '../../../infra/local/http.ts';
import { type LocalOa, registerOa, startOa } from '../../../infra/local/start/start-oa.ts';
import { declareSecret } from '../../support/secrets.ts';

interface Received {
  route: string;
  body: string;
}

let oa: LocalOa;
let received: Received[];
/** The answer of the front. */
let answer: { status: number; body: unknown };
let frontUrl: string;
const stops: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  received = [];
  answer = { status: 200, body: {} };
  const front = createServer(async (request, response) => {
    const body = String(await readBody(request, 10_000));
    received.push({ route: `${request.method} ${request.url}`, body });
    writeJson(response, answer.status, answer.body);
  });
  frontUrl = `http://127.0.0.1:${await listen(front, 0)}`;
  stops.push(() => closeServer(front));
  oa = await startOa({ port: 0, elseAny: true }, { add: (stop) => void stops.push(stop) });
  declareSecret('signing secret', oa.signingSecret);
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

describe('the OA simulator of the local stack', () => {
  it('is saved as a node through the front, with its endpoint and its signing secret', async () => {
    await registerOa(oa, frontUrl, true);
    expect(received.map(({ route }) => route)).toEqual(['PUT /settings/external-approvals/demo-oa']);
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({
      title: 'Demo OA',
      endpoint: oa.simulator.url,
      signingSecret: oa.signingSecret,
    });
  });

  it('knows where to send events but is not saved as a node when nothing is enabled', async () => {
    await registerOa(oa, frontUrl, false);
    expect(received).toEqual([]);
    oa.simulator.control.setEventsUrl(undefined);
    await registerOa(oa, frontUrl, false);
    const told = await (await fetch(`${oa.simulator.url}/simulator/events-url`)).json();
    expect(told).toEqual({ url: `${frontUrl}/external-approvals/demo-oa/events` });
  });

  it.each([
    [{ message: 'endpoint: must be https.' }, 'endpoint: must be https.'],
    ['an unknown body', 'HTTP 422'],
  ])('stops the start with a sentence when the front refuses it: %j', async (body, said) => {
    answer = { status: 422, body };
    await expect(registerOa(oa, frontUrl, true)).rejects.toThrow(
      cannotStart(`The OA simulator could not be saved as an external node: ${said}`),
    );
  });

  it('has another signing secret at each start', async () => {
    const other = await startOa({ port: 0, elseAny: true }, { add: (stop) => void stops.push(stop) });
    declareSecret('signing secret', other.signingSecret);
    expect(other.signingSecret === oa.signingSecret).toBe(false);
  });
});
