import { isDeepStrictEqual } from 'node:util';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, vi } from 'vitest';
import * as z from 'zod';
import type { Hint } from '../../../../shared/approval/plan/hint.ts';
import { parseHint } from '../../../../shared/approval/work-queue.ts';
import { settingsKey } from '../../../../shared/tables/approval-keys.ts';
import { type AppKeys, anApp } from '../../../support/feishu-push.ts';
import { recordText } from '../../../support/log-scan-record.ts';

export interface Stores {
  secrets: 'UP' | 'DOWN';
  table: 'UP' | 'DOWN';
  queue: 'UP' | 'DOWN';
}
export const ALL_UP: Stores = { secrets: 'UP', table: 'UP', queue: 'UP' };

/** All that the sender or we can observe of one invocation. */
export interface Seen {
  answer: { statusCode: number; headers: Record<string, string>; body: string };
  hints: Hint[];
  /** How often each store was called. */
  asked: { secrets: number; table: number; queue: number };
  /** Without the time of day. */
  logged: Record<string, unknown>[];
}

export interface HostileWebhook {
  app: AppKeys;
  /**
   * Invokes the real handler of the function. Fails the test if it rejects or if its answer breaks docs/contract.md 2.
   */
  call(event: APIGatewayProxyEventV2, stores?: Stores): Promise<Seen>;
  /** Advances the clock. */
  pass(milliseconds: number): void;
  /** Advances the clock until no key is cached and a forced read is allowed. */
  forgetKeys(): void;
  count(): number;
  stop(): void;
}

const DEFINITION = 'DEFINITION';
const WELL_BEYOND_EVERY_CACHE_MS = 6 * 60_000;

const answerSchema = z.strictObject({
  statusCode: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

/** Loads the handler like Lambda, with AWS clients that stay in the process. */
export async function aHostileWebhook(): Promise<HostileWebhook> {
  const app = anApp({ appId: 'cli_0123456789abcdef' });
  let now = Date.UTC(2026, 2, 1);
  vi.useFakeTimers({ toFake: ['Date'], now });
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'DEBUG');
  vi.stubEnv('APPROVAL_TABLE_NAME', 'approvals');
  vi.stubEnv('WORK_QUEUE_URL', 'http://127.0.0.1:9/work.fifo');
  vi.stubEnv('FEISHU_SECRET_ARN', 'feishu');
  let logged: string[] = [];
  const streams = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      logged.push(String(chunk));
      recordText(name, String(chunk));
      return true;
    }),
  );
  const aws = {
    secrets: mockClient(SecretsManagerClient),
    documents: mockClient(DynamoDBDocumentClient),
    sqs: mockClient(SQSClient),
  };
  const { appId, ...keys } = app;
  const secret = {
    VersionId: 'v1',
    SecretString: JSON.stringify({ apps: { [appId]: { appSecret: 'our-app-secret', ...keys } } }),
  };
  const settings = {
    enabled: true,
    appId,
    domain: 'feishu',
    bot: { openId: 'ou_bot', name: 'bot' },
    definitionCode: DEFINITION,
    definitions: {},
    enabledAt: '2026-01-01T00:00:00.000Z',
    revision: 1,
  };
  const { handler } = await import('../../../../functions/receive-feishu-events/handler.ts');
  let count = 0;

  const pass = (milliseconds: number) => {
    now += milliseconds;
    vi.setSystemTime(now);
  };
  let stores = ALL_UP;
  const unlessDown =
    <T>(store: keyof Stores, answer: (input: { Key?: unknown }) => T) =>
    async (input: { Key?: unknown }): Promise<T> => {
      if (stores[store] === 'DOWN') throw new Error('down');
      return answer(input);
    };
  aws.secrets.on(GetSecretValueCommand).callsFake(unlessDown('secrets', () => secret));
  aws.documents
    .on(GetCommand)
    .callsFake(
      unlessDown('table', ({ Key }) => (isDeepStrictEqual(Key, settingsKey) ? { Item: settings } : {})),
    );
  aws.sqs.on(SendMessageCommand).callsFake(unlessDown('queue', () => ({})));

  return {
    app,
    async call(event, states = ALL_UP) {
      count += 1;
      logged = [];
      stores = states;
      for (const mock of Object.values(aws)) mock.resetHistory();
      // An invocation of Lambda is JSON.
      const answer: unknown = await handler(JSON.parse(JSON.stringify(event)), {} as Context);
      const sends = aws.sqs.commandCalls(SendMessageCommand);
      return {
        answer: answerSchema.parse(answer),
        hints:
          stores.queue === 'UP' ? sends.map((send) => parseHint(send.args[0].input.MessageBody ?? '')) : [],
        asked: {
          secrets: aws.secrets.calls().length,
          table: aws.documents.calls().length,
          queue: sends.length,
        },
        logged: logged.flatMap(linesOf),
      };
    },
    pass,
    forgetKeys: () => pass(WELL_BEYOND_EVERY_CACHE_MS),
    count: () => count,
    stop() {
      for (const mock of Object.values(aws)) mock.restore();
      for (const stream of streams) stream.mockRestore();
      vi.useRealTimers();
      vi.unstubAllEnvs();
    },
  };
}

const lineSchema = z.looseObject({ level: z.string(), message: z.string(), timestamp: z.string() });

function linesOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { timestamp: _, ...rest } = lineSchema.parse(JSON.parse(line));
      return rest;
    });
}

const headers = { 'content-type': 'application/json; charset=utf-8' };
const failure = (statusCode: number, code: string, message: string) => ({
  statusCode,
  headers,
  body: JSON.stringify({ code, message }),
});

/** The exact answers of docs/contract.md 2. Only a challenge has its own body. */
export const ANSWERS = {
  stored: { statusCode: 200, headers, body: '{}' },
  unauthorized: failure(401, 'UNAUTHORIZED', 'Invalid signature.'),
  badRequest: failure(400, 'BAD_REQUEST', 'The body is not an event of Feishu.'),
  tooLarge: failure(413, 'TOO_LARGE', 'The body is larger than 256 KiB.'),
  unavailable: failure(503, 'UNAVAILABLE', 'The event could not be stored; send it again.'),
};

const challengeSchema = z.strictObject({ challenge: z.string() });

/** Returns the challenge of an answer; undefined for other answers. */
export function challengeOf({ answer }: Seen): string | undefined {
  if (answer.statusCode !== 200 || answer.body === '{}') return undefined;
  const { challenge } = challengeSchema.parse(JSON.parse(answer.body));
  expect(answer).toEqual({ statusCode: 200, headers, body: JSON.stringify({ challenge }) });
  return challenge;
}

/** All that an assignment to a key of JSON could change for all objects. */
export const prototypes = (): string =>
  [Object.prototype, Array.prototype, String.prototype, Function.prototype, Map.prototype]
    .map((one) => Reflect.ownKeys(one).map(String).join())
    .join(';');
