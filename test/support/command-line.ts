import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import * as z from 'zod';
import { ASSIGNEE, demoIssue, type Issue } from '../../infra/local/frabit/frabit.ts';
import { type FrabitTable, openFrabitTable } from '../../infra/local/frabit/frabit-table.ts';
import { openSimulator, type SimulatorClient } from '../../infra/local/simulators/feishu/control-client.ts';
import { aPlace, startStackProcess } from './running-stack.ts';

const LAUNCHER = join(import.meta.dirname, '../../infra/cli/frabit-im.js');

const keysSchema = z.object({
  appId: z.string(),
  appSecret: z.string(),
  encryptKey: z.string(),
  verificationToken: z.string(),
});
export type Keys = z.infer<typeof keysSchema>;

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * A local stack without settings, and what an administrator does with it at a terminal and in the developer console.
 */
export interface BareStack {
  /** The keys of the simulator's first app. */
  keys: Keys;
  webhookUrl: string;
  /** Base URL of the simulated Feishu API. */
  feishuUrl: string;
  table: FrabitTable;
  /** Runs `frabit-im … --local` as a process, with the keys in its environment. */
  frabitIm(args: string[], keys?: Partial<Keys>): Promise<Ended>;
  /** Opens the developer console of an app, by default of the first one. */
  console(appId?: string): DeveloperConsole;
  addApp(platform: 'feishu' | 'lark'): Promise<Keys>;
  /** Writes the demo issue as Frabit does. Resolves to its id. */
  writeIssue(issueId: string, approver?: string): Promise<string>;
  /** Waits until `look` finds something. `what` names it in the error. */
  until<T>(what: string, look: () => Promise<T | undefined>): Promise<T>;
  stop(): Promise<void>;
}

interface DeveloperConsole extends SimulatorClient {
  /** Calls PUT /simulator/misbehave. */
  set(change: object): Promise<void>;
  behave(): Promise<void>;
  enterRequestUrl(url: string): Promise<{ ok: boolean }>;
  rotate(what: Record<string, true>): Promise<Keys>;
}

export async function aBareStack(): Promise<BareStack> {
  const place = await aPlace();
  const stack = startStackProcess({ ...place.env, ENABLE: '0' });
  await stack.waitFor(/Nothing is enabled yet/);
  const printed = (name: string) => new RegExp(`${name} +(\\S+)`).exec(stack.output())?.[1] ?? '';
  const front = printed('Console');
  const simulator = printed('Feishu simulator');
  const keys: Keys = {
    appId: printed('App ID'),
    appSecret: printed('App secret'),
    encryptKey: printed('Encrypt key'),
    verificationToken: printed('Verification token'),
  };
  const table = openFrabitTable(printed('DynamoDB Local'));
  return {
    keys,
    webhookUrl: printed('Events'),
    feishuUrl: simulator,
    table,
    frabitIm: (args, given = keys) => runCommand([...args, '--local', front], given),
    console: (appId) => openConsole(simulator, appId),
    addApp: async (platform) =>
      keysSchema.parse(await request(`${simulator}/simulator/apps`, 'POST', { platform })),
    async writeIssue(issueId, email = ASSIGNEE.email) {
      await table.put({ ...demoIssue(issueId, front, new Date()), assignee: { email } });
      return issueId;
    },
    until,
    async stop() {
      table.close();
      await stack.stop('SIGKILL');
      await place.remove();
    },
  };
}

function openConsole(simulator: string, appId: string | undefined): DeveloperConsole {
  const base = appId === undefined ? `${simulator}/simulator` : `${simulator}/simulator/apps/${appId}`;
  return {
    ...openSimulator(simulator, appId),
    set: async (change) => void (await request(`${base}/misbehave`, 'PUT', change)),
    behave: async () => void (await request(`${base}/misbehave`, 'DELETE')),
    async enterRequestUrl(url) {
      return z.object({ ok: z.boolean() }).parse(await request(`${base}/event-url`, 'PUT', { url }));
    },
    rotate: async (what) => keysSchema.parse(await request(`${base}/rotate`, 'POST', what)),
  };
}

async function request(url: string, method: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  expect(response.status, `${method} ${url}`).toBe(200);
  return response.json();
}

function runCommand(args: string[], keys: Partial<Keys>): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(FEISHU_|AWS_|VITEST)/.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    ...(keys.appId !== undefined && { FEISHU_APP_ID: keys.appId }),
    ...(keys.appSecret !== undefined && { FEISHU_APP_SECRET: keys.appSecret }),
    ...(keys.encryptKey !== undefined && { FEISHU_ENCRYPT_KEY: keys.encryptKey }),
    ...(keys.verificationToken !== undefined && { FEISHU_VERIFICATION_TOKEN: keys.verificationToken }),
  };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [LAUNCHER, ...args], { env }, (_error, stdout, stderr) => {
      for (const secret of [keys.appSecret, keys.encryptKey, keys.verificationToken]) {
        if (secret) expect(stdout + stderr).not.toContain(secret);
      }
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

const POLL_MS = 50;
const WITHIN_MS = 40_000;

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let left = WITHIN_MS / POLL_MS; left > 0; left -= 1) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(POLL_MS);
  }
  throw new Error(`timed out waiting for ${what}`);
}

/** Returns the latest approval of the issue's current stage. */
export const approvalOf = (issue: Issue | undefined) => issue?.stageApprovals?.[issue.currentStageId ?? ''];
