import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createWorkQueue } from '../../shared/approval/work-queue.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createCounter } from '../../shared/runtime/metrics.ts';
import { createSecretReader } from '../../shared/runtime/secret-reader.ts';
import { readExternalNode } from '../../shared/settings/external-nodes.ts';
import { EXTERNAL_SECRET } from '../../shared/settings/external-secret.ts';
import { receiveExternalEventsEnv } from './env.ts';
import { findApproval } from './find-approval.ts';
import type { ReceiveDependencies } from './receive-external-event.ts';

/** Fail fast: the OA repeats an event that failed, but not one that hangs. */
const LIMITS = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 800, requestTimeout: 1_000, throwOnRequestTimeout: true },
};

/** Makes what the handler works with from the environment. Called once per container. */
export function createDependencies(): ReceiveDependencies {
  const env = receiveExternalEventsEnv();
  const place = {
    documents: DynamoDBDocumentClient.from(new DynamoDBClient(LIMITS)),
    tableName: env.APPROVAL_TABLE_NAME,
  };
  return {
    readNode: (nodeId) => readExternalNode(place, nodeId),
    secrets: createSecretReader(EXTERNAL_SECRET, {
      secretsManager: new SecretsManagerClient(LIMITS),
      secretId: env.EXTERNAL_SECRET_ARN,
      now: Date.now,
    }),
    findApproval: (approvalId, nodeId) => findApproval(approvalId, nodeId, place),
    queue: createWorkQueue({ sqs: new SQSClient(LIMITS), queueUrl: env.WORK_QUEUE_URL }),
    now: () => new Date(),
    counter: createCounter('receive-external-events'),
    logger: createLogger('receive-external-events'),
  };
}
