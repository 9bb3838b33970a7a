import { randomUUID } from 'node:crypto';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { watchRecord } from '../../functions/watch-issues/watch-record.ts';
import type { Limits } from '../../infra/local/simulators/feishu/gateway.ts';
import { scaledLimits } from '../../infra/local/simulators/feishu/limits.ts';
import { createTenant, type Tenant } from '../../infra/local/simulators/feishu/tenant.ts';
import { callWaiting } from '../../shared/approval/call-up.ts';
import { createDynamoFormMemories } from '../../shared/approval/channels/feishu/form-memories.ts';
import { type HintHandling, handleHint } from '../../shared/approval/handle-hint.ts';
import { createDynamoStore } from '../../shared/approval/store/dynamo-store.ts';
import { createDynamoPacer, type Pacer } from '../../shared/approval/store/pacing.ts';
import { sweep } from '../../shared/approval/sweep.ts';
import { createWorkQueue, parseHint } from '../../shared/approval/work-queue.ts';
import { createFeishuGateway } from '../../shared/feishu/client.ts';
import { readFeishuSettings } from '../../shared/settings/settings-store.ts';
import { disableFeishu } from '../../shared/setup/disable-feishu.ts';
import type { SetupContext } from '../../shared/setup/setup-context.ts';
import { settingsKey } from '../../shared/tables/keys.ts';
import { createFakeDynamoDb, type FakeDynamoDb } from '../simulation/dynamodb/fake-dynamodb.ts';
import { createEffects } from '../simulation/effects.ts';
import { createFeishuFetch } from '../simulation/feishu-fetch.ts';
import { createFakeQueue, type FakeQueue, type Message, settle } from '../simulation/queue.ts';
import { createWebhook, silent, uncounted } from '../simulation/webhook.ts';
import { enabledSettings } from '../support/enabled.ts';
import { withChannels } from '../support/with-channels.ts';
import { createFacts, type Facts } from './facts.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

/** What each call takes, in milliseconds; half of it passes before the call is carried out. */
const TABLE_CALL_MS = 20;
const FEISHU_CALL_MS = 150;
/** Lambda reads a stream a few times a second. */
const STREAM_DELAY_MS = 200;
/** An event of Feishu comes so long after what it tells of. */
const EVENT_DELAY_MS = 200;
const MINUTE = 60_000;
/** Whoever asks may call at once. */
const unpaced: Pacer = {
  reserve: async (_owner, _api, { now }) => now,
  holdUntil: async () => {},
  room: async () => ({ calls: 0, share: 0 }),
  observe: async () => {},
};

/**
 * The whole core on a virtual clock with real concurrency: workers, sweep, stream, webhook and settings, made of the
 * product's own use cases as its functions make them, each at its own pace between an in-memory DynamoDB, an in-memory
 * queue and the simulated tenant.
 */
export interface CrowdWorld {
  time: VirtualTime;
  facts: Facts;
  tenant: Tenant;
  queue: FakeQueue;
  /** What Frabit and a test write costs no time. */
  documents: DynamoDBDocumentClient;
  tables: FakeDynamoDb['tables'];
  tally: Tally;
  /** When calls began to take time. */
  startedAt: number;
  /** No call takes time and Feishu has no limits, until `charge`. */
  charge(): Promise<void>;
  /** As `DELETE /settings/feishu`. */
  disable(): Promise<void>;
}

/** From the moment at which all workers are at work until one of them finds nothing: each issue was read. */
export interface Rush {
  from: number;
  /** Undefined while they are at it. */
  until: number | undefined;
}

export interface Tally {
  /** The first rush; undefined before all workers are at work at once. */
  rush: Rush | undefined;
  reconciles: number;
  /** Runs of a worker that failed; the message comes back. */
  failures: unknown[];
  /** The longest run of a worker and of the sweep, in milliseconds. */
  longestMs: { worker: number; sweep: number };
  /** For how long a message was hidden at most, in milliseconds, without an open card of its issue and with one. */
  hiddenMs: { usual: number; openCard: number };
  /** Minutes in which the sweep of the minute before was still at work. */
  skippedSweeps: number;
}

export interface CrowdOptions {
  /** Creates, and cancels, that Feishu takes in any minute. */
  perMinute: number;
  workers: number;
}

export async function createCrowdWorld({ perMinute, workers }: CrowdOptions): Promise<CrowdWorld> {
  const time = createVirtualTime();
  const facts = createFacts(time.now);
  const tally: Tally = {
    rush: undefined,
    reconciles: 0,
    failures: [],
    longestMs: { worker: 0, sweep: 0 },
    hiddenMs: { usual: 0, openCard: 0 },
    skippedSweeps: 0,
  };
  let isCharged = false;
  const charged = async <T>(milliseconds: number, carryOut: () => T | Promise<T>): Promise<T> => {
    if (!isCharged) return carryOut();
    await time.sleep(milliseconds / 2);
    try {
      return await carryOut();
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
    onApproval: facts.noteApproval,
  });
  const documents: DynamoDBDocumentClient = Object.create(dynamo.documents, {
    send: { value: (command: never) => charged(TABLE_CALL_MS, () => dynamo.documents.send(command)) },
  });
  const { tables } = dynamo;
  const { approvalTableName: tableName } = tables;
  const place = { documents, tableName };
  const queue = createFakeQueue({ now: time.now, around: async (carryOut) => carryOut() });
  const workQueue = createWorkQueue({ sqs: queue.sqs, queueUrl: 'https://queue.invalid' });

  let watching = Promise.resolve();
  function takeChanges() {
    const records = dynamo.takeIssueChanges();
    if (records.length === 0) return;
    for (const record of records) facts.noteIssueChange(record);
    time.after(STREAM_DELAY_MS, () => {
      watching = watching.then(async () => {
        for (const record of records) {
          await watchRecord(record, { queue: workQueue, counter: uncounted, logger: silent });
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
    effects: createEffects(),
    sleep: time.sleep,
    onBlindCancel: () => {},
    onCanceled: () => {},
  });
  const feishu = {
    baseUrl: 'https://feishu.invalid',
    fetch: ((input, init) => charged(FEISHU_CALL_MS, () => call(input, init))) satisfies typeof fetch,
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
  const pacerOf = () => (isCharged ? createDynamoPacer(documents, tableName, perMinute) : unpaced);
  const startContainer = (): HintHandling =>
    withChannels({
      ...shared,
      store: createDynamoStore(documents, tables),
      pacer: pacerOf(),
      feishu: createFeishuGateway(feishu),
      oa: { create: unexpected, read: unexpected, cancel: unexpected },
      readSettings: () => readFeishuSettings(documents, tableName),
      log: () => {},
    });
  let containers = Array.from({ length: workers }, startContainer);

  /** Feishu says whether a card is open: its round may be closed already. */
  function noteHidden(issueId: string, milliseconds: number): void {
    const codes = facts.issues.get(issueId)?.rounds.map(({ instanceCode = '' }) => instanceCode) ?? [];
    const isOpen = codes.some((code) => tenant.world.instances.get(code)?.status === 'PENDING');
    const kind = isOpen ? 'openCard' : 'usual';
    tally.hiddenMs[kind] = Math.max(tally.hiddenMs[kind], milliseconds);
  }

  async function work(message: Message, container: HintHandling): Promise<void> {
    const began = time.now();
    const hint = parseHint(message.body);
    tally.reconciles += 1;
    if ('issueId' in hint) facts.noteReconcile(hint.issueId);
    const ended = await handleHint(hint, container).then(
      (value) => ({ kind: 'DONE', value }) as const,
      (error: unknown) => ({ kind: 'FAILED', error }) as const,
    );
    if (ended.kind === 'FAILED') tally.failures.push(ended.error);
    settle(queue, message, ended);
    const isHidden = ended.kind === 'DONE' && ended.value.waitSeconds !== undefined;
    if (isHidden && 'issueId' in hint) noteHidden(hint.issueId, message.visibleAt - time.now());
    tally.longestMs.worker = Math.max(tally.longestMs.worker, time.now() - began);
    containers.push(container);
  }
  // As the event source of the queue does: each idle worker is given one message.
  time.add({
    wake() {
      let started = false;
      while (containers.length > 0) {
        const message = queue.receive();
        const container = message && containers.shift();
        if (!message || !container) {
          if (tally.rush) tally.rush.until ??= time.now();
          break;
        }
        void work(message, container);
        started = true;
      }
      const isRush = isCharged && started && containers.length === 0;
      if (isRush) tally.rush ??= { from: time.now(), until: undefined };
      return started;
    },
    nextAt: () => (containers.length > 0 ? queue.nextAt() : undefined),
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
  let sweeping = false;
  function everyMinute(): void {
    time.after(MINUTE, everyMinute);
    if (sweeping) {
      tally.skippedSweeps += 1;
      return;
    }
    sweeping = true;
    const began = time.now();
    const ended = () => {
      sweeping = false;
      tally.longestMs.sweep = Math.max(tally.longestMs.sweep, time.now() - began);
    };
    sweepOnce().then(ended, (error: unknown) => {
      tally.failures.push(error);
      ended();
    });
  }
  everyMinute();

  const world: CrowdWorld = {
    time,
    facts,
    tenant,
    queue,
    documents: dynamo.documents,
    tables,
    tally,
    startedAt: time.now(),
    async charge() {
      // What was sent without a limit counts for no minute that follows.
      const end = time.now() + 2 * MINUTE;
      await time.run(() => time.now() >= end);
      Object.assign(limits, scaledLimits(perMinute));
      isCharged = true;
      world.startedAt = time.now();
      containers = containers.map(startContainer);
      tally.reconciles = 0;
      tally.longestMs = { worker: 0, sweep: 0 };
      tally.hiddenMs = { usual: 0, openCard: 0 };
      tenant.control.resetCalls();
    },
    async disable() {
      // Only what takes open test approvals back needs these, and no crowd has any.
      const notNeeded = {} as Pick<SetupContext, 'secret' | 'external' | 'createSetup' | 'createGateway'>;
      await disableFeishu({ ...notNeeded, ...shared, place, pacer: pacerOf(), logger: silent });
    },
  };
  return world;
}

const unexpected = () => Promise.reject(new Error('no issue of a crowd has anything to do with an OA'));

/** As Frabit writes a record. */
export async function putIssue({ documents, tables }: CrowdWorld, Item: PutItemCommand['input']['Item']) {
  await documents.send(new PutItemCommand({ TableName: tables.issueTableName, Item }));
}
