import * as http from 'node:http';
import { type Clock, systemClock } from './clock.ts';
import type { Simulator } from './control.ts';
import { answerRequest } from './http-front.ts';
import { createPoster } from './post.ts';
import { createTenant, type Tenant, type TenantOptions } from './tenant.ts';

export interface FeishuSimulatorOptions extends TenantOptions {
  /** 0, the default: a free one. */
  port?: number;
  host?: string;
  clock?: Clock;
}

export interface FeishuSimulator {
  /** Without a slash at its end. */
  url: string;
  port: number;
  app: Tenant['app'];
  control: Simulator;
  /** Ends every connection and timer; calls that hang are cut off. */
  close(): Promise<void>;
}

/**
 * A Feishu tenant with one app, on this machine: the endpoints of CONTRACT section 2 with the rules, limits and
 * refusals of FEISHU.md, events, and people to tap on cards. It shares no code with the product, so that it can
 * prove it. Rejects if the port is taken.
 */
export async function startFeishuSimulator(options: FeishuSimulatorOptions = {}): Promise<FeishuSimulator> {
  const clock = options.clock ?? systemClock;
  const poster = createPoster(clock);
  const { app, gateway, control, close } = createTenant({ ...options, clock, post: poster.post });

  const server = http.createServer((request, response) => {
    void answerRequest({ gateway, control, clock }, request, response);
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  return {
    url: `http://${host}:${port}`,
    port,
    app,
    control,
    close() {
      close();
      poster.close();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
