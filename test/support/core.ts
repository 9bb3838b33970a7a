import { randomUUID } from 'node:crypto';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { type FeishuSimulator, startFeishuSimulator } from '../../infra/local/simulators/feishu/server.ts';
import { createOa, type Oa } from '../../infra/local/simulators/oa/oa.ts';
import type { ChannelServices } from '../../shared/approval/channels/channel-services.ts';
import { createDynamoFormMemories } from '../../shared/approval/channels/feishu/form-memory-store.ts';
import { type HintHandling, handleHint } from '../../shared/approval/handle-hint.ts';
import type { Hint, WorkQueue } from '../../shared/approval/plan/hint.ts';
import type { Round } from '../../shared/approval/plan/round.ts';
import { createDynamoStore } from '../../shared/approval/store/dynamo-store.ts';
import { createDynamoPacer } from '../../shared/approval/store/pacing.ts';
import { createFeishuGateway } from '../../shared/feishu/client.ts';
import type { IssueRecord } from '../../shared/issue/record.ts';
import { readImage } from '../../shared/runtime/attribute-values.ts';
import type { ExternalNode } from '../../shared/settings/external-nodes.ts';
import type { FeishuSettings } from '../../shared/settings/settings.ts';
import { readFeishuSettings } from '../../shared/settings/settings-store.ts';
import { externalNodeKey, settingsKey } from '../../shared/tables/approval-keys.ts';
import { aClock, type ManualClock } from './clock.ts';
import { enabledSettings } from './enabled-settings.ts';
import { recordText } from './log-scan-record.ts';
import { gatewayTo, NODE, nodeItem, transportTo } from './oa.ts';
import { type Rang, ringInChange } from './ring-in-change.ts';
import type { TestDatabase } from './test-database.ts';
import { withChannels } from './with-channels.ts';

/** What the core works with, and what its channels were built from. */
export type CoreWork = HintHandling & ChannelServices;

/**
 * The core with a real database and the simulated Feishu, without queue and streams. A test passes the hints: late,
 * twice or never. The clock stands still until the test moves it.
 */
export interface Core {
  simulator: FeishuSimulator;
  /** The OA behind the node `oa`. It sends no events: a test passes the hints itself. */
  oa: Oa;
  clock: ManualClock;
  work: CoreWork;
  tables: { issueTableName: string; approvalTableName: string };
  documents: TestDatabase['documents'];
  /** Hints that the core itself put on the queue. */
  queued: { hint: Hint; deduplicationId: string }[];
  /** What the core logged. It helps with a failed test, and the log scan reads it too. */
  logged: unknown[];
  /** Writes the record as Frabit does, and reconciles. */
  write(issue: IssueRecord): Promise<void>;
  /** Reads, changes and writes the whole record as Frabit does, with our attributes, and reconciles. */
  edit(issueId: string, change: (issue: IssueRecord) => void): Promise<void>;
  put(item: object): Promise<void>;
  remove(issueId: string): Promise<void>;
  /** Handles a hint; by default a hint of a change, with the last ring that was written. */
  run(issueId: string, ...hints: Hint[]): Promise<{ waitSeconds?: number }>;
  /** Handles the hint of a Feishu event. */
  receiveEvent(
    card: { uuid: string | null; instanceCode: string },
    status: string,
    about?: 'INSTANCE' | 'TASK',
  ): Promise<{ waitSeconds?: number }>;
  /** Handles the hint of an OA event. */
  receiveOaEvent(approvalId: string, nodeId?: string): Promise<{ waitSeconds?: number }>;
  /** Saves the node `oa`, or replaces it by another one. Undefined removes it. */
  saveNode(node: ExternalNode | undefined): Promise<void>;
  /** Reads the record, with what the product wrote back. */
  record(issueId: string): Promise<StoredRecord>;
  rounds(issueId: string): Promise<Round[]>;
  pending(email?: string): ReturnType<FeishuSimulator['control']['inbox']>['pending'];
  /** Returns the first card that waits for a person. Throws if there is none. */
  card(email?: string): ReturnType<Core['pending']>[number];
  saveSettings(settings: FeishuSettings | undefined): Promise<void>;
  settings: FeishuSettings;
  close(): Promise<void>;
}

export interface StoredApproval {
  state: string;
  closeReason?: string;
  triggers: string[];
  generation: number;
  approvalId: string;
  error?: { code: string; message: string };
  decisions: {
    result: string;
    by: { email?: string; userId?: string };
    applied: boolean;
    comment?: string;
    at: string;
  }[];
  requester: { email: string; userId?: string; bot: boolean };
  tasks: Record<string, string>;
  ref?: { instanceCode?: string; externalId?: string };
  form?: string;
  channel: string;
}

export type StoredRecord = IssueRecord & {
  stageApprovals?: Record<string, StoredApproval>;
  stepApprovals?: Record<string, StoredApproval>;
  approvedTasks?: Record<string, Record<string, string>>;
  approvalHold?: string;
  approvalError?: { code: string; message: string; at: string };
};

export const ISSUE = 'issue-1';
export const ASSIGNEE = 'assignee@example.com';

/** Less than the product's, because some tests let a call run into it. */
const CALL_TIMEOUT_MS = 3_000;

export async function aCore(
  database: TestDatabase,
  options: { change?: (work: ChannelServices & Omit<HintHandling, 'channels'>) => Partial<CoreWork> } = {},
): Promise<Core> {
  const clock = aClock();
  const simulator = await startFeishuSimulator({ clock });
  const oa = createOa({ clock, nodeId: NODE.nodeId });
  const tables = await database.createTables();
  const { documents, client } = database;
  const { issueTableName, approvalTableName } = tables;
  const feishu = {
    baseUrl: simulator.url,
    now: clock.now,
    sleep: () => Promise.resolve(),
    credentials: () => Promise.resolve(simulator.app),
  };
  const settings = await enabledSettings(feishu, simulator.app.appId, clock.date());
  simulator.control.resetCalls();
  const queued: Core['queued'] = [];
  const queue: WorkQueue = {
    send: (hint, deduplicationId) => {
      queued.push({ hint, deduplicationId });
      return Promise.resolve();
    },
  };
  const logged: unknown[] = [];
  const plain: ChannelServices & Omit<HintHandling, 'channels'> = {
    store: createDynamoStore(documents, tables),
    pacer: createDynamoPacer(documents, approvalTableName),
    forms: createDynamoFormMemories(documents, approvalTableName),
    feishu: createFeishuGateway({ ...feishu, timeoutMs: CALL_TIMEOUT_MS }),
    oa: gatewayTo(transportTo(oa, clock.advance), clock.date),
    queue,
    readSettings: () => readFeishuSettings(documents, approvalTableName),
    now: clock.date,
    newId: randomUUID,
    sleep: clock.advance,
    log: (happening, about) => {
      logged.push({ happening, ...about });
      recordText('logged', `${JSON.stringify({ happening, ...about })}\n`);
    },
  };
  const work: CoreWork = withChannels({ ...plain, ...options.change?.(plain) });
  /** By issue. */
  const rung = new Map<string, Rang>();
  const readItem = async (issueId: string) => {
    const Key = { issueId: { S: issueId } };
    return (await client.send(new GetItemCommand({ TableName: issueTableName, Key, ConsistentRead: true })))
      .Item;
  };

  const core: Core = {
    simulator,
    oa,
    clock,
    work,
    documents,
    tables,
    queued,
    logged,
    settings,
    async write(issue) {
      await core.put(issue);
      await core.run(issue.issueId);
    },
    async edit(issueId, change) {
      const record = await core.record(issueId);
      change(record);
      await core.write(record);
    },
    async put(item) {
      const after = marshall(item, { removeUndefinedValues: true });
      const issueId = after.issueId?.S ?? '';
      const rang = await ringInChange(await readItem(issueId), after);
      if (rang) rung.set(issueId, rang);
      await client.send(new PutItemCommand({ TableName: issueTableName, Item: after }));
    },
    async remove(issueId) {
      await documents.send(new DeleteCommand({ TableName: issueTableName, Key: { issueId } }));
      await core.run(issueId);
    },
    run: (issueId, ...hints) =>
      handleHint(
        hints[0] ?? { kind: 'RECORD_CHANGED', issueId, triggers: [], rang: rung.get(issueId) },
        work,
      ),
    async receiveEvent(card, status, about = 'INSTANCE') {
      const pointer = await work.store.findIssue({ approvalId: card.uuid ?? '' });
      if (!pointer) throw new Error('the card belongs to no approval');
      return handleHint(
        {
          kind: 'FEISHU_EVENT',
          ...pointer,
          eventId: randomUUID(),
          appId: simulator.app.appId,
          definitionCode: settings.definitionCode,
          instanceCode: card.instanceCode,
          about,
          status,
        },
        work,
      );
    },
    async receiveOaEvent(approvalId, nodeId = NODE.nodeId) {
      const pointer = await work.store.findIssue({ approvalId });
      if (!pointer) throw new Error('no approval has this id');
      return handleHint({ kind: 'EXTERNAL_EVENT', ...pointer, nodeId, eventId: randomUUID() }, work);
    },
    async saveNode(node) {
      await (node
        ? documents.send(new PutCommand({ TableName: approvalTableName, Item: nodeItem(node) }))
        : documents.send(
            new DeleteCommand({ TableName: approvalTableName, Key: externalNodeKey(NODE.nodeId) }),
          ));
    },
    async record(issueId) {
      const item = await readItem(issueId);
      if (!item) throw new Error('no such issue');
      // Both the test and the core wrote it with this type.
      return readImage(item) as unknown as StoredRecord;
    },
    rounds: (issueId) => work.store.readAllRounds(issueId),
    pending: (email = ASSIGNEE) => simulator.control.inbox(email).pending,
    card(email) {
      const [card] = core.pending(email);
      if (!card) throw new Error('no card waits');
      return card;
    },
    async saveSettings(changed) {
      await (changed
        ? documents.send(
            new PutCommand({ TableName: approvalTableName, Item: { ...settingsKey, ...changed } }),
          )
        : documents.send(new DeleteCommand({ TableName: approvalTableName, Key: settingsKey })));
    },
    close() {
      oa.close();
      return simulator.close();
    },
  };
  await core.saveSettings(settings);
  await core.saveNode(NODE);
  return core;
}
