import * as z from 'zod';
import type { Clock } from '../kit/clock.ts';
import type { Post } from '../kit/post.ts';
import { ENDPOINTS } from './endpoints.ts';
import type { Gateway, Incoming } from './gateway.ts';
import { createTenant, type Tenant, type TenantOptions } from './tenant.ts';
import { bearerOf } from './tokens.ts';

/** Several apps, each with a world of its own, on the two sides of the open platform (FEISHU section 10). */

export const PLATFORMS = ['feishu', 'lark'] as const;
export type Platform = (typeof PLATFORMS)[number];

export interface App {
  platform: Platform;
  tenant: Tenant;
}

export interface Apps {
  readonly first: App;
  /** An app with keys of its own, without a request URL; limits, people and switches are as the first one started. */
  add(options: { platform?: Platform | undefined; appName?: string | undefined }): App;
  byId(appId: string): App | undefined;
  /** In the order in which they were made. */
  list(): readonly App[];
  /** Who answers a call that comes in at a side. */
  gatewayFor(platform: Platform, incoming: Incoming): Gateway;
  /** No event is sent any more. */
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
  /** An app that nobody knows: it refuses every call as a side without apps does. */
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

/** A call for a token names its app; every other one carries a token that its app was given. */
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
