import type { Clock } from '../kit/clock.ts';
import type { Post } from '../kit/post.ts';
import { sendChallenge } from './challenge.ts';
import { createControl, type Simulator } from './control.ts';
import { createEventSender } from './delivery.ts';
import { toEnvelope, toRevocation } from './events.ts';
import { createFaults } from './faults.ts';
import { createGateway, type Gateway, type Limits } from './gateway.ts';
import type { InstanceSwitches } from './instance-switches.ts';
import { type AppKeys, createKeys, randomHex, rotateKeys } from './keys.ts';
import { createDirectory } from './people.ts';
import { invalidParameter, noPermission } from './refusal.ts';
import { grantedByDefault } from './scopes.ts';
import { createTokens } from './tokens.ts';
import type { Undocumented, World } from './world.ts';

export interface TenantOptions extends Partial<AppKeys>, Partial<InstanceSwitches> {
  /** The request URL of the app; without one, events go nowhere. */
  eventUrl?: string;
  appName?: string;
  /** Replaces documented limits, by endpoint. */
  limits?: Limits;
  /** Every address at this domain is known, and no other. */
  knownEmailDomain?: string;
  /** Replaces our assumptions where the documentation says nothing. */
  undocumented?: Partial<Undocumented>;
}

/** A tenant with one app, without a network: `gateway` takes calls, `post` sends events. */
export interface Tenant {
  /** The present values; a rotation changes them in place. */
  app: Readonly<AppKeys>;
  gateway: Gateway;
  control: Simulator;
  /** The state of the tenant, for tests. */
  world: World;
  /** Stops sending events. */
  close(): void;
}

export function createTenant({
  clock,
  post,
  ...options
}: TenantOptions & { clock: Clock; post: Post }): Tenant {
  const app = createKeys(options);
  let eventUrl = options.eventUrl;
  const faults = createFaults();
  const sender = createEventSender({
    clock,
    keys: () => app,
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
    grants: grantedByDefault(),
    switches: {
      createLimit: options.createLimit,
      keysRefused: options.keysRefused ?? false,
      instancesShownAs: options.instancesShownAs ?? 'PRESENT',
      revocationsSentAs: 'EVENTS',
    },
    definitions: new Map(),
    subscriptions: new Set(),
    instances: new Map(),
    instancesByUuid: new Map(),
    messages: [],
    announce(instance, changes) {
      const { scopes, appEnabled, eventsAdded } = world.grants;
      // Events require one of these two scopes; narrower ones are not enough (docs/feishu.md 3.0).
      const maySendEvents = scopes.has('approval:approval') || scopes.has('approval:approval:readonly');
      if (
        !appEnabled ||
        !eventsAdded ||
        !maySendEvents ||
        !world.subscriptions.has(instance.definition.approvalCode)
      )
        return;
      const userIdOf = (openId: string) => world.people.byId('open_id', openId)?.userId ?? '';
      const revoked = changes.find(({ what, status }) => what === 'instance' && status === 'REVERTED');
      sender.enqueue(
        instance.instanceCode,
        revoked && world.switches.revocationsSentAs === 'AN_INSTANCE'
          ? [toRevocation(world.app, instance, revoked.at)]
          : changes.map((change) => toEnvelope(world.app, instance, change, userIdOf)),
      );
    },
  };
  const gateway = createGateway(world, options.limits ?? {});

  async function verifyRequestUrl(url = eventUrl) {
    if (url === undefined) return { ok: false, detail: 'no request URL is set' };
    return sendChallenge(post, url, app);
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
    rotate(which) {
      const keys = rotateKeys(app, which);
      Object.assign(app, keys);
      Object.assign(world.app, keys);
      return { ...app };
    },
  });

  return { app, gateway, control, world, close: sender.close };
}
