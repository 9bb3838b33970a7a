import { setTimeout as pause } from 'node:timers/promises';
import { Client, withTenantToken } from '@larksuiteoapi/node-sdk';
import type * as z from 'zod';
import { awsFaultOf } from '../runtime/aws-errors.ts';
import { AppError } from '../runtime/errors.ts';
import { timeForCall } from '../runtime/invocation.ts';
import { type DescribedError, describeError } from '../runtime/logger.ts';
import type { Counter } from '../runtime/metrics.ts';
import { tokenAnswerSchema } from './answers.ts';
import { classifyAnswer, FEISHU_CODES, unreadable } from './classify-error.ts';
import { FeishuError, type FeishuErrorCode, hasCode } from './errors.ts';
import type { FeishuApp } from './gateway.ts';
import { CALL_TIMEOUT_MS, createHttpInstance, type FeishuAnswer, noTimeLeft } from './http-instance.ts';
import { createTokenSource } from './token.ts';

/** The two Open Platforms (docs/feishu.md 10). FEISHU_BASE_URL overrides both. */
const FEISHU_ORIGINS = {
  feishu: 'https://open.feishu.cn',
  lark: 'https://open.larksuite.com',
} as const;

/** Pauses before the second and the third try. */
const PAUSES_MS = [200, 800] as const;
/** A rate limit of up to this many seconds is waited for here. The caller handles longer ones (docs/design.md 4.7). */
const WAITED_OUT_SECONDS = 2;
const WAITS_PER_CALL = 2;

export interface FeishuOptions {
  /**
   * Returns the app secret. `fresh`: there was none, or Feishu refused it, so look for a newer one. May reject with an
   * `AppError`: a retryable one counts as UNAVAILABLE, any other as SETUP.
   */
  credentials: (appId: string, options?: { fresh: boolean }) => Promise<{ appSecret: string }>;
  /** FEISHU_BASE_URL: the origin to use instead of open.feishu.cn and, without `larkBaseUrl`, of open.larksuite.com. */
  baseUrl?: string | undefined;
  /** LARK_BASE_URL: the origin to use instead of open.larksuite.com. */
  larkBaseUrl?: string | undefined;
  fetch?: typeof fetch;
  /** Epoch milliseconds. */
  now?: () => number;
  sleep?: (milliseconds: number) => Promise<void>;
  timeoutMs?: number;
  logger?: FeishuLogger | undefined;
  counter?: Pick<Counter, 'count' | 'countBy'> | undefined;
}

/** The part of the Powertools logger that is used. */
export interface FeishuLogger {
  warn(message: string, attributes: Record<string, string | number | DescribedError | undefined>): void;
}

export interface FeishuCall<S extends z.ZodType> {
  /** For logs, e.g. `create instance`. */
  api: string;
  /**
   * SAFE: three tries if Feishu cannot be reached. ONCE: one try, because a second one could act twice, or because the
   * caller decides. In both cases the call waits for a short rate limit, because Feishu did not act on a limited call.
   */
  repeat: 'SAFE' | 'ONCE';
  answer: S;
  run(client: Client, options: ReturnType<typeof withTenantToken>): Promise<unknown>;
}

/** Makes calls as an app. Rejects with a `FeishuError`. Renews a refused token once, with any `repeat`. */
export interface FeishuCaller {
  call<S extends z.ZodType>(app: FeishuApp, call: FeishuCall<S>): Promise<z.infer<S>>;
  /** Gets a token if there is none. So it proves app id and app secret. */
  authorize(app: FeishuApp): Promise<void>;
  originOf(app: FeishuApp): string;
}

/** The SDK logs whole errors, which contain tokens. */
const silent = { error() {}, warn() {}, info() {}, debug() {}, trace() {} };

const UNKNOWN_PLATFORM =
  'The settings name a platform that this version does not know. Deploy the version that saved them, or save them again.';

export function createFeishuCaller(options: FeishuOptions): FeishuCaller {
  const { now = Date.now, sleep = pause, logger, counter } = options;
  /** How long a call may take that begins now, or after a pause; undefined if too little time is left. */
  const timeForOne = (pauseMs = 0) => timeForCall(options.timeoutMs ?? CALL_TIMEOUT_MS, now() + pauseMs);
  const httpInstance = createHttpInstance({
    fetch: options.fetch ?? fetch,
    timeForCall: () => timeForOne(),
  });
  const { baseUrl, larkBaseUrl = baseUrl } = options;
  const overrides = { feishu: baseUrl, lark: larkBaseUrl };
  const originOf = ({ domain }: FeishuApp) => {
    // Settings of a newer version may name another platform. Keys must not be sent to a wrong one.
    if (!Object.hasOwn(FEISHU_ORIGINS, domain)) throw new FeishuError('SETUP', UNKNOWN_PLATFORM);
    const override = overrides[domain];
    return override === undefined ? FEISHU_ORIGINS[domain] : new URL(override).origin;
  };
  const clients = new Map<string, Client>();

  /** We get the tokens ourselves. So the SDK's client never has the app secret, and one client serves all apps. */
  const clientAt = (origin: string): Client => {
    const known = clients.get(origin);
    if (known) return known;
    const client = new Client({
      appId: 'unused',
      appSecret: 'unused',
      domain: origin,
      disableTokenCache: true,
      logger: silent,
      httpInstance,
    });
    clients.set(origin, client);
    return client;
  };

  /** Counts a call by how it ended. A caller outside the functions has no counter. */
  const countCall = (code?: FeishuErrorCode) => {
    counter?.count('FeishuCall');
    if (code !== undefined) counter?.countBy('FeishuError', code);
    counter?.count('FeishuUnreachable', code === 'UNAVAILABLE' ? 1 : 0);
    if (code !== 'UNAVAILABLE') counter?.count('FeishuSetupRefused', code === 'SETUP' ? 1 : 0);
  };

  const ask = async <S extends z.ZodType>(
    api: string,
    schema: S,
    send: () => Promise<unknown>,
  ): Promise<z.infer<S>> => {
    // Not counted: it says nothing about Feishu.
    if (timeForOne() === undefined) throw noTimeLeft();
    let answer: FeishuAnswer | undefined;
    try {
      const received = await send().then(asAnswer);
      answer = received;
      const error = classifyAnswer(received);
      if (error) throw error;
      const parsed = schema.safeParse(received.body, { reportInput: false });
      if (!parsed.success) throw unreadable();
      countCall();
      return parsed.data;
    } catch (error) {
      const failure =
        error instanceof FeishuError
          ? error
          : new FeishuError('UNAVAILABLE', 'The call of Feishu failed before it was sent.', { cause: error });
      countCall(failure.code);
      logger?.warn('Feishu call failed', {
        api,
        outcome: failure.code,
        ...(answer
          ? { feishuCode: failure.feishuCode, httpStatus: answer.httpStatus, logId: answer.logId }
          : { error: describeError(failure) }),
      });
      throw failure;
    }
  };

  const repeating = async <T>(tries: number, once: () => Promise<T>): Promise<T> => {
    let failures = 0;
    for (let waits = 0; ; ) {
      try {
        return await once();
      } catch (error) {
        if (!(error instanceof FeishuError)) throw error;
        const { code, retryAfterSeconds = Number.POSITIVE_INFINITY } = error;
        const isShortLimit = code === 'RATE_LIMITED' && retryAfterSeconds <= WAITED_OUT_SECONDS;
        let wait: number | undefined;
        if (isShortLimit && waits < WAITS_PER_CALL) {
          waits += 1;
          wait = retryAfterSeconds * 1000;
        } else {
          failures += 1;
          wait = code === 'UNAVAILABLE' && failures < tries ? PAUSES_MS[failures - 1] : undefined;
        }
        if (wait === undefined || timeForOne(wait) === undefined) throw error;
        await sleep(wait);
      }
    }
  };

  const requestToken = (appId: string, appSecret: string, origin: string) =>
    repeating(3, () =>
      ask('token', tokenAnswerSchema, () =>
        clientAt(origin).auth.v3.tenantAccessToken.internal({
          data: { app_id: appId, app_secret: appSecret },
        }),
      ),
    );

  const tokens = createTokenSource({
    now,
    async request(appId, origin) {
      const read = (fresh: boolean) =>
        readCredentials(options.credentials, appId, fresh).catch((error: unknown) => {
          // No round fails because of it, so nobody else reports it.
          if (awsFaultOf(error) === 'RIGHT_MISSING') counter?.count('RightMissing');
          // Without keys there is no call that could be refused.
          if (fresh && error instanceof FeishuError && error.code === 'SETUP')
            counter?.count('FeishuSetupRefused', 1);
          throw error;
        });
      // Keys that were stored a moment ago may not be in the cache.
      const { appSecret } = await read(false).catch((error: FeishuError) => {
        if (error.code !== 'SETUP') throw error;
        return read(true);
      });
      const answer = await requestToken(appId, appSecret, origin).catch(async (error: unknown) => {
        if (!hasCode(error, FEISHU_CODES.CREDENTIALS_REFUSED)) throw error;
        const newer = await read(true);
        if (newer.appSecret === appSecret) throw error;
        return requestToken(appId, newer.appSecret, origin);
      });
      return { token: answer.tenant_access_token, expireSeconds: answer.expire };
    },
  });

  return {
    originOf,
    async authorize(app) {
      await tokens.get(app.appId, originOf(app));
    },
    async call(app, { api, repeat, answer, run }) {
      const origin = originOf(app);
      const withToken = (token: string) =>
        repeating(repeat === 'SAFE' ? 3 : 1, () =>
          ask(api, answer, async () => run(clientAt(origin), withTenantToken(token))),
        );
      const token = await tokens.get(app.appId, origin);
      return withToken(token).catch(async (error: unknown) => {
        if (!hasCode(error, FEISHU_CODES.TOKEN_REFUSED)) throw error;
        tokens.drop(app.appId, origin, token);
        return withToken(await tokens.get(app.appId, origin));
      });
    },
  };
}

/** Encodes a path parameter. The SDK does not (docs/feishu.md 11.2). */
export function pathParameter(value: string): string {
  if (/^\.{0,2}$/.test(value))
    throw new FeishuError('REFUSED', 'An empty or relative code names nothing in Feishu.');
  return encodeURIComponent(value);
}

/** The SDK returns, untyped, what our HTTP instance returns. */
function asAnswer(value: unknown): FeishuAnswer {
  if (typeof value !== 'object' || value === null || !('httpStatus' in value)) throw unreadable();
  return value as FeishuAnswer;
}

async function readCredentials(
  credentials: FeishuOptions['credentials'],
  appId: string,
  fresh: boolean,
): Promise<{ appSecret: string }> {
  try {
    return await credentials(appId, { fresh });
  } catch (error) {
    if (error instanceof FeishuError) throw error;
    if (error instanceof AppError && !error.retryable) throw new FeishuError('SETUP', error.message);
    throw new FeishuError('UNAVAILABLE', "The app's credentials could not be read.", { cause: error });
  }
}
