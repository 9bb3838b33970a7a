import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { findIssue } from '../../functions/receive-feishu-events/find-issue.ts';
import { watchRecord } from '../../functions/watch-issues/watch-record.ts';
import { NOTHING_KNOWN } from '../../shared/approval/channels/feishu/form-memory.ts';
import { type HintHandling, handleHint } from '../../shared/approval/handle-hint.ts';
import type { WorkQueue } from '../../shared/approval/plan/hint.ts';
import { createDynamoStore } from '../../shared/approval/store/dynamo-store.ts';
import { createDynamoPacer } from '../../shared/approval/store/pacing.ts';
import { sweep } from '../../shared/approval/sweep.ts';
import { parseHint } from '../../shared/approval/work-queue.ts';
import type { OaGateway } from '../../shared/external/gateway.ts';
import { DEFINITION_VERSION } from '../../shared/feishu/definition.ts';
import type { IssueRecord } from '../../shared/issue/record.ts';
import { AppError } from '../../shared/runtime/errors.ts';
import type { FeishuSettings } from '../../shared/settings/settings.ts';
import { readFeishuSettings } from '../../shared/settings/settings-store.ts';
import { settingsKey } from '../../shared/tables/keys.ts';
import { createFakeDynamoDb } from '../simulation/dynamodb/fake-dynamodb.ts';
import { withChannels } from '../support/with-channels.ts';
import { BOT, createGateway, DEFINITION, type SmallFeishu } from './feishu.ts';
import { firstRecord, type Image, imageOf, recordOf } from './frabit.ts';
import { keepPast } from './past.ts';
import { createRules, type Rules } from './rules.ts';
import { type Change, type FeishuEvent, headOf, type Message, START, type State } from './state.ts';

/**
 * The product's own code between tables, a queue and a Feishu that are plain data: it is put into a state, carries out
 * one action, and tells the state after it.
 */
export interface Machine {
  /** Puts it where the issue was just written. */
  reset(isBellOnly: boolean): Promise<State>;
  restore(state: State): void;
  capture(): State;
  /** Everything that has broken a rule since the last `restore`. */
  violations(): readonly string[];
  readonly feishu: SmallFeishu;
  /** Of now, as Feishu's timeline has it. */
  at(): string;
  record(): IssueRecord;
  /** Frabit puts the whole record back. */
  write(record: IssueRecord): Promise<void>;
  /** The oldest change of the Issues table to watch-issues. */
  deliver(): Promise<void>;
  /** The event to the webhook; Feishu still has it afterwards. */
  hear(event: FeishuEvent): Promise<void>;
  lose(event: FeishuEvent): void;
  redrive(message: Message): void;
  /** What the worker would receive now. */
  head(): Message | undefined;
  /** That message to the worker; `meddle` is called before each of its effects that change something. */
  work(meddle?: (effect: Effect) => Promise<void> | void): Promise<void>;
  sweep(): Promise<void>;
  pass(to: number): void;
}

export interface Effect {
  what: string;
  /** It takes what was read for granted: a write to the issue, a create, a cancel. */
  isCritical: boolean;
}

const EMPTY: State = {
  tables: { issues: [], approvals: [], sequence: 0 },
  stream: [],
  queue: [],
  past: [],
  sent: [],
  events: [],
  instances: [],
  history: {},
  rungAt: null,
  spare: {},
  now: START,
};
const APP = 'cli_0123456789abcdef';
/** The sweep's ids are of a minute. */
const MINUTE_MS = 60_000;
const SILENT = { info() {}, warn() {}, error() {}, debug() {} };
const UNCOUNTED = { count() {}, flush() {} };

export function createMachine(): Machine {
  const { tables: _, ...nothing } = EMPTY;
  const live: { -readonly [K in keyof typeof nothing]: State[K] } = { ...nothing };
  let meddle: ((effect: Effect) => Promise<void> | void) | undefined;
  let isOurs = false;
  const now = () => new Date(live.now);
  const rules: Rules = createRules(
    live,
    () => dynamo.items('approvals'),
    () => machine.record(),
  );

  /** Frabit and people may act before each effect of the worker: what they do is no effect of it. */
  async function carryOut<T>(what: string, kind: 'READ' | 'WRITE', run: () => T): Promise<T> {
    const meddler = isOurs && kind === 'WRITE' ? meddle : undefined;
    if (meddler) {
      isOurs = false;
      await meddler({ what, isCritical: CRITICAL.has(what) });
      isOurs = true;
    }
    try {
      const result = run();
      if (kind === 'READ' && isOurs) tellRead(result);
      return result;
    } finally {
      if (kind === 'WRITE') takeChanges();
    }
  }

  function tellRead(result: unknown) {
    const image = issueIn(result);
    if (image) rules.onRead(recordOf(image));
    const card = live.instances.find(({ code }) => code === instanceCodeIn(result));
    if (card) rules.onLook(card);
  }

  const dynamo = createFakeDynamoDb({
    around: (call, run) => carryOut(call.operation, call.kind, run),
    onApproval: rules.onApproval,
  });
  function takeChanges() {
    for (const record of dynamo.takeIssueChanges()) {
      live.stream = [...live.stream, changeOf(record)];
      const { OldImage: before, NewImage: after } = record.dynamodb ?? {};
      if (after) rules.onIssue(before as Image | undefined, after as Image, isOurs);
    }
    rules.check();
  }

  const { documents, tables } = dynamo;
  const place = { documents, tableName: tables.approvalTableName };
  const feishu: SmallFeishu = live as SmallFeishu;
  const queue: WorkQueue = {
    send: (hint, deduplicationId) =>
      carryOut('SendMessage', 'WRITE', () => {
        if (hint.kind === 'DUE') {
          if (live.sent.includes(deduplicationId)) return;
          live.sent = [...live.sent, deduplicationId];
        }
        const group = hint.kind === 'UNKNOWN_INSTANCE' ? hint.instanceCode : hint.issueId;
        live.queue = [...live.queue, { group, body: JSON.stringify(hint), visibleAt: live.now }];
      }),
  };
  const handling: HintHandling = withChannels({
    store: createDynamoStore(documents, tables),
    pacer: createDynamoPacer(documents, tables.approvalTableName),
    // What a tenant takes is another world: here it takes every card.
    forms: { read: async () => NOTHING_KNOWN, learn: async () => {} },
    feishu: createGateway(
      feishu,
      () => now().toISOString(),
      (what, kind, run) => carryOut(`Feishu ${what}`, kind, run),
    ),
    oa: unreachable,
    queue,
    readSettings: () => readFeishuSettings(documents, tables.approvalTableName),
    now,
    newId: () =>
      idOf(dynamo.items('approvals').filter(({ pk }) => pk?.S?.startsWith('APPROVAL#')).length + 1),
    sleep: async (milliseconds: number) => {
      live.now += milliseconds;
    },
    log: () => {},
  });

  const without = (message: Message) => live.queue.filter((one) => one !== message);

  const machine: Machine = {
    feishu,
    at: () => now().toISOString(),
    async reset(isBellOnly) {
      machine.restore(EMPTY);
      await documents.send(new PutCommand({ TableName: tables.approvalTableName, Item: settingsItem() }));
      await machine.write(firstRecord(isBellOnly));
      return machine.capture();
    },
    restore({ tables: stored, ...rest }) {
      dynamo.restore(stored);
      Object.assign(live, rest);
      rules.forget();
      isOurs = false;
    },
    capture: () => ({ tables: dynamo.snapshot(), ...live }),
    violations: () => rules.violations(),
    record: () => recordOf(dynamo.items('issues')[0] ?? {}),
    async write(record) {
      await documents.send(new PutItemCommand({ TableName: tables.issueTableName, Item: imageOf(record) }));
    },
    async deliver() {
      const [change, ...others] = live.stream;
      if (!change) return;
      await watchRecord(recordAt(change), { queue, counter: UNCOUNTED, logger: SILENT });
      live.stream = others;
    },
    async hear(event) {
      const { uuid, eventId, instanceCode, about, status } = event;
      const spoken = { eventId, instanceCode, about, status, appId: APP, definitionCode: DEFINITION };
      const hint = await findIssue({ ...spoken, ...(uuid && { instanceUuid: uuid }) }, place);
      if (hint) await queue.send(hint, eventId);
    },
    lose(event) {
      live.events = live.events.filter((one) => one !== event);
    },
    redrive(message) {
      live.queue = [...live.queue, { ...message, visibleAt: live.now }];
    },
    head: () => headOf(live),
    async work(meddler) {
      const message = machine.head();
      if (!message) return;
      meddle = meddler;
      isOurs = true;
      try {
        const { waitSeconds } = await handleHint(parseHint(message.body), handling);
        await carryOut('delete the message', 'WRITE', () => {});
        if (waitSeconds === undefined) {
          live.queue = without(message);
          live.past = keepPast(live.past, message);
        } else hide(message, waitSeconds);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'STALE')
          rules.report('a handler fails', String(error));
        hide(message, 1);
      } finally {
        meddle = undefined;
        isOurs = false;
      }
    },
    sweep: async () => {
      await sweep({ documents, tables, queue, now });
    },
    pass(to) {
      if (to - live.now >= MINUTE_MS) live.sent = [];
      live.now = to;
    },
  };
  function hide(message: Message, seconds: number) {
    const hidden = { ...message, visibleAt: live.now + Math.ceil(seconds) * 1_000 };
    live.queue = live.queue.map((one) => (one === message ? hidden : one));
  }

  return machine;
}

/** What a read returned, if it is the issue record. */
function issueIn(result: unknown): Image | undefined {
  const item = result instanceof Object && 'Item' in result ? result.Item : undefined;
  return item instanceof Object && 'stages' in item ? (item as unknown as Image) : undefined;
}

/** What a read returned, if it is an instance. */
const instanceCodeIn = (result: unknown): unknown =>
  result instanceof Object && 'instanceCode' in result ? result.instanceCode : undefined;

const CRITICAL = new Set(['UpdateItem', 'TransactWriteItems', 'Feishu create', 'Feishu cancel']);

function changeOf({ eventID: _, dynamodb = {}, ...rest }: DynamoDBRecord): Change {
  const { SequenceNumber: position = '', ...images } = dynamodb;
  return { position, record: { ...rest, dynamodb: images } };
}

const recordAt = ({ position, record }: Change): DynamoDBRecord => ({
  ...record,
  eventID: position,
  dynamodb: { ...record.dynamodb, SequenceNumber: position },
});

/** An approvalId that follows from how many there are, so that every order of events draws the same. */
const idOf = (count: number): string => `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;

const noOa = () => Promise.reject(new Error('this world has no OA'));
const unreachable: OaGateway = { create: noOa, read: noOa, cancel: noOa };

const settingsItem = () =>
  ({
    ...settingsKey,
    enabled: true,
    appId: APP,
    domain: 'feishu',
    bot: { openId: BOT, name: 'Frabit' },
    definitionCode: DEFINITION,
    definitions: {
      [APP]: { code: DEFINITION, version: DEFINITION_VERSION, createdAt: '2026-03-01T08:00:00.000Z' },
    },
    enabledAt: '2026-03-01T08:00:00.000Z',
    revision: 1,
  }) satisfies FeishuSettings & typeof settingsKey;
