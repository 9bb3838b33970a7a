import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import { route } from '../../functions/manage-settings/routes.ts';
import { startJsonServices } from '../../infra/local/aws/json-services.ts';
import { type FeishuSimulator, startFeishuSimulator } from '../../infra/local/simulators/feishu/server.ts';
import { createDynamoFormMemories } from '../../shared/approval/channels/feishu/form-memory-store.ts';
import type { Hint } from '../../shared/approval/plan/hint.ts';
import type { Round } from '../../shared/approval/plan/round.ts';
import { createDynamoPacer } from '../../shared/approval/store/pacing.ts';
import { generateSigningSecret } from '../../shared/external/signatures.ts';
import { createFeishuGateway } from '../../shared/feishu/client.ts';
import type { FeishuGateway } from '../../shared/feishu/gateway.ts';
import { createFeishuSetup, type FeishuSetup } from '../../shared/feishu/setup-client.ts';
import { answerError } from '../../shared/runtime/http.ts';
import { storedSchema } from '../../shared/runtime/stored-items.ts';
import { checkSchema, type FeishuSettings } from '../../shared/settings/settings.ts';
import { readFeishuSettings } from '../../shared/settings/settings-store.ts';
import type { SetupContext } from '../../shared/setup/setup-context.ts';
import { roundKey } from '../../shared/tables/approval-keys.ts';
import { aRound } from './round.ts';
import { aFakeAwsKey, declareApp, declareSecret } from './secrets.ts';
import type { TestDatabase } from './test-database.ts';

const answerSchema = z.object({
  code: z.string().optional(),
  message: z.string().optional(),
  enabled: z.boolean().optional(),
  appId: z.string().optional(),
  domain: z.string().optional(),
  approvalCode: z.string().optional(),
  bot: z.object({ openId: z.string(), name: z.string() }).optional(),
  checks: z.array(storedSchema(checkSchema)).optional(),
  withdrawing: z.number().optional(),
});

export interface SettingsAnswer {
  status: number | undefined;
  text: string;
  body: z.infer<typeof answerSchema>;
}

/** The routes of the settings API, with DynamoDB Local, the local Secrets Manager and the simulated Feishu. */
export interface SettingsApi {
  simulator: FeishuSimulator;
  work: SetupContext;
  hints: { hint: Hint; deduplicationId: string }[];
  call(method: string, path: string, body?: string, using?: SetupContext): Promise<SettingsAnswer>;
  /** PUT with the simulator's app; `changes` to its body. */
  put(changes?: Record<string, unknown>, using?: SetupContext): Promise<SettingsAnswer>;
  get(): Promise<SettingsAnswer>;
  settings(): Promise<FeishuSettings | undefined>;
  /** Returns the value of a secret; undefined if it has none. */
  secret(name?: 'feishu' | 'external'): Promise<unknown>;
  item(key: { pk: string; sk: string }): Promise<Record<string, unknown> | undefined>;
  keep(item: Record<string, unknown>): Promise<void>;
  keepRound(changes: Partial<Round>): Promise<Round>;
  close(): Promise<void>;
}

export async function aSettingsApi(dynamo: TestDatabase): Promise<SettingsApi> {
  const { approvalTableName: tableName } = await dynamo.createTables();
  const aws = await startJsonServices({
    secretName: 'feishu',
    externalSecretName: 'external',
    onEvent: () => {},
  });
  const simulator = await startFeishuSimulator();
  const { documents } = dynamo;
  const hints: SettingsApi['hints'] = [];
  const secretsManager = new SecretsManagerClient({
    endpoint: aws.url,
    region: 'us-east-1',
    credentials: aFakeAwsKey(),
  });
  const work: SetupContext = {
    place: { documents, tableName },
    secret: { secretId: 'feishu', secretsManager },
    external: {
      secret: { secretId: 'external', secretsManager },
      newSigningSecret: () => {
        const secret = generateSigningSecret(randomBytes);
        declareSecret('signing secret', secret);
        return secret;
      },
      allowLocal: false,
      resolve: async () => ['93.184.215.14'],
    },
    queue: {
      send: async (hint, deduplicationId) => {
        hints.push({ hint, deduplicationId });
      },
    },
    createSetup: setupOf(simulator),
    createGateway: gatewayAt(simulator),
    pacer: createDynamoPacer(documents, tableName),
    forms: createDynamoFormMemories(documents, tableName),
    now: () => new Date(),
    sleep,
    newId: randomUUID,
    logger: { error: () => {} },
  };
  const call: SettingsApi['call'] = async (method, path, body, using = work) => {
    declareKeysOf(body);
    const answer = await route(anEvent(method, path, body), using).catch(answerError);
    const text = answer.body ?? '';
    return { status: answer.statusCode, text, body: answerSchema.parse(JSON.parse(text)) };
  };
  const keep = async (Item: Record<string, unknown>) => {
    await documents.send(new PutCommand({ TableName: tableName, Item }));
  };
  return {
    simulator,
    work,
    hints,
    call,
    put: (changes, using) =>
      call('PUT', '/settings/feishu', JSON.stringify({ ...simulator.app, ...changes }), using),
    get: () => call('GET', '/settings/feishu'),
    settings: () => readFeishuSettings(documents, tableName),
    async secret(name = 'feishu') {
      const answer = await secretsManager
        .send(new GetSecretValueCommand({ SecretId: name }))
        .catch(() => undefined);
      return answer && JSON.parse(answer.SecretString ?? '');
    },
    item: async (Key) =>
      (await documents.send(new GetCommand({ TableName: tableName, Key, ConsistentRead: true }))).Item,
    keep,
    async keepRound(changes) {
      const round = aRound({ approvalId: randomUUID(), ...changes });
      await keep({ ...round, ...roundKey(round), due: 'DUE' });
      return round;
    },
    async close() {
      secretsManager.destroy();
      await Promise.all([aws.close(), simulator.close()]);
    },
  };
}

const keysSchema = z
  .object({
    appSecret: z.string(),
    encryptKey: z.string(),
    verificationToken: z.string(),
    signingSecret: z.string(),
  })
  .partial();

function declareKeysOf(body: string | undefined): void {
  try {
    const { signingSecret, ...app } = keysSchema.parse(JSON.parse(body ?? ''));
    declareApp(app);
    if (signingSecret !== undefined) declareSecret('signing secret', signingSecret);
  } catch {
    // An invalid body has no keys.
  }
}

/** Returns a factory of the set-up calls to a simulator, with the app secret of a request. */
export const setupOf =
  (at: FeishuSimulator) =>
  (appSecret: string): FeishuSetup =>
    createFeishuSetup({ credentials: async () => ({ appSecret }), baseUrl: at.url, sleep: async () => {} });

/** Returns a factory of gateways to a simulator, with the stored app secret. */
export const gatewayAt =
  (at: FeishuSimulator) =>
  (appSecret: string): FeishuGateway =>
    createFeishuGateway({ credentials: async () => ({ appSecret }), baseUrl: at.url, sleep: async () => {} });

/** Returns the names of the checks that are not ok. */
export const failing = (answer: SettingsAnswer): string[] =>
  (answer.body.checks ?? []).filter((check) => !check.ok).map((check) => check.name);

/** A request in payload format 2.0 of the HTTP API. */
export function anEvent(method: string, path: string, body?: string): APIGatewayProxyEventV2 {
  const http = { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' };
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: {},
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      domainName: 'local',
      domainPrefix: 'local',
      http,
      requestId: 'request',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    isBase64Encoded: false,
    ...(body !== undefined && { body }),
  };
}
