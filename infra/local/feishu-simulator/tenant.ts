import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import { createControl, type Simulator } from './control.ts';
import { createEventSender } from './delivery.ts';
import { encrypt } from './event-crypto.ts';
import { toEnvelope } from './events.ts';
import { createFaults } from './faults.ts';
import { createGateway, type Gateway, type Limits } from './gateway.ts';
import { createDirectory } from './people.ts';
import type { Post } from './post.ts';
import { invalidParameter, noPermission } from './refusal.ts';
import { GRANTED_BY_DEFAULT } from './scopes.ts';
import { createTokens } from './tokens.ts';
import type { Undocumented, World } from './world.ts';

export interface TenantOptions {
  /** The request URL of the app; without one, events go nowhere. */
  eventUrl?: string;
  appId?: string;
  appSecret?: string;
  encryptKey?: string;
  verificationToken?: string;
  appName?: string;
  /** In place of the documented ones, by endpoint. */
  limits?: Limits;
  /** Every address there is known, and nobody else. */
  knownEmailDomain?: string;
  /** In place of our guesses where the documentation says nothing. */
  undocumented?: Partial<Undocumented>;
}

/** One tenant with one app, without a network: calls go in by `gateway`, events go out by `post`. */
export interface Tenant {
  app: { appId: string; appSecret: string; encryptKey: string; verificationToken: string };
  gateway: Gateway;
  control: Simulator;
  /** What the tenant holds, for whoever proves something about it. */
  world: World;
  /** No event is sent any more. */
  close(): void;
}

/** The console waits this long for the answer to a challenge (FEISHU section 5). */
const CHALLENGE_WITHIN_MS = 1000;

export function createTenant({
  clock,
  post,
  ...options
}: TenantOptions & { clock: Clock; post: Post }): Tenant {
  const app = {
    appId: options.appId ?? `cli_${randomHex(8)}`,
    appSecret: options.appSecret ?? randomHex(16),
    encryptKey: options.encryptKey ?? randomHex(16),
    verificationToken: options.verificationToken ?? randomHex(16),
  };
  let eventUrl = options.eventUrl;
  const faults = createFaults();
  const sender = createEventSender({
    clock,
    encryptKey: app.encryptKey,
    faults,
    post,
    url: () => eventUrl,
  });
  const world: World = {
    clock,
    app: {
      ...app,
      name: options.appName ?? 'Frabit',
      tenantKey: randomHex(8),
      botOpenId: `ou_${randomHex(16)}`,
    },
    people: createDirectory(app.appId, options.knownEmailDomain ?? 'example.com'),
    tokens: createTokens(clock),
    faults,
    undocumented: {
      cancelByStranger: () => noPermission('user is not the initiator'),
      cancelFinished: () => invalidParameter('the instance can not be canceled'),
      revertedShowsAs: 'PENDING',
      ...options.undocumented,
    },
    grants: {
      scopes: new Set(GRANTED_BY_DEFAULT),
      appEnabled: true,
      botEnabled: true,
      quotaUsedUp: false,
    },
    definitions: new Map(),
    subscriptions: new Set(),
    instances: new Map(),
    messages: [],
    announce(instance, happenings) {
      const { scopes, appEnabled } = world.grants;
      // Events ask for one of these two scopes; the finer ones are not enough (FEISHU 3.0).
      const mayHear = scopes.has('approval:approval') || scopes.has('approval:approval:readonly');
      if (!appEnabled || !mayHear || !world.subscriptions.has(instance.definition.approvalCode)) return;
      const userIdOf = (openId: string) => world.people.byId('open_id', openId)?.userId ?? '';
      sender.enqueue(
        instance.instanceCode,
        happenings.map((happening) => toEnvelope(world.app, instance, happening, userIdOf)),
      );
    },
  };
  const gateway = createGateway(world, options.limits ?? {});

  async function verifyRequestUrl() {
    if (eventUrl === undefined) return { ok: false, detail: 'no request URL is set' };
    const challenge = randomHex(16);
    const plain = JSON.stringify({ challenge, token: app.verificationToken, type: 'url_verification' });
    const answer = await post(
      eventUrl,
      { 'Content-Type': 'application/json; charset=utf-8' },
      JSON.stringify({ encrypt: encrypt(app.encryptKey, plain) }),
      { connectMs: CHALLENGE_WITHIN_MS, totalMs: CHALLENGE_WITHIN_MS },
    );
    if (answer === undefined) return { ok: false, detail: 'no answer within 1 second' };
    if (answer.status !== 200) return { ok: false, detail: `HTTP ${answer.status}` };
    const ok = readChallenge(answer.body) === challenge;
    return { ok, detail: ok ? 'the challenge came back' : 'the answer is not the challenge' };
  }

  const control = createControl({
    world,
    counts: gateway.counts,
    resetCounts: gateway.resetCounts,
    deliveries: sender.deliveries,
    setEventUrl(url) {
      eventUrl = url;
    },
    verifyRequestUrl,
  });

  return { app, gateway, control, world, close: sender.close };
}

const randomHex = (bytes: number) => randomBytes(bytes).toString('hex');

function readChallenge(body: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && 'challenge' in parsed
      ? parsed.challenge
      : undefined;
  } catch {
    return undefined;
  }
}
