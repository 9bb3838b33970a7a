import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { findIssue } from '../../functions/receive-feishu-events/find-issue.ts';
import { watchRecord } from '../../functions/watch-issues/watch-record.ts';
import { NOTHING_KNOWN } from '../../shared/approval/channels/feishu/form-memory.ts';
import { type HintHandling, handleHint } from '../../shared/approval/handle-hint.ts';
import type { WorkQueue } from '../../shared/approval/plan/hint.ts';
import { createDynamoStore } from '../../shared/approval/store/dynamo-store.ts';
import { createDynamoPacer } from '../../shared/approval/store/pacing.ts';
import { sweep } from '../../shared/approval/sweep.ts';
import { parseHint } from '../../shared/approval/work-queue.ts';
import type { IssueRecord } from '../../shared/issue/record.ts';
import { AppError } from '../../shared/runtime/errors.ts';
import { noCounter } from '../../shared/runtime/metrics.ts';
import { readFeishuSettings } from '../../shared/settings/settings-store.ts';
import { createFakeDynamoDb } from '../simulation/dynamodb/fake-dynamodb.ts';
import { withChannels } from '../support/with-channels.ts';
import { createGateway, DEFINITION, type SmallFeishu } from './feishu.ts';
import { firstRecord, type Image, imageOf, recordOf } from './frabit.ts';
import { keepForRedelivery } from './handled-hints.ts';
import { createRules, type Rules } from './rules.ts';
import { type FeishuEvent, headOf, type Message, START, type State } from './state.ts';
import {
  APP,
  approvalIdOf,
  changeOf,
  instanceCodeIn,
  issueIn,
  noOa,
  settingsItem,
  streamRecordOf,
} from './world-parts.ts';

/**
 * The product's own code between tables, a queue and a Feishu that are plain data. A search restores a state,
 * performs one action, and captures the state after it.
 */
export interface SmallWorld {
  /** Starts again with a new issue. */
  reset(isBellOnly: boolean): Promise<State>;
  restore(state: State): void;
  capture(): State;
  /** Rules that were broken since the last `restore`. */
  violations(): readonly string[];
  readonly feishu: SmallFeishu;
  /** Returns the present time in the form of Feishu's timeline. */
  at(): string;
  record(): IssueRecord;
  /** Writes the whole record, as Frabit does. */
  write(record: IssueRecord): Promise<void>;
  /** Passes the oldest change of the Issues table to watch-issues. */
  deliver(): Promise<void>;
  /** Passes the event to the webhook. Feishu keeps the event. */
  receive(event: FeishuEvent): Promise<void>;
  lose(event: FeishuEvent): void;
  redeliver(message: Message): void;
  /** Returns the message that the worker receives next. */
  head(): Message | undefined;
  /** Passes that message to the worker. Calls `beforeEffect` before each write, call or message of the worker. */
  work(beforeEffect?: (effect: Effect) => Promise<void> | void): Promise<void>;
  sweep(): Promise<void>;
  pass(to: number): void;
}

export interface Effect {
  what: string;
  /** True for a write to the issue, a create and a cancel: they rely on what was read before. */
  isCritical: boolean;
}

const EMPTY: State = {
  tables: { issues: [], approvals: [], sequence: 0 },
  stream: [],
  queue: [],
  handled: [],
  sentIds: [],
  events: [],
  instances: [],
  history: {},
  rungStage: null,
  unaskedArrivals: {},
  now: START,
};
/** A deduplication id of the sweep contains the minute. */
const MINUTE_MS = 60_000;
const SILENT = { info() {}, warn() {}, error() {}, debug() {} };

export function createSmallWorld(): SmallWorld {
  const { tables: _, ...nothing } = EMPTY;
  const current: { -readonly [K in keyof typeof nothing]: State[K] } = { ...nothing };
  let beforeEffect: ((effect: Effect) => Promise<void> | void) | undefined;
  let isOurs = false;
  const now = () => new Date(current.now);
  const rules: Rules = createRules(
    current,
    () => dynamo.items('approvals'),
    () => world.record(),
  );

  /** Runs one effect. While the hook before it runs, effects are not the worker's. */
  async function runEffect<T>(what: string, kind: 'READ' | 'WRITE', run: () => T): Promise<T> {
    const hook = isOurs && kind === 'WRITE' ? beforeEffect : undefined;
    if (hook) {
      isOurs = false;
      await hook({ what, isCritical: CRITICAL.has(what) });
      isOurs = true;
    }
    try {
      const result = run();
      if (kind === 'READ' && isOurs) reportRead(result);
      return result;
    } finally {
      if (kind === 'WRITE') takeChanges();
    }
  }

  function reportRead(result: unknown) {
    const image = issueIn(result);
    if (image) rules.onRead(recordOf(image));
    const card = current.instances.find(({ code }) => code === instanceCodeIn(result));
    if (card) rules.onLook(card);
  }

  const dynamo = createFakeDynamoDb({
    around: (call, run) => runEffect(call.operation, call.kind, run),
    onApproval: rules.onApproval,
  });
  function takeChanges() {
    for (const record of dynamo.takeIssueChanges()) {
      current.stream = [...current.stream, changeOf(record)];
      const { OldImage: before, NewImage: after } = record.dynamodb ?? {};
      if (after) rules.onIssue(before as Image | undefined, after as Image, isOurs);
    }
    rules.check();
  }

  const { documents, tables } = dynamo;
  const place = { documents, tableName: tables.approvalTableName };
  const feishu: SmallFeishu = current as SmallFeishu;
  const queue: WorkQueue = {
    send: (hint, deduplicationId) =>
      runEffect('SendMessage', 'WRITE', () => {
        if (hint.kind === 'DUE') {
          if (current.sentIds.includes(deduplicationId)) return;
          current.sentIds = [...current.sentIds, deduplicationId];
        }
        const group = hint.kind === 'UNKNOWN_INSTANCE' ? hint.instanceCode : hint.issueId;
        current.queue = [...current.queue, { group, body: JSON.stringify(hint), visibleAt: current.now }];
      }),
  };
  const handling: HintHandling = withChannels({
    store: createDynamoStore(documents, tables),
    pacer: createDynamoPacer(documents, tables.approvalTableName),
    // Form memories are left out: this Feishu accepts every card.
    forms: { read: async () => NOTHING_KNOWN, learn: async () => {} },
    feishu: createGateway(
      feishu,
      () => now().toISOString(),
      (what, kind, run) => runEffect(`Feishu ${what}`, kind, run),
    ),
    oa: noOa,
    queue,
    readSettings: () => readFeishuSettings(documents, tables.approvalTableName),
    now,
    newId: () =>
      approvalIdOf(dynamo.items('approvals').filter(({ pk }) => pk?.S?.startsWith('APPROVAL#')).length + 1),
    sleep: async (milliseconds: number) => {
      current.now += milliseconds;
    },
    log: () => {},
  });

  const without = (message: Message) => current.queue.filter((one) => one !== message);

  const world: SmallWorld = {
    feishu,
    at: () => now().toISOString(),
    async reset(isBellOnly) {
      world.restore(EMPTY);
      await documents.send(new PutCommand({ TableName: tables.approvalTableName, Item: settingsItem() }));
      await world.write(firstRecord(isBellOnly));
      return world.capture();
    },
    restore({ tables: stored, ...rest }) {
      dynamo.restore(stored);
      Object.assign(current, rest);
      rules.forget();
      isOurs = false;
    },
    capture: () => ({ tables: dynamo.snapshot(), ...current }),
    violations: () => rules.violations(),
    record: () => recordOf(dynamo.items('issues')[0] ?? {}),
    async write(record) {
      await documents.send(new PutItemCommand({ TableName: tables.issueTableName, Item: imageOf(record) }));
    },
    async deliver() {
      const [change, ...others] = current.stream;
      if (!change) return;
      await watchRecord(streamRecordOf(change), { queue, counter: noCounter, logger: SILENT });
      current.stream = others;
    },
    async receive(event) {
      const { uuid, eventId, instanceCode, about, status } = event;
      const received = { eventId, instanceCode, about, status, appId: APP, definitionCode: DEFINITION };
      const hint = await findIssue({ ...received, ...(uuid && { instanceUuid: uuid }) }, place);
      if (hint) await queue.send(hint, eventId);
    },
    lose(event) {
      current.events = current.events.filter((one) => one !== event);
    },
    redeliver(message) {
      current.queue = [...current.queue, { ...message, visibleAt: current.now }];
    },
    head: () => headOf(current),
    async work(hook) {
      const message = world.head();
      if (!message) return;
      beforeEffect = hook;
      isOurs = true;
      try {
        const { waitSeconds } = await handleHint(parseHint(message.body), handling);
        await runEffect('delete the message', 'WRITE', () => {});
        if (waitSeconds === undefined) {
          current.queue = without(message);
          current.handled = keepForRedelivery(current.handled, message);
        } else hide(message, waitSeconds);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'STALE')
          rules.report('a worker run fails only with STALE', String(error));
        hide(message, 1);
      } finally {
        beforeEffect = undefined;
        isOurs = false;
      }
    },
    sweep: async () => {
      await sweep({ documents, tables, queue, now });
    },
    pass(to) {
      if (to - current.now >= MINUTE_MS) current.sentIds = [];
      current.now = to;
    },
  };
  function hide(message: Message, seconds: number) {
    const hidden = { ...message, visibleAt: current.now + Math.ceil(seconds) * 1_000 };
    current.queue = current.queue.map((one) => (one === message ? hidden : one));
  }

  return world;
}

const CRITICAL = new Set(['UpdateItem', 'TransactWriteItems', 'Feishu create', 'Feishu cancel']);
