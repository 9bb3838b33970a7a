import { describe, expect, it } from 'vitest';
import { createFeishuGateway } from '../../../shared/feishu/client.ts';
import { AppError } from '../../../shared/runtime/errors.ts';
import { aCounter } from '../../support/counter.ts';

const APP = { appId: 'cli_1', domain: 'feishu' } as const;

/** Answers the token, then this. */
const answering = (status: number, body: object) => async (url: string | URL | Request) =>
  String(url).includes('tenant_access_token')
    ? Response.json({ code: 0, tenant_access_token: 't-1', expire: 7200 })
    : Response.json(body, { status });

async function callWith(options: Partial<Parameters<typeof createFeishuGateway>[0]>) {
  const counter = aCounter();
  const gateway = createFeishuGateway({
    credentials: async () => ({ appSecret: 'the app secret' }),
    sleep: async () => {},
    counter,
    ...options,
  });
  const ended = await gateway.getInstance(APP, 'INSTANCE').then(
    () => 'ANSWERED',
    (error: unknown) => (error instanceof AppError ? error.code : 'THROWN'),
  );
  return { ended, ...counter.counted };
}

describe('a call of Feishu that fails is logged', () => {
  const linesWith = async (fetch: typeof globalThis.fetch) => {
    const lines: object[] = [];
    await callWith({ fetch, logger: { warn: (message, about) => void lines.push({ message, ...about }) } });
    return lines;
  };
  const FAILED = { message: 'Feishu call failed', api: 'get instance' };

  it('with the answer, if there is one', async () => {
    expect(await linesWith(answering(400, { code: 99991672, msg: 'scopes' }))).toEqual([
      { ...FAILED, outcome: 'SETUP', feishuCode: 99991672, httpStatus: 400, logId: undefined },
    ]);
  });

  it('with the reason why no answer came, but not its message', async () => {
    const reset = Object.assign(new Error('secret'), { code: 'ECONNRESET' });
    const [line, ...others] = await linesWith(async (url) => {
      if (String(url).includes('tenant_access_token')) return answering(200, {})(url);
      throw new TypeError('secret', { cause: reset });
    });

    expect(line).toMatchObject({
      ...FAILED,
      outcome: 'UNAVAILABLE',
      error: { code: 'UNAVAILABLE', message: 'Feishu could not be reached (ECONNRESET).' },
    });
    expect(others.length).toBeGreaterThan(0);
    expect(JSON.stringify(line)).not.toContain('secret');
  });
});

describe('calls of Feishu are counted', () => {
  it('as answered', async () => {
    const data = { approval_code: 'D', status: 'PENDING', task_list: [], timeline: [], comment_list: [] };
    expect(await callWith({ fetch: answering(200, { code: 0, data }) })).toEqual({
      ended: 'ANSWERED',
      FeishuCall: 2,
      FeishuUnreachable: 0,
      FeishuSetupRefused: 0,
    });
  });

  it('as refused because of the set-up', async () => {
    expect(await callWith({ fetch: answering(400, { code: 99991672, msg: 'scopes' }) })).toMatchObject({
      ended: 'SETUP',
      'FeishuError:SETUP': 1,
      FeishuUnreachable: 0,
      FeishuSetupRefused: 1,
    });
  });

  it('as unreachable, each try of its own', async () => {
    const fetch = () => Promise.reject(new TypeError('fetch failed'));
    expect(await callWith({ fetch })).toEqual({
      ended: 'UNAVAILABLE',
      FeishuCall: 3,
      FeishuError: 3,
      'FeishuError:UNAVAILABLE': 3,
      FeishuUnreachable: 3,
    });
  });

  it('as refused because of the set-up if the app has no keys, although there is no call', async () => {
    const credentials = () => Promise.reject(new AppError('NO_CREDENTIALS', 'No keys.'));
    expect(await callWith({ credentials, fetch: answering(200, { code: 0 }) })).toEqual({
      ended: 'SETUP',
      FeishuSetupRefused: 1,
    });
  });
});
