import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ChannelServices } from '../../shared/approval/channels/channel-services.ts';
import { createChannels } from '../../shared/approval/channels/create-channels.ts';
import { createDynamoFormMemories } from '../../shared/approval/channels/feishu/form-memory-store.ts';
import type { HintHandling } from '../../shared/approval/handle-hint.ts';
import { countChanges } from '../../shared/approval/store/count-changes.ts';
import { createDynamoStore } from '../../shared/approval/store/dynamo-store.ts';
import { createDynamoPacer } from '../../shared/approval/store/pacing.ts';
import { createWorkQueue } from '../../shared/approval/work-queue.ts';
import { createOaGateway } from '../../shared/external/client.ts';
import { createTransport } from '../../shared/external/transport.ts';
import { createFeishuGateway } from '../../shared/feishu/client.ts';
import { marshallOptions } from '../../shared/runtime/dynamodb-writes.ts';
import { once } from '../../shared/runtime/env.ts';
import { AppError } from '../../shared/runtime/errors.ts';
import { createLogger, describeError, type Logger } from '../../shared/runtime/logger.ts';
import { type Counter, createCounter } from '../../shared/runtime/metrics.ts';
import { createSecretReader, type SecretReader } from '../../shared/runtime/secret-reader.ts';
import {
  EXTERNAL_SECRET,
  type ExternalSecret,
  signingSecretsOf,
} from '../../shared/settings/external-secret.ts';
import { createFeishuSecretReader, type FeishuSecretReader } from '../../shared/settings/feishu-secret.ts';
import { readFeishuSettings } from '../../shared/settings/settings-store.ts';
import { reconcileIssuesEnv } from './env.ts';

/** Returns what the handler works with, made from the environment. A container keeps it between invocations. */
export const dependencies = once(() => {
  const env = reconcileIssuesEnv();
  const logger = createLogger('reconcile-issues');
  const counter = createCounter('reconcile-issues');
  const now = () => new Date();
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}), {
    marshallOptions: marshallOptions(),
  });
  const sqs = new SQSClient({});
  const secretsManager = new SecretsManagerClient({});
  const secrets = createFeishuSecretReader({
    secretsManager,
    secretId: env.FEISHU_SECRET_ARN,
    now: Date.now,
  });
  const external = createSecretReader(EXTERNAL_SECRET, {
    secretsManager,
    secretId: env.EXTERNAL_SECRET_ARN,
    now: Date.now,
  });
  const services: ChannelServices = {
    store: countChanges(
      createDynamoStore(documents, {
        issueTableName: env.ISSUE_TABLE_NAME,
        approvalTableName: env.APPROVAL_TABLE_NAME,
      }),
      counter,
      now,
    ),
    pacer: createDynamoPacer(documents, env.APPROVAL_TABLE_NAME, env.FEISHU_CALLS_PER_MINUTE),
    forms: createDynamoFormMemories(documents, env.APPROVAL_TABLE_NAME),
    feishu: createGateway(env, secrets, { logger, counter }),
    oa: createOas(env, external, { logger, counter }),
    now,
  };
  return {
    sqs,
    logger,
    counter,
    queueUrl: env.WORK_QUEUE_URL,
    deadLetterUrl: env.DEAD_LETTER_QUEUE_URL,
    work: {
      ...services,
      channels: createChannels(services),
      queue: createWorkQueue({ sqs, queueUrl: env.WORK_QUEUE_URL }),
      readSettings: () => readFeishuSettings(documents, env.APPROVAL_TABLE_NAME),
      async onResync() {
        // A missing secret of external nodes must not stop Feishu approvals. A call of an OA reports it by itself.
        await external.refresh({ now: true }).catch((error: unknown) => {
          logger.warn('reading the secret of external nodes failed', { error: describeError(error) });
        });
        await secrets.refresh({ now: true });
      },
      retention: { roundDays: env.ROUND_RETENTION_DAYS, shownDays: env.SHOWN_RETENTION_DAYS },
      newId: randomUUID,
      sleep: async (milliseconds) => void (await sleep(milliseconds)),
      log: (happening, about) => logger.info(happening, about),
    } satisfies HintHandling & ChannelServices,
  };
});

function createOas(
  env: ReturnType<typeof reconcileIssuesEnv>,
  secrets: SecretReader<ExternalSecret>,
  { logger, counter }: { logger: Logger; counter: Counter },
) {
  return createOaGateway({
    transport: createTransport({ allowLocal: env.EXTERNAL_LOCAL_ENDPOINTS === 'true' }),
    signingSecrets: async (node) => signingSecretsOf(await secrets.current(), node, new Date()),
    refreshSecrets: ({ nodeId, revision }) => secrets.refresh({ of: nodeId, revision }),
    now: () => new Date(),
    newId: randomUUID,
    log: (happening, about) => logger.warn(happening, about),
    counter,
  });
}

function createGateway(
  env: ReturnType<typeof reconcileIssuesEnv>,
  secrets: FeishuSecretReader,
  reporting: { logger: Logger; counter: Counter },
) {
  return createFeishuGateway({
    baseUrl: env.FEISHU_BASE_URL,
    larkBaseUrl: env.LARK_BASE_URL,
    ...reporting,
    credentials: async (appId, options) => {
      if (options?.fresh) await secrets.refresh();
      const found = (await secrets.current()).apps[appId];
      if (!found) throw new AppError('NO_CREDENTIALS', 'The secret holds no keys of this app.');
      return found;
    },
  });
}
