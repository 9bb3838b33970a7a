import { randomBytes, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from '../kit/clock.ts';
import { parseOrRefuse, Refusal } from './refusal.ts';

const LIFE_SECONDS = 7200;
/** If a token has less than this left, a call for a token returns a new one (docs/feishu.md 1). */
const RENEW_BELOW_SECONDS = 1800;

export interface Tokens {
  /** Returns the present token until it has less than 30 minutes left; then a new one, and both are valid. */
  issue(): { token: string; expire: number };
  isValid(token: string): boolean;
  /** Whether the token was issued here, valid or expired. */
  isOurs(token: string): boolean;
  /** Expires all tokens early. */
  expireAll(): void;
}

export function createTokens(clock: Clock): Tokens {
  let tokens: { token: string; endsAt: number }[] = [];
  const everIssued = new Set<string>();
  const secondsLeft = (endsAt: number) => Math.floor((endsAt - clock.now()) / 1000);
  return {
    issue() {
      tokens = tokens.filter(({ endsAt }) => endsAt > clock.now());
      const latest = tokens.at(-1);
      if (latest && secondsLeft(latest.endsAt) >= RENEW_BELOW_SECONDS) {
        return { token: latest.token, expire: secondsLeft(latest.endsAt) };
      }
      const token = `t-${randomBytes(20).toString('hex')}`;
      everIssued.add(token);
      tokens.push({ token, endsAt: clock.now() + LIFE_SECONDS * 1000 });
      return { token, expire: LIFE_SECONDS };
    },
    isValid: (token) => tokens.some((held) => held.token === token && held.endsAt > clock.now()),
    isOurs: (token) => everIssued.has(token),
    expireAll() {
      tokens = [];
    },
  };
}

const credentialsSchema = z.object({
  app_id: z.string().regex(/^cli_[0-9a-f]{16}$/i),
  app_secret: z.string().min(1),
});

/** POST /auth/v3/tenant_access_token/internal: its fields are at the top level, its errors come with HTTP 200. */
export function answerToken(
  app: { appId: string; appSecret: string },
  tokens: Tokens,
  body: unknown,
): Record<string, unknown> {
  const given = parseOrRefuse(credentialsSchema, body, () => new Refusal(200, 10003, 'invalid param'));
  if (given.app_id !== app.appId) throw new Refusal(200, 10014, 'app id not exists');
  if (!equal(given.app_secret, app.appSecret)) throw new Refusal(200, 10014, 'app secret invalid');
  const { token, expire } = tokens.issue();
  return { tenant_access_token: token, expire };
}

/** Reads the Authorization header as the gateway does (docs/feishu.md 8). */
export function requireToken(tokens: Tokens, authorization: string | undefined): void {
  // Also the scheme without a token (docs/feishu.md 8).
  if (authorization === undefined || /^(Bearer *)?$/i.test(authorization)) {
    throw new Refusal(
      400,
      99991661,
      'Missing access token for authorization. Please make a request with token attached.',
    );
  }
  const token = bearerOf(authorization);
  if (token === undefined || !/^[tu]-/.test(token)) {
    throw new Refusal(400, 99991671, 'Invalid access token for authorization: it must start with t- or u-.');
  }
  if (!tokens.isValid(token)) throw invalidToken();
}

/** Returns the token of an Authorization header, of any kind. */
export const bearerOf = (authorization: string): string | undefined =>
  /^Bearer (\S+)$/i.exec(authorization)?.[1];

export const invalidToken = () =>
  new Refusal(
    400,
    99991663,
    'Invalid access token for authorization. Please make a request with token attached.',
  );

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
