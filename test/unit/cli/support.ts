import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import type { CliIo, Output } from '../../../infra/cli/io.ts';
import { readLines } from '../../../infra/cli/logs/read-lines.ts';
import { runCli } from '../../../infra/cli/run.ts';
import { declareApp } from '../../support/secrets.ts';

export interface CliRun {
  exit: number;
  out: string;
  err: string;
  /** stdout parsed as one JSON document. */
  json(): Record<string, unknown>;
}

/** Runs the command line in this process and collects its output. Waits end at once. */
export async function cli(argv: string[], changes: Partial<CliIo> = {}): Promise<CliRun> {
  const out = keep();
  const err = keep();
  let now = Date.parse('2026-03-01T08:00:00.000Z');
  const exit = await runCli(argv, {
    stdout: out,
    stderr: err,
    readStdin: async () => '',
    readFile: async () => {
      throw new Error('no such file');
    },
    readLines,
    isReadableByOthers: async () => false,
    env: {},
    fetch,
    now: () => new Date(now),
    sleep: async (ms) => {
      now += ms;
    },
    newId: randomUUID,
    ...changes,
  });
  const text = out.text();
  return {
    exit,
    out: text,
    err: err.text(),
    json: () => z.record(z.string(), z.unknown()).parse(JSON.parse(text)),
  };
}

/** An output that collects what is written. */
export function keep(isTerminal = false): Output & { text(): string } {
  const chunks: string[] = [];
  return { isTerminal, write: (chunk) => void chunks.push(chunk), text: () => chunks.join('') };
}

export interface Request {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

export interface Answer {
  status?: number;
  /** A string is sent as it is. */
  body: unknown;
  headers?: Record<string, string>;
}

export interface FakeServer {
  url: string;
  requests: Request[];
  close(): Promise<void>;
}

/** A server that collects every request and answers with `answer`; undefined: 404. */
export async function serve(answer: (request: Request) => Answer | undefined): Promise<FakeServer> {
  const requests: Request[] = [];
  const server = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      const { method = '', url = '', headers } = incoming;
      const request: Request = { method, path: url, headers, body: readJson(body) };
      requests.push(request);
      const { status = 200, body: content, headers: more } = answer(request) ?? { status: 404, body: {} };
      response.writeHead(status, { 'content-type': 'application/json', ...more });
      response.end(typeof content === 'string' ? content : JSON.stringify(content));
    });
  });
  const url = await listening(server);
  return {
    url,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`);
    });
  });
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

export const APP_ID = 'cli_0123456789abcdef';

/** The values of an app, as environment variables. */
export function anAppEnvironment(): Record<string, string> {
  const app = {
    appSecret: 'hidden-app-secret-1',
    encryptKey: 'hidden-encrypt-key-2',
    verificationToken: 'hidden-token-value-3',
  };
  declareApp(app);
  return {
    FEISHU_APP_ID: APP_ID,
    FEISHU_APP_SECRET: app.appSecret,
    FEISHU_ENCRYPT_KEY: app.encryptKey,
    FEISHU_VERIFICATION_TOKEN: app.verificationToken,
  };
}

export const check = (name: string, ok = true, fix?: string) => ({
  name,
  ok,
  detail: `About ${name}.`,
  ...(fix && { fix }),
});

export const aView = (changes: Record<string, unknown> = {}) => ({
  enabled: true,
  appId: APP_ID,
  domain: 'feishu',
  approvalCode: 'DEFINITION',
  bot: { openId: 'ou_bot', name: 'Frabit' },
  checks: [check('credentials'), check('encryption', false, 'Enter the URL.'), check('events', false)],
  withdrawing: 0,
  ...changes,
});

export const NOT_SET_UP = { enabled: false, checks: [], withdrawing: 0 };

export interface LocalFake extends FakeServer {
  /** The requests of the settings routes. */
  calls(): Request[];
}

/** A local stack whose settings routes answer with `settings`. */
export async function aLocalStack(
  settings: (request: Request) => Answer | undefined,
  outputs: Record<string, string> = {},
  endpoints: Record<string, string> = {},
  more: Record<string, string> = {},
): Promise<LocalFake> {
  const server: FakeServer = await serve((request) => {
    if (request.path !== '/stack') return settings(request);
    const nowhere = 'http://127.0.0.1:1';
    return {
      body: {
        outputs: {
          IssueTableName: 'issues',
          ApprovalTableName: 'approvals',
          FeishuWebhookUrl: 'https://hooks.example.com/feishu/events',
          SettingsUrl: `${server.url}/settings`,
          WorkQueueUrl: `${nowhere}/work`,
          DeadLetterQueueUrl: `${nowhere}/dead`,
          ...outputs,
        },
        endpoints: { dynamodb: nowhere, sqs: nowhere, s3: nowhere, lambda: nowhere, ...endpoints },
        region: 'us-east-1',
        ...more,
      },
    };
  });
  return { ...server, calls: () => server.requests.filter(({ path }) => path !== '/stack') };
}
