import * as z from 'zod';
import type { Clock } from '../kit/clock.ts';
import type { Post } from '../kit/post.ts';
import { ENDPOINTS } from './endpoints.ts';
import type { Gateway, Incoming } from './gateway.ts';
import { createTenant, type Tenant, type TenantOptions } from './tenant.ts';
import { bearerOf } from './tokens.ts';

/** Several apps, each with its own world, on Feishu and on Lark (docs/feishu.md 10). */

export const PLATFORMS = ['feishu', 'lark'] as const;
export type Platform = (typeof PLATFORMS)[number];

export interface App {
  platform: Platform;
  tenant: Tenant;
}

export interface Apps {
  readonly first: App;
  /** Adds an app with its own keys, without a request URL. Limits, people and switches are those of the first app. */
  add(options: { platform?: Platform | undefined; appName?: string | undefined }): App;
  byId(appId: string): App | undefined;
  /** In the order in which they were added. */
  list(): readonly App[];
  /** Returns the gateway that answers a call on a platform. */
  gatewayFor(platform: Platform, incoming: Incoming): Gateway;
  /** Stops sending events. */
  close(): void;
}

export function createApps(
  options: TenantOptions & { clock: Clock; post: Post; platform?: Platform | undefined },
): Apps {
  const { clock, post, limits, knownEmailDomain, undocumented } = options;
  const { createLimit, keysRefused, instancesShownAs } = options;
  const shared = {
    clock,
    post,
    ...(limits && { limits }),
    ...(knownEmailDomain && { knownEmailDomain }),
    ...(undocumented && { undocumented }),
    ...(createLimit && { createLimit }),
    ...(keysRefused && { keysRefused }),
    ...(instancesShownAs && { instancesShownAs }),
  };
  const first: App = { platform: options.platform ?? 'feishu', tenant: createTenant(options) };
  const apps = [first];
  let stranger: Tenant | undefined;
  /** An unknown app, which refuses every call as a platform without apps does. */
  const strangerTenant = (): Tenant => {
    stranger ??= createTenant(shared);
    return stranger;
  };

  return {
    first,
    add({ platform = 'feishu', appName }) {
      const app: App = { platform, tenant: createTenant({ ...shared, ...(appName && { appName }) }) };
      apps.push(app);
      return app;
    },
    byId: (appId) => apps.find(({ tenant }) => tenant.app.appId === appId),
    list: () => apps,
    gatewayFor(platform, incoming) {
      const side = apps.filter((app) => app.platform === platform).map(({ tenant }) => tenant);
      const caller = side.find((tenant) => isCalledBy(tenant, incoming));
      return (caller ?? side[0] ?? strangerTenant()).gateway;
    },
    close() {
      for (const { tenant } of apps) tenant.close();
    },
  };
}

const TOKEN_PATH = ENDPOINTS.find(({ name }) => name === 'token')?.path;

/** A call for a token names its app; every other call has a token of its app. */
function isCalledBy({ app, world }: Tenant, incoming: Incoming): boolean {
  if (incoming.path === TOKEN_PATH) return appIdIn(incoming.body) === app.appId;
  const token = bearerOf(incoming.authorization ?? '');
  return token !== undefined && world.tokens.isOurs(token);
}

const namingSchema = z.object({ app_id: z.string() });

function appIdIn(body: string): string | undefined {
  try {
    return namingSchema.safeParse(JSON.parse(body)).data?.app_id;
  } catch {
    return undefined;
  }
}
