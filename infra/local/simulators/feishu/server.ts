import * as http from 'node:http';
import { closeServer, listen } from '../../http.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { answerRequest, type SimulatorFront } from '../kit/http-front.ts';
import { createPoster } from '../kit/post.ts';
import { type App, type Apps, createApps, type Platform } from './apps.ts';
import type { Simulator } from './control.ts';
import { controlRoutes } from './control-routes.ts';
import type { Tenant, TenantOptions } from './tenant.ts';

export interface FeishuSimulatorOptions extends TenantOptions {
  /** The port for Feishu. 0, the default: a free one. */
  port?: number;
  /** The port for Lark. 0, the default: a free one. */
  larkPort?: number;
  clock?: Clock;
  /** The platform of the first app; default: `feishu`. */
  platform?: Platform;
}

/** One app: its present four values, and what people and operators do with it. */
export interface SimulatedApp {
  platform: Platform;
  app: Tenant['app'];
  control: Simulator;
}

/** `app` and `control` are those of the first app. */
export interface FeishuSimulator extends SimulatedApp {
  /** The simulated open.feishu.cn, without a trailing slash. */
  url: string;
  /** The simulated open.larksuite.com. */
  larkUrl: string;
  port: number;
  /** Adds an app with its own world, by default on Feishu. It has no request URL yet. */
  addApp(options?: { platform?: Platform; appName?: string }): SimulatedApp;
  /** Whether a request to the webhook waits for its answer. */
  isSending(): boolean;
  /** Ends all connections and timers, also calls that hang. */
  close(): Promise<void>;
}

/**
 * Starts a Feishu tenant with one app on this machine; more apps can be added. It has the endpoints of
 * docs/contract.md 2 with the rules, limits and refusals of docs/feishu.md, events, and people who decide cards. It
 * shares no code with the product, so that it can test it. Rejects if a port is in use.
 */
export async function startFeishuSimulator(options: FeishuSimulatorOptions = {}): Promise<FeishuSimulator> {
  const clock = options.clock ?? systemClock;
  const poster = createPoster(clock);
  const apps = createApps({ ...options, clock, post: poster.post });
  const servers: http.Server[] = [];

  async function open(platform: Platform, port: number): Promise<number> {
    const server = http.createServer((request, response) => {
      void answerRequest(frontOf(apps, platform, clock), request, response);
    });
    const taken = await listen(server, port);
    servers.push(server);
    return taken;
  }
  async function close(): Promise<void> {
    apps.close();
    poster.close();
    await Promise.all(servers.map(closeServer));
  }

  try {
    const port = await open('feishu', options.port ?? 0);
    const larkPort = await open('lark', options.larkPort ?? 0);
    return {
      url: `http://127.0.0.1:${port}`,
      larkUrl: `http://127.0.0.1:${larkPort}`,
      port,
      ...handle(apps.first),
      addApp: (wanted = {}) => handle(apps.add(wanted)),
      isSending: poster.isSending,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const handle = ({ platform, tenant: { app, control } }: App): SimulatedApp => ({ platform, app, control });

/** The front of one platform, with the control and the inbox page. */
function frontOf(apps: Apps, platform: Platform, clock: Clock): SimulatorFront {
  return {
    clock,
    page: new URL('page/', import.meta.url),
    isApi: (path) => path.startsWith('/open-apis/'),
    callApi({ method, path, query, headers, body }) {
      const incoming = {
        method,
        path: path.slice('/open-apis'.length),
        query,
        authorization: headers.authorization,
        contentType: headers['content-type'],
        body,
      };
      return apps.gatewayFor(platform, incoming).handle(incoming);
    },
    control: controlRoutes(apps),
    errorBody: (error) =>
      error === 'NOT_FOUND'
        ? { code: 99991201, msg: 'path not found' }
        : { code: 2200, msg: 'internal error' },
  };
}
