import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openFrabitTable } from '../../../infra/local/frabit/frabit-table.ts';
import { startFeishuSimulator } from '../../../infra/local/simulators/feishu/server.ts';
import { freePort } from '../../support/free-port.ts';
import { aPlace, type StartedStack, startStackProcess } from '../../support/running-stack.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function aStack(env: NodeJS.ProcessEnv = {}): Promise<{ stack: StartedStack; env: NodeJS.ProcessEnv }> {
  const place = await aPlace();
  cleanups.push(place.remove);
  const all = { ...place.env, ...env };
  const stack = startStackProcess(all);
  cleanups.push(() => stack.stop('SIGKILL'));
  await stack.waitFor(/Ready after/);
  return { stack, env: all };
}

const urlOf = (stack: StartedStack, name: string): string =>
  new RegExp(`${name} +(http://127\\.0\\.0\\.1:\\d+)`).exec(stack.output())?.[1] ?? '';

const answers = async (url: string): Promise<boolean> => {
  try {
    await fetch(url);
    return true;
  } catch {
    return false;
  }
};

describe('a stack that runs', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'ends with 0 and without a child on %s',
    async (signal) => {
      const { stack } = await aStack({ SEED: '0' });
      const database = urlOf(stack, 'DynamoDB Local');
      expect(await answers(database)).toBe(true);
      expect(await stack.stop(signal)).toMatchObject({ code: 0, stderr: '' });
      expect(await answers(database)).toBe(false);
    },
  );

  it('ends when the npm that started it ends', async () => {
    const place = await aPlace();
    cleanups.push(place.remove);
    const stack = startStackProcess({ ...place.env, SEED: '0', npm_lifecycle_event: 'start' }, true);
    await stack.waitFor(/Ready after/);
    const database = urlOf(stack, 'DynamoDB Local');
    // The output is closed, and `ended` resolved, only after the stack below the shell is gone, too.
    await stack.stop('SIGTERM');
    expect(await answers(database)).toBe(false);
  });

  it('leaves no child when it is killed', async () => {
    const { stack } = await aStack({ SEED: '0' });
    const database = urlOf(stack, 'DynamoDB Local');
    await stack.stop('SIGKILL');
    await vi.waitFor(async () => expect(await answers(database)).toBe(false), { timeout: 10_000 });
  });

  it('is healthy, prints the values of the simulated app, and writes no issue with SEED=0', async () => {
    const { stack } = await aStack({ SEED: '0' });
    expect((await fetch(`${urlOf(stack, 'Console')}/health`)).status).toBe(200);
    expect(stack.output()).toMatch(
      /App ID +cli_\w+\n +App secret +\w+\n +Encrypt key +\w+\n +Verification token +\w+\n/,
    );
    const table = openFrabitTable(urlOf(stack, 'DynamoDB Local'));
    expect(await table.list()).toEqual([]);
    table.close();
  });

  it('writes one issue and prints how it gets an approval, without its SQL', async () => {
    const { stack } = await aStack();
    await stack.waitFor(/demo-[0-9a-f]{8} {2}issue written: /);
    await stack.waitFor(/trigger NEW_STAGE: approval requested, round 1/);
    await stack.waitFor(/approval sent to dba@example\.com/);
    expect(stack.output()).not.toMatch(/ALTER|UPDATE/);
  });
});

describe('the OA simulator of a stack', () => {
  const json = async (url: string): Promise<unknown> => (await fetch(url)).json();

  it('is an external node of the stack, and its signed events are accepted', async () => {
    const { stack } = await aStack({ SEED: '0' });
    const [front, oa] = [urlOf(stack, 'Console'), urlOf(stack, 'OA inbox')];
    expect(await json(`${front}/settings/external-approvals/demo-oa`)).toMatchObject({
      title: 'Demo OA',
      endpoint: oa,
    });
    const eventsUrl = `${front}/external-approvals/demo-oa/events`;
    expect(await json(`${oa}/simulator/events-url`)).toEqual({ url: eventsUrl });
    const unsigned = await fetch(eventsUrl, { method: 'POST', body: '{"approvalId":"a"}' });
    expect(unsigned.status).toBe(401);
    expect(stack.output()).not.toMatch(/whsec_/);
  });

  it('takes another port if its default is in use: two stacks that set the three ports of the contract both start', async () => {
    const places = await Promise.all([threePorts(), threePorts()]);
    const stacks = await Promise.all(places.map((ports) => aStack({ SEED: '0', ...ports })));
    const oas = stacks.map(({ stack }) => urlOf(stack, 'OA inbox'));
    expect(new Set(oas).size).toBe(2);
    for (const oa of oas) expect(await (await fetch(`${oa}/`)).text()).toContain('Demo OA');
  });

  it('listens on OA_SIMULATOR_PORT', async () => {
    const port = String(await freePort());
    const { stack } = await aStack({ SEED: '0', OA_SIMULATOR_PORT: port });
    expect(urlOf(stack, 'OA inbox')).toBe(`http://127.0.0.1:${port}`);
  });
});

const threePorts = async () => ({
  PORT: String(await freePort()),
  DYNAMODB_PORT: String(await freePort()),
  FEISHU_SIMULATOR_PORT: String(await freePort()),
});

describe('with another Feishu', () => {
  it('creates a definition once, prints and keeps it, and uses it again at the next start', async () => {
    const feishu = await startFeishuSimulator();
    cleanups.push(() => feishu.close());
    const { appId, appSecret, encryptKey, verificationToken } = feishu.app;
    const own = {
      FEISHU_BASE_URL: feishu.url,
      FEISHU_APP_ID: appId,
      FEISHU_APP_SECRET: appSecret,
      FEISHU_ENCRYPT_KEY: encryptKey,
      FEISHU_VERIFICATION_TOKEN: verificationToken,
      SEED: '0',
    };
    const first = await aStack(own);
    const [, code] = await first.stack.waitFor(/Definition +(\S+) {2}created now/);
    expect(first.stack.output()).toMatch(/OA inbox +http:\S+ {2}\(an external approval node, demo-oa\)/);
    expect(first.stack.output()).not.toContain(appSecret);
    await first.stack.stop();

    const kept: unknown = JSON.parse(
      await readFile(join(first.env.FRABIT_STATE_DIR ?? '', 'definitions.json'), 'utf8'),
    );
    expect(kept).toEqual({ [`${new URL(feishu.url).host} ${appId}`]: { code, made: true } });

    const second = await aStack({ ...first.env, ...own });
    expect(second.stack.output()).toMatch(new RegExp(`Definition +${code}\\n`));
    expect(feishu.control.definitions()).toHaveLength(1);
  });

  it('never creates a definition instead of the named one', async () => {
    const feishu = await startFeishuSimulator();
    cleanups.push(() => feishu.close());
    const place = await aPlace();
    cleanups.push(place.remove);
    const ended = await startStackProcess({
      ...place.env,
      FEISHU_BASE_URL: feishu.url,
      FEISHU_APP_ID: feishu.app.appId,
      FEISHU_APP_SECRET: feishu.app.appSecret,
      FEISHU_ENCRYPT_KEY: feishu.app.encryptKey,
      FEISHU_VERIFICATION_TOKEN: feishu.app.verificationToken,
      FEISHU_APPROVAL_CODE: 'GONE',
    }).ended;
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/ cannot be used yet: definition: Feishu does not know .+\n$/);
    expect(feishu.control.definitions()).toEqual([]);
  });

  it('says in one line which check failed when it refuses the app', async () => {
    const feishu = await startFeishuSimulator();
    cleanups.push(() => feishu.close());
    const place = await aPlace();
    cleanups.push(place.remove);
    const ended = await startStackProcess({
      ...place.env,
      FEISHU_BASE_URL: feishu.url,
      FEISHU_APP_ID: feishu.app.appId,
      FEISHU_APP_SECRET: 'wrong',
      FEISHU_ENCRYPT_KEY: feishu.app.encryptKey,
      FEISHU_VERIFICATION_TOKEN: feishu.app.verificationToken,
    }).ended;
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(
      /^Feishu at http:\/\/127\.0\.0\.1:\d+ cannot be used yet: credentials: .+\n$/,
    );
    expect(ended.stderr.trimEnd()).not.toContain('\n');
  });
});
