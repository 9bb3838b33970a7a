import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { freePort } from '../../support/free-port.ts';
import { aPlace, type StartedStack, startStackProcess } from '../../support/running-stack.ts';

const DEMO = resolve(import.meta.dirname, '../../../infra/local/demo/main.ts');

function runDemo(env: NodeJS.ProcessEnv): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [DEMO], { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

describe('the demo', () => {
  let stack: StartedStack;
  let place: Awaited<ReturnType<typeof aPlace>>;
  let ports: { PORT: string; DYNAMODB_PORT: string; FEISHU_SIMULATOR_PORT: string };

  beforeAll(async () => {
    place = await aPlace();
    stack = startStackProcess({ ...place.env, SEED: '0' });
    await stack.waitFor(/Ready after/);
    const portOf = (name: string) =>
      new RegExp(`${name} +http://127\\.0\\.0\\.1:(\\d+)`).exec(stack.output())?.[1];
    ports = {
      PORT: portOf('Console') ?? '',
      DYNAMODB_PORT: portOf('DynamoDB Local') ?? '',
      FEISHU_SIMULATOR_PORT: portOf('Feishu simulator') ?? '',
    };
  });
  afterAll(async () => {
    await stack.stop();
    await place.remove();
  });

  it('plays both stories and ends with 0', async () => {
    const { code, stdout, stderr } = await runDemo(ports);
    expect(stderr).toBe('');
    const steps = stdout.match(/^✔ .+ms .+/gm) ?? [];
    expect(steps).toHaveLength(13);
    expect(steps.slice(9)).toEqual([
      expect.stringMatching(/Requested in the OA .+ nothing in Feishu: FLOW_PENDING$/),
      expect.stringMatching(
        /SQL changed while the OA had it .+ withdrawn there, requested again with the new SQL$/,
      ),
      expect.stringMatching(
        /Approved in the OA .+ approved by board@example\.com, the stage sent to dba@example\.com$/,
      ),
      expect.stringMatching(/Approved by one tap .+ approved by dba@example\.com, 2 tasks PENDING$/),
    ]);
    expect(code).toBe(0);
  });

  it('fails with a sentence when Feishu loses a decision', async () => {
    await fetch(`http://127.0.0.1:${ports.FEISHU_SIMULATOR_PORT}/simulator/misbehave`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ events: [{ kind: 'LOSE_DECISION', times: 1 }] }),
    });
    const { code, stdout, stderr } = await runDemo({ ...ports, DEMO_STEP_SECONDS: '4' });
    expect(code).toBe(1);
    expect(stdout).toMatch(/✔ +4 {2}Bell .*\n✘ +5 {2}Approved by one tap\n/);
    expect(stderr).toBe(
      'Step 5, “Approved by one tap”, failed. Expected every task of the stage PENDING, and the approval APPROVED within 4 s; the approval is PENDING.\n',
    );
  });

  it('fails with a sentence when the OA loses the event of its decision', async () => {
    const about = z
      .object({ oaInboxUrl: z.url() })
      .parse(await (await fetch(`http://127.0.0.1:${ports.PORT}/console/about`)).json());
    await fetch(`${about.oaInboxUrl}simulator/misbehave`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ faults: [{ kind: 'LOSE_EVENT', times: 1 }] }),
    });
    const { code, stdout, stderr } = await runDemo({ ...ports, DEMO_STEP_SECONDS: '4' });
    expect(code).toBe(1);
    expect(stdout).toMatch(/✔ 11 {2}SQL changed while the OA had it .*\n✘ 12 {2}Approved in the OA/);
    expect(stderr).toBe(
      'Step 12, “Approved in the OA”, failed. Expected the step APPROVED within 4 s; the approval is PENDING.\n',
    );
  });

  it('says in one line that no stack runs', async () => {
    const port = String(await freePort());
    expect(await runDemo({ ...ports, PORT: port })).toEqual({
      code: 1,
      stdout: '',
      stderr: `Nothing answers at http://127.0.0.1:${port}: run "npm start" in another terminal first, or set PORT to its port.\n`,
    });
  });
});
