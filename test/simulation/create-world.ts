import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { watchRecord } from '../../functions/watch-issues/watch-record.ts';
import type { Limits } from '../../infra/local/simulators/feishu/gateway.ts';
import { createTenant } from '../../infra/local/simulators/feishu/tenant.ts';
import type { Post } from '../../infra/local/simulators/kit/post.ts';
import { createOa } from '../../infra/local/simulators/oa/oa.ts';
import { type CallingUp, callWaiting } from '../../shared/approval/call-up.ts';
import { createDynamoFormMemories } from '../../shared/approval/channels/feishu/form-memory-store.ts';
import { type HintHandling, handleHint } from '../../shared/approval/handle-hint.ts';
import type { RetentionDays } from '../../shared/approval/plan/issue-memory.ts';
import { isLive, roundSchema } from '../../shared/approval/plan/round.ts';
import { isCalledUp, isInLine } from '../../shared/approval/plan/waiting-line.ts';
import { resumeApprovals } from '../../shared/approval/resume.ts';
import { readDueRounds } from '../../shared/approval/store/due-rounds.ts';
import { createDynamoStore } from '../../shared/approval/store/dynamo-store.ts';
import { createDynamoPacer } from '../../shared/approval/store/pacing.ts';
import { readAllRounds } from '../../shared/approval/store/read-rounds.ts';
import { sweep } from '../../shared/approval/sweep.ts';
import { createWorkQueue, parseHint } from '../../shared/approval/work-queue.ts';
import { signMessage } from '../../shared/external/signatures.ts';
import type { Transport } from '../../shared/external/transport.ts';
import { createFeishuGateway } from '../../shared/feishu/client.ts';
import { noCounter } from '../../shared/runtime/metrics.ts';
import { readFeishuSettings } from '../../shared/settings/settings-store.ts';
import { externalNodeKey, settingsKey } from '../../shared/tables/approval-keys.ts';
import { aClock } from '../support/clock.ts';
import { enabledSettings } from '../support/enabled-settings.ts';
import { gatewayTo, NODE, nodeItem, OA_SECRET, transportTo } from '../support/oa.ts';
import { withChannels } from '../support/with-channels.ts';
import { createCallInterceptor, type HandlerResult } from './call-interceptor.ts';
import { createFeishuFetch } from './feishu-fetch.ts';
import { createFakeQueue, finishMessage, type Message } from './queue.ts';
import { createRecordedDynamoDb } from './recorded-dynamodb.ts';
import { createOaWebhook, createWebhook, silentLogger } from './webhooks.ts';
import type { PendingEvent, World } from './world.ts';

/** More deliveries than any story needs. Beyond this the product must be in an endless loop. */
const MAX_DELIVERIES = 2_000;
const MINUTE = 60_000;
/** Lambda drops a stream record after this many attempts. The sweep then finds its issue. */
const STREAM_ATTEMPTS = 5;

/**
 * Creates a world with the settings enabled and the external node saved. `sweepInBackground`: the sweep only goes on when
 * the caller moves the clock; without it, the sweep itself moves the clock.
 */
export async function createWorld(
  options: { limits?: Limits; sweepInBackground?: true; retention?: RetentionDays } = {},
): Promise<World> {
  const clock = aClock();
  const interceptor = createCallInterceptor();
  const events: PendingEvent[] = [];
  const failures: unknown[] = [];
  const logLines: string[] = [];

  const { dynamo, history } = createRecordedDynamoDb(interceptor, clock.now);
  const { stream } = history;
  const queue = createFakeQueue({
    now: clock.now,
    around: (carryOut) => interceptor.intercept({ name: 'SQS SendMessage', kind: 'WRITE' }, carryOut),
  });
  const workQueue = createWorkQueue({ sqs: queue.sqs, queueUrl: 'https://queue.invalid' });

  const post: Post = (_url, headers, body) =>
    new Promise((resolve) => {
      events.push({
        headers,
        body,
        answer: (status) => resolve(status === undefined ? undefined : { status, body: '' }),
      });
    });
  const tenant = createTenant({
    clock,
    post,
    // The ids of people depend on the app's id, so every world has the same people.
    appId: 'cli_0123456789abcdef',
    eventUrl: 'https://webhook.invalid',
    ...(options.limits && { limits: options.limits }),
  });
  const oaApprovals: World['oaApprovals'] = new Map();
  const oa = createOa({
    clock,
    nodeId: NODE.nodeId,
    post: ({ nodeId, messageId, body }) =>
      new Promise((resolve) => {
        const signed = signMessage([OA_SECRET], { id: messageId, at: clock.date(), body });
        events.push({ headers: signed ?? {}, body, nodeId, answer: resolve });
      }),
  });
  const toOa = transportTo(oa, clock.advance);
  const oaTransport: Transport = (request) =>
    interceptor.intercept(
      { name: `OA ${request.method} ${new URL(request.url).pathname}`, kind: 'WRITE' },
      () =>
        toOa(request).finally(() => {
          for (const approval of oa.approvals.values()) oaApprovals.set(approval.id, approval);
        }),
    );
  const feishu = {
    baseUrl: 'https://feishu.invalid',
    fetch: createFeishuFetch({
      tenant,
      interceptor,
      sleep: clock.advance,
      onCancelWithoutLook: (instanceCode) => void world.cancelsWithoutLook.push(instanceCode),
      onCanceled: (instanceCode) => void world.canceled.add(instanceCode),
    }),
    now: clock.now,
    sleep: clock.advance,
    credentials: () => Promise.resolve(tenant.app),
  };

  const { documents, tables } = dynamo;
  const tableName = tables.approvalTableName;
  const place = { documents, tableName };
  const receive = createWebhook(tenant, place, workQueue);
  const receiveFromOa = createOaWebhook(place, workQueue, clock.date);

  /** A container caches tokens and people. A new one replaces a killed one. */
  const startContainer = (): HintHandling =>
    withChannels({
      store: createDynamoStore(documents, tables),
      pacer: createDynamoPacer(documents, tableName),
      forms: createDynamoFormMemories(documents, tableName),
      feishu: createFeishuGateway(feishu),
      oa: gatewayTo(oaTransport, clock.date),
      queue: workQueue,
      readSettings: () => readFeishuSettings(documents, tableName),
      now: clock.date,
      newId: randomUUID,
      sleep: clock.advance,
      ...(options.retention && { retention: options.retention }),
      log: (happening: string, about: object) =>
        void logLines.push(`${happening} ${Object.values(about).join(' ')}`),
    });
  let container = startContainer();
  const sweeping: CallingUp = {
    documents,
    tables,
    queue: workQueue,
    pacer: createDynamoPacer(documents, tableName),
    now: clock.date,
    sleep: options.sweepInBackground
      ? (ms) => new Promise<void>((resolve) => void clock.after(ms, resolve))
      : clock.advance,
  };
  /** A second worker. It must not wait for a token that the first one has requested. */
  const secondWorker = startContainer();
  let lastMessage: Message | undefined;
  let streamAttempts = 0;

  async function handle(
    message: Message,
    worker: HintHandling,
  ): Promise<HandlerResult<{ waitSeconds?: number }>> {
    const ended = await interceptor.runHandler(async () => handleHint(parseHint(message.body), worker));
    if (ended.kind === 'KILLED') container = startContainer();
    if (ended.kind === 'FAILED') failures.push(ended.error);
    return ended;
  }

  const world: World = {
    clock,
    interceptor,
    ...history,
    dynamo,
    queue,
    tenant,
    oa,
    oaApprovals,
    events,
    failures,
    logLines,
    hintsLost: false,
    workersOverlapped: false,
    canceled: new Set(),
    commentsOff: false,
    withdrawnByPeople: new Map(),
    closedByLimit: new Set(),
    limitLifted: new Set(),
    refusalsExpected: false,
    cancelsWithoutLook: [],

    async deliverHint() {
      const message = queue.receive();
      if (!message) return false;
      lastMessage = message;
      const ended = await handle(message, container);
      finishMessage(queue, message, ended);
      return true;
    },

    async deliverHintAgain() {
      if (lastMessage) await handle(lastMessage, secondWorker);
    },

    async deliverChange() {
      const [record] = stream;
      if (!record) return false;
      const ended = await interceptor.runHandler(() =>
        watchRecord(record, { queue: workQueue, counter: noCounter, logger: silentLogger }),
      );
      if (ended.kind === 'FAILED') failures.push(ended.error);
      streamAttempts += 1;
      if (ended.kind === 'DONE' || streamAttempts >= STREAM_ATTEMPTS) {
        world.hintsLost ||= ended.kind !== 'DONE';
        stream.splice(stream.indexOf(record), 1);
        streamAttempts = 0;
      }
      return true;
    },

    async deliverEvent(index = 0) {
      const [event] = events.splice(index % Math.max(1, events.length), 1);
      if (!event) return false;
      if (event.nodeId !== undefined) return deliverOaEvent(event, event.nodeId);
      const ended = await interceptor.runHandler(() => receive(event.headers, event.body));
      event.answer(ended.kind === 'DONE' ? ended.value : undefined);
      // Lets the sender in the simulator receive the answer and send its next event.
      await turn();
      return true;
    },

    async sweep() {
      const ended = await interceptor.runHandler(async () => {
        const { due, hinted } = await sweep(sweeping);
        return due + hinted + (await callWaiting(sweeping));
      });
      if (ended.kind === 'FAILED') failures.push(ended.error);
      return ended.kind === 'DONE' ? ended.value : 1;
    },

    async drain() {
      for (let deliveries = 0; deliveries < MAX_DELIVERIES; deliveries++) {
        if (!((await world.deliverChange()) || (await world.deliverEvent()) || (await world.deliverHint())))
          return;
      }
      throw new Error('endless loop: deliveries never come to an end');
    },

    async rest(hours) {
      const end = clock.now() + hours * 60 * MINUTE;
      for (let waits = 0; waits < MAX_DELIVERIES; waits++) {
        await world.drain();
        const due = nextDue();
        const next = Math.min(
          queue.nextAt() ?? Number.POSITIVE_INFINITY,
          clock.nextAt() ?? Number.POSITIVE_INFINITY,
          due ?? Number.POSITIVE_INFINITY,
        );
        if (next > end) {
          await clock.advance(Math.max(0, end - clock.now()));
          if ((await world.sweep()) === 0) return;
          await clock.advance(MINUTE);
          continue;
        }
        await clock.advance(Math.max(0, next - clock.now()));
        if (due !== undefined && due <= clock.now()) await world.sweep();
      }
      throw new Error('endless loop: something is always due');
    },

    async settings() {
      const settings = await readFeishuSettings(documents, tableName);
      if (!settings) throw new Error('the world starts with settings');
      return settings;
    },
    async saveSettings(change) {
      const before = await world.settings();
      const saved = { ...before, ...change, revision: before.revision + 1 };
      await documents.send(new PutCommand({ TableName: tableName, Item: { ...settingsKey, ...saved } }));
      await interceptor.runHandler(async () =>
        resumeApprovals(await readDueRounds(place), saved.revision, { ...place, queue: workQueue }),
      );
    },
    async saveNode(configured) {
      const needed = world.rounds().some((round) => isLive(round) && round.channel === 'EXTERNAL');
      if (configured) await documents.send(new PutCommand({ TableName: tableName, Item: nodeItem() }));
      else if (!needed) {
        await documents.send(new DeleteCommand({ TableName: tableName, Key: externalNodeKey(NODE.nodeId) }));
      }
    },
    rounds: () =>
      dynamo
        .items('approvals')
        .filter((item) => item.generation !== undefined)
        .map((item) => roundSchema.parse(unmarshall(item))),
    roundsOf: (issueId) => readAllRounds({ documents, tableName, issueId }),
  };

  /** Delivers an event of the OA. */
  async function deliverOaEvent({ headers, body, answer }: PendingEvent, nodeId: string): Promise<true> {
    const ended = await interceptor.runHandler(() => receiveFromOa(nodeId, headers, body));
    answer(ended.kind === 'DONE' ? ended.value : undefined);
    await turn();
    return true;
  }

  /** The next minute at which the sweep finds a round due. */
  function nextDue(): number | undefined {
    const times = dynamo.items('approvals').flatMap((item) => {
      const checkAfter = item.due && item.checkAfter?.S;
      if (!checkAfter) return [];
      const waits = isInLine({ checkAfter }) || isCalledUp({ checkAfter });
      return [waits ? clock.now() + 1 : Date.parse(checkAfter)];
    });
    if (times.length === 0) return undefined;
    return Math.max(clock.now(), Math.ceil(Math.min(...times) / MINUTE) * MINUTE);
  }

  const settings = await enabledSettings(feishu, tenant.app.appId, clock.date());
  await documents.send(new PutCommand({ TableName: tableName, Item: { ...settingsKey, ...settings } }));
  await documents.send(new PutCommand({ TableName: tableName, Item: nodeItem() }));
  tenant.control.resetCalls();
  return world;
}
