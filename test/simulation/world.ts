import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { findApproval } from '../../functions/receive-external-events/find-approval.ts';
import { answerOf as answerToOa } from '../../functions/receive-external-events/http.ts';
import { receiveExternalEvent } from '../../functions/receive-external-events/receive-external-event.ts';
import { watchRecord } from '../../functions/watch-issues/watch-record.ts';
import type { Limits } from '../../infra/local/simulators/feishu/gateway.ts';
import { createTenant, type Tenant } from '../../infra/local/simulators/feishu/tenant.ts';
import type { Post } from '../../infra/local/simulators/kit/post.ts';
import type { OaApprovalRecord } from '../../infra/local/simulators/oa/approvals.ts';
import { createOa, type Oa } from '../../infra/local/simulators/oa/oa.ts';
import { type CallingUp, callWaiting } from '../../shared/approval/call-up.ts';
import { createDynamoFormMemories } from '../../shared/approval/channels/feishu/form-memories.ts';
import { type HintHandling, handleHint } from '../../shared/approval/handle-hint.ts';
import { isCalledUp, isInLine } from '../../shared/approval/plan/line.ts';
import { isLive, type Round, roundSchema } from '../../shared/approval/plan/round.ts';
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
import { LIVE_STATES } from '../../shared/issue/approval-words.ts';
import { readExternalNode } from '../../shared/settings/external-nodes.ts';
import type { FeishuSettings } from '../../shared/settings/settings.ts';
import { readFeishuSettings } from '../../shared/settings/settings-store.ts';
import { externalNodeKey, settingsKey } from '../../shared/tables/keys.ts';
import { aClock, type ManualClock } from '../support/clock.ts';
import { enabledSettings } from '../support/enabled-settings.ts';
import { gatewayTo, NODE, nodeItem, OA_SECRET, transportTo } from '../support/oa.ts';
import { withChannels } from '../support/with-channels.ts';
import { type CallInterceptor, createCallInterceptor, type HandlerResult } from './call-interceptor.ts';
import { createFakeDynamoDb, type FakeDynamoDb } from './dynamodb/fake-dynamodb.ts';
import { createFeishuFetch } from './feishu-fetch.ts';
import { createFakeQueue, type FakeQueue, finishMessage, type Message } from './queue.ts';
import { createWebhook, noMetrics, silentLogger } from './webhook.ts';

/**
 * The whole core on a virtual clock: the product's own handlers, store, queue client, Feishu client and sweep, between
 * an in-memory DynamoDB, an in-memory queue and the simulated tenant. Nothing moves by itself: what Frabit wrote,
 * Feishu sent and the queue holds waits until it is delivered.
 */
export interface World {
  clock: ManualClock;
  interceptor: CallInterceptor;
  dynamo: FakeDynamoDb;
  queue: FakeQueue;
  tenant: Tenant;
  /** Behind the node `oa`. */
  oa: Oa;
  /** All that it was ever asked, as it stood last: it may forget. */
  oaApprovals: Map<string, OaApprovalRecord>;
  /** Changes of the Issues table that watch-issues has not been given yet, in order. */
  stream: DynamoDBRecord[];
  /** Every change of the Issues table, with who made it. */
  changes: IssueChange[];
  events: PendingEvent[];
  /** Failures of handlers that no fault explains. */
  failures: unknown[];
  /** What the core noted. */
  logLines: string[];
  /** Rounds of which a write overwrote another that it did not know. */
  lostUpdates: string[];
  /** Of each round, how many changes of the Issues table there had been when the record was read that it was made from. */
  changesAtOpening: ReadonlyMap<string, number>;
  /** Of each round, the record that its first request was composed from. */
  composedFrom: ReadonlyMap<string, Record<string, AttributeValue>>;
  /** Which command opened a round, and which closed it: the same one where another round follows in one transaction. */
  openingCommand: ReadonlyMap<string, number>;
  closingCommand: ReadonlyMap<string, number>;
  /** Of each closed round, how many changes there had been when it was closed. */
  changesAtClosing: ReadonlyMap<string, number>;
  /** A hint or a change of the Issues table was lost, or given up. */
  hintsLost: boolean;
  /** Reads of our tables that may lag behind. */
  laggingReads: string[];
  /** Two workers were at one issue in the same moment, which the queue's visibility rules out for as long as it holds. */
  workersOverlapped: boolean;
  /** Instances that people took back; true: while we were about to, or might have been. Cancels without a look before. */
  withdrawnByPeople: Map<string, boolean>;
  /** Instances that stood open and that a cancel of ours closed. */
  canceled: Set<string>;
  /** The settings have said at some time that withdrawn cards get no comment. */
  commentsOff: boolean;
  /** Instances that a time limit closed, and those of which it was lifted again. */
  closedByLimit: Set<string>;
  limitLifted: Set<string>;
  /** Feishu was told to refuse calls, or people: what fails for good may fail for that. */
  refusalsExpected: boolean;
  cancelsWithoutLook: string[];
  /** One message of the queue to the worker; false if none can be received now. */
  deliverHint(): Promise<boolean>;
  /** The same message as the last one, to another worker. */
  deliverHintAgain(): Promise<void>;
  /** The waiting changes to watch-issues; what fails stays, as a stream keeps it. */
  deliverChange(): Promise<boolean>;
  /** The oldest waiting event of Feishu, or another one, to the webhook. */
  deliverEvent(index?: number): Promise<boolean>;
  sweep(): Promise<number>;
  /** All that can be delivered at this moment, until nothing is left. */
  drain(): Promise<void>;
  /** Drains and lets time pass, sweeping each minute in which something is due, until nothing is left within so long. */
  rest(hours: number): Promise<void>;
  settings(): Promise<FeishuSettings>;
  saveSettings(changes: Partial<FeishuSettings>): Promise<void>;
  /** Puts the node into the settings, or takes it out where no live round needs it. */
  saveNode(configured: boolean): Promise<void>;
  rounds(): Round[];
  roundsOf(issueId: string): Promise<Round[]>;
}

export interface IssueChange {
  by: 'FRABIT' | 'US';
  at: number;
  issueId: string;
  /** The record as the handler that wrote had read it. */
  read: Record<string, AttributeValue> | undefined;
  before: Record<string, AttributeValue> | undefined;
  after: Record<string, AttributeValue> | undefined;
}

export interface PendingEvent {
  headers: Record<string, string>;
  body: string;
  /** Of an OA, of this node; else of Feishu. */
  nodeId?: string;
  /** The sender is told the status of the answer; undefined: there was none. */
  answer(status: number | undefined): void;
}

/** More deliveries than any story needs: it goes round in circles. */
const MAX_DELIVERIES = 2_000;
const MINUTE = 60_000;
/** Lambda gives a stream record up after so many attempts; the sweep finds its issue. */
const STREAM_ATTEMPTS = 5;

/** `sweepInBackground`: whoever moves the clock moves the sweep on, too; else a sweep lets the time pass that it takes. */
export async function createWorld(
  options: { limits?: Limits; sweepInBackground?: true } = {},
): Promise<World> {
  const clock = aClock();
  const interceptor = createCallInterceptor();
  const stream: DynamoDBRecord[] = [];
  const changes: IssueChange[] = [];
  const events: PendingEvent[] = [];
  const failures: unknown[] = [];
  const logLines: string[] = [];
  const lostUpdates: string[] = [];
  const revisions = new Map<string, number>();
  const changesAtOpening = new Map<string, number>();
  const openingCommand = new Map<string, number>();
  const composedFrom = new Map<string, Record<string, AttributeValue>>();
  const closingCommand = new Map<string, number>();
  let commands = 0;
  const changesAtClosing = new Map<string, number>();
  const laggingReads: string[] = [];

  const dynamo = createFakeDynamoDb({
    around: (call, run) =>
      interceptor.intercept({ name: `DynamoDB ${call.operation}`, kind: call.kind }, () => {
        commands += 1;
        const result = run();
        // The sweep's walk only hints.
        if (call.lags && call.operation !== 'Scan' && interceptor.currentRun())
          laggingReads.push(call.operation);
        if (call.kind === 'READ') noteRead(result);
        else noteChanges();
        return result;
      }),
    onApproval: noteRevision,
  });
  /** What a handler knows of a record: a write of its own may only follow from that. */
  function noteRead(result: unknown) {
    const item = result instanceof Object && 'Item' in result ? result.Item : undefined;
    const image = (item ?? {}) as Record<string, AttributeValue>;
    const run = interceptor.currentRun();
    if (!run || !image.issueId?.S || !image.stages) return;
    run.read.set(image.issueId.S, image);
    run.changesAtRead.set(image.issueId.S, changes.length);
  }
  /** Whoever writes a round writes it from what stands there: its revision grows by one each time. */
  function noteRevision(round: Record<string, AttributeValue>) {
    const { approvalId, issueId, revision, state, attempted } = round;
    if (!approvalId?.S || !revision?.N) return;
    const image = interceptor.currentRun()?.read.get(issueId?.S ?? '');
    if (attempted?.BOOL && image && !composedFrom.has(approvalId.S)) composedFrom.set(approvalId.S, image);
    const isOpen = LIVE_STATES.some((live) => live === state?.S);
    if (!isOpen && !changesAtClosing.has(approvalId.S)) changesAtClosing.set(approvalId.S, changes.length);
    const first = isOpen ? openingCommand : closingCommand;
    if (!first.has(approvalId.S)) first.set(approvalId.S, commands);
    if (!revisions.has(approvalId.S)) {
      changesAtOpening.set(
        approvalId.S,
        interceptor.currentRun()?.changesAtRead.get(issueId?.S ?? '') ?? changes.length,
      );
    }
    const [before, now] = [revisions.get(approvalId.S), Number(revision.N)];
    if (before !== undefined && now !== before && now !== before + 1) lostUpdates.push(approvalId.S);
    revisions.set(approvalId.S, now);
  }
  function noteChanges() {
    for (const record of dynamo.takeIssueChanges()) {
      stream.push(record);
      const { OldImage: before, NewImage: after, Keys } = record.dynamodb ?? {};
      const issueId = Keys?.issueId?.S ?? '';
      changes.push({
        by: interceptor.currentRun() ? 'US' : 'FRABIT',
        at: clock.now(),
        issueId,
        read: interceptor.currentRun()?.read.get(issueId),
        before: before as IssueChange['before'],
        after: after as IssueChange['after'],
      });
    }
  }

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
    // The same people in every world: their ids follow from the app's.
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

  /** A container keeps tokens and people; one that was killed is followed by a fresh one. */
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
  /** A worker beside the first: it must not wait for a token that the first has asked for. */
  const another = startContainer();
  let last: Message | undefined;
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
    dynamo,
    queue,
    tenant,
    oa,
    oaApprovals,
    stream,
    changes,
    events,
    failures,
    logLines,
    lostUpdates,
    changesAtOpening,
    composedFrom,
    openingCommand,
    closingCommand,
    changesAtClosing,
    hintsLost: false,
    laggingReads,
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
      last = message;
      const ended = await handle(message, container);
      finishMessage(queue, message, ended);
      return true;
    },

    async deliverHintAgain() {
      if (last) await handle(last, another);
    },

    async deliverChange() {
      const [record] = stream;
      if (!record) return false;
      const ended = await interceptor.runHandler(() =>
        watchRecord(record, { queue: workQueue, counter: noMetrics, logger: silentLogger }),
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
      // Lets Feishu's sender take the answer in, and send what comes next.
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
      throw new Error('the core goes round in circles: it never comes to rest');
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
      throw new Error('the core never comes to rest: something is due for ever');
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

  /** As `hear`, of an OA. */
  async function deliverOaEvent({ headers, body, answer }: PendingEvent, nodeId: string): Promise<true> {
    const ended = await interceptor.runHandler(() =>
      receiveExternalEvent(
        { nodeId, headers, body: Buffer.from(body) },
        {
          readNode: (id) => readExternalNode(place, id),
          secrets: {
            current: async () => ({ nodes: { [NODE.nodeId]: { signingSecret: OA_SECRET } } }),
            refresh: async () => false,
          },
          findApproval: (approvalId, nodeId) => findApproval(approvalId, nodeId, place),
          queue: workQueue,
          now: clock.date,
          counter: noMetrics,
          logger: silentLogger,
        },
      ),
    );
    answer(ended.kind === 'DONE' ? answerToOa(ended.value).statusCode : undefined);
    await turn();
    return true;
  }

  /** The sweep's next minute in which a round is due. */
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
