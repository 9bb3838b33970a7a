import { randomUUID } from 'node:crypto';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { watchRecord } from '../../functions/watch-issues/watch-record.ts';
import type { Limits } from '../../infra/local/simulators/feishu/gateway.ts';
import { scaledLimits } from '../../infra/local/simulators/feishu/limits.ts';
import { createTenant, type Tenant } from '../../infra/local/simulators/feishu/tenant.ts';
import { callWaiting } from '../../shared/approval/call-up.ts';
import { createDynamoFormMemories } from '../../shared/approval/channels/feishu/form-memory-store.ts';
import type { HintHandling } from '../../shared/approval/handle-hint.ts';
import { createDynamoStore } from '../../shared/approval/store/dynamo-store.ts';
import { createDynamoPacer, type Pacer } from '../../shared/approval/store/pacing.ts';
import { sweep } from '../../shared/approval/sweep.ts';
import { createWorkQueue } from '../../shared/approval/work-queue.ts';
import { createFeishuGateway } from '../../shared/feishu/client.ts';
import { noCounter } from '../../shared/runtime/metrics.ts';
import { readFeishuSettings } from '../../shared/settings/settings-store.ts';
import { disableFeishu } from '../../shared/setup/disable-feishu.ts';
import type { SetupContext } from '../../shared/setup/setup-context.ts';
import { settingsKey } from '../../shared/tables/approval-keys.ts';
import { createCallInterceptor } from '../simulation/call-interceptor.ts';
import { createFakeDynamoDb, type FakeDynamoDb } from '../simulation/dynamodb/fake-dynamodb.ts';
import { createFeishuFetch } from '../simulation/feishu-fetch.ts';
import { createFakeQueue, type FakeQueue } from '../simulation/queue.ts';
import { createWebhook, silentLogger } from '../simulation/webhooks.ts';
import { enabledSettings } from '../support/enabled-settings.ts';
import { withChannels } from '../support/with-channels.ts';
import { createFacts, type Facts } from './facts.ts';
import { createTally, type Tally } from './tally.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';
import { startMinutelySweep, startWorkers } from './workers.ts';

/** How long each call takes, in milliseconds. Half of the time passes before the call has its effect. */
const TABLE_CALL_MS = 20;
const FEISHU_CALL_MS = 150;
/** Lambda reads a stream several times a second. */
const STREAM_DELAY_MS = 200;
/** How long after a change Feishu sends its event. */
const EVENT_DELAY_MS = 200;
const MINUTE = 60_000;
/** Every call may be made at once. */
const noPacer: Pacer = {
  reserve: async (_owner, _api, { now }) => now,
  holdUntil: async () => {},
  room: async () => ({ calls: 0, share: 0 }),
  observe: async () => {},
};

/**
 * The whole core on a virtual clock, with real concurrency. Workers, sweep, stream, webhook and settings are the
 * product's own use cases. They run between an in-memory DynamoDB, an in-memory queue and the simulated tenant.
 */
export interface CrowdWorld {
  time: VirtualTime;
  facts: Facts;
  tenant: Tenant;
  queue: FakeQueue;
  /** The database without delays, for what Frabit and a test write. */
  documents: DynamoDBDocumentClient;
  tables: FakeDynamoDb['tables'];
  tally: Tally;
  /** When `startTiming` was called. */
  startedAt: number;
  /** From now on calls take time and Feishu has rate limits. */
  startTiming(): Promise<void>;
  /** Does what `DELETE /settings/feishu` does. */
  disable(): Promise<void>;
}

export interface CrowdOptions {
  /** How many creates, and how many cancels, Feishu accepts in a minute. */
  perMinute: number;
  workers: number;
}

export async function createCrowdWorld({ perMinute, workers }: CrowdOptions): Promise<CrowdWorld> {
  const time = createVirtualTime();
  const facts = createFacts(time.now);
  const tally = createTally();
  let isTimed = false;
  const timed = async <T>(milliseconds: number, run: () => T | Promise<T>): Promise<T> => {
    if (!isTimed) return run();
    await time.sleep(milliseconds / 2);
    try {
      return await run();
    } finally {
      await time.sleep(milliseconds / 2);
    }
  };

  const dynamo = createFakeDynamoDb({
    around: async (_, run) => {
      const result = run();
      takeChanges();
      return result;
    },
    onApproval: facts.recordApproval,
  });
  const documents: DynamoDBDocumentClient = Object.create(dynamo.documents, {
    send: { value: (command: never) => timed(TABLE_CALL_MS, () => dynamo.documents.send(command)) },
  });
  const { tables } = dynamo;
  const { approvalTableName: tableName } = tables;
  const place = { documents, tableName };
  const queue = createFakeQueue({ now: time.now, around: async (run) => run() });
  const workQueue = createWorkQueue({ sqs: queue.sqs, queueUrl: 'https://queue.invalid' });

  let watching = Promise.resolve();
  function takeChanges() {
    const records = dynamo.takeIssueChanges();
    if (records.length === 0) return;
    for (const record of records) facts.recordIssueChange(record);
    time.after(STREAM_DELAY_MS, () => {
      watching = watching.then(async () => {
        for (const record of records) {
          await watchRecord(record, { queue: workQueue, counter: noCounter, logger: silentLogger });
        }
      });
    });
  }

  const limits: Limits = { createInstance: {}, cancelInstance: {} };
  const tenant = createTenant({
    clock: time,
    post: async (_url, headers, body) => {
      await time.sleep(EVENT_DELAY_MS);
      return { status: (await receive(headers, body)) ?? 503, body: '' };
    },
    appId: 'cli_0123456789abcdef',
    eventUrl: 'https://webhook.invalid',
    limits,
  });
  const receive = createWebhook(tenant, place, workQueue);
  const call = createFeishuFetch({
    tenant,
    interceptor: createCallInterceptor(),
    sleep: time.sleep,
    onCancelWithoutLook: () => {},
    onCanceled: () => {},
  });
  const feishu = {
    baseUrl: 'https://feishu.invalid',
    fetch: ((input, init) => timed(FEISHU_CALL_MS, () => call(input, init))) satisfies typeof fetch,
    now: time.now,
    sleep: time.sleep,
    credentials: () => Promise.resolve(tenant.app),
  };
  const settings = await enabledSettings(feishu, tenant.app.appId, time.date());
  await dynamo.documents.send(
    new PutCommand({ TableName: tableName, Item: { ...settingsKey, ...settings } }),
  );

  const shared = {
    forms: createDynamoFormMemories(documents, tableName),
    queue: workQueue,
    now: time.date,
    newId: randomUUID,
    sleep: time.sleep,
  };
  const pacerOf = () => (isTimed ? createDynamoPacer(documents, tableName, perMinute) : noPacer);
  const startContainer = (): HintHandling =>
    withChannels({
      ...shared,
      store: createDynamoStore(documents, tables),
      pacer: pacerOf(),
      feishu: createFeishuGateway(feishu),
      oa: { create: rejectCall, read: rejectCall, cancel: rejectCall },
      readSettings: () => readFeishuSettings(documents, tableName),
      log: () => {},
    });
  const restartContainers = startWorkers({
    time,
    queue,
    tenant,
    facts,
    tally,
    workers,
    startContainer,
    isTimed: () => isTimed,
  });

  /** One invocation of sweep-approvals. */
  async function sweepOnce(): Promise<void> {
    const parts = {
      documents,
      tables,
      queue: workQueue,
      now: time.date,
      sleep: time.sleep,
      pacer: pacerOf(),
    };
    const ended = await Promise.allSettled([sweep(parts), callWaiting(parts)]);
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  }
  startMinutelySweep({ time, tally }, sweepOnce);

  const world: CrowdWorld = {
    time,
    facts,
    tenant,
    queue,
    documents: dynamo.documents,
    tables,
    tally,
    startedAt: time.now(),
    async startTiming() {
      // Calls made without a limit must not count in the minutes that follow.
      const end = time.now() + 2 * MINUTE;
      await time.run(() => time.now() >= end);
      Object.assign(limits, scaledLimits(perMinute));
      isTimed = true;
      world.startedAt = time.now();
      restartContainers();
      tally.reconciles = 0;
      tally.longestMs = { worker: 0, sweep: 0 };
      tally.hiddenMs = { usual: 0, openCard: 0 };
      tenant.control.resetCalls();
    },
    async disable() {
      // Only what takes open test approvals back needs these, and no crowd has any.
      const notNeeded = {} as Pick<SetupContext, 'secret' | 'external' | 'createSetup' | 'createGateway'>;
      await disableFeishu({ ...notNeeded, ...shared, place, pacer: pacerOf(), logger: silentLogger });
    },
  };
  return world;
}

const rejectCall = () => Promise.reject(new Error('a crowd has no EXTERNAL step'));

/** Writes a record as Frabit does. */
export async function putIssue({ documents, tables }: CrowdWorld, Item: PutItemCommand['input']['Item']) {
  await documents.send(new PutItemCommand({ TableName: tables.issueTableName, Item }));
}
