import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { formMemorySchema } from '../../../../shared/approval/channels/feishu/form-memory.ts';
import { createDynamoFormMemories } from '../../../../shared/approval/channels/feishu/form-memory-store.ts';
import { type IssueMemory, issueMemorySchema } from '../../../../shared/approval/plan/issue-memory.ts';
import { ledgerSchema } from '../../../../shared/approval/plan/pace-policy.ts';
import { type Round, roundSchema } from '../../../../shared/approval/plan/round.ts';
import { createDynamoPacer } from '../../../../shared/approval/store/pacing.ts';
import type { SentRequest } from '../../../../shared/approval/store/store.ts';
import { sweep } from '../../../../shared/approval/sweep.ts';
import { SCHEMA } from '../../../../shared/runtime/stored-items.ts';
import {
  externalNodeSchema,
  readExternalNode,
  readExternalNodes,
  writeExternalNode,
} from '../../../../shared/settings/external-nodes.ts';
import { feishuSettingsSchema } from '../../../../shared/settings/settings.ts';
import { lockSettings } from '../../../../shared/settings/settings-lock.ts';
import { readFeishuSettings, switchOff } from '../../../../shared/settings/settings-store.ts';
import { createWebhookLog, fingerprintOf } from '../../../../shared/settings/webhook-log.ts';
import {
  approvalPointerKey,
  externalNodeKey,
  formMemoryKey,
  memoryKey,
  PARTITIONS,
  requestKey,
  roundKey,
  settingsKey,
} from '../../../../shared/tables/approval-keys.ts';
import { anIssue } from '../../../support/issue.ts';
import { UNKNOWN_ROUNDS } from '../../../support/newer-version.ts';
import { NODE } from '../../../support/oa.ts';
import { aRound, SETTINGS } from '../../../support/round.ts';
import { aSlotRequest } from '../../../support/slot-request.ts';
import { NEWER, sampleOf, withNewerMembers } from '../../../support/stored-schemas.ts';
import { aStorePlace, type MakePlace } from './place.ts';

const NOW = new Date('2026-03-01T09:00:00.000Z');
/** Members that a newer version adds to its items. */
const ITEM = { schema: SCHEMA + 6, ...NEWER };
const MEMORY: IssueMemory = { issueId: 'issue-1', stageId: 'stage-1', arrival: 1, bellSeq: 0, life: 0 };

async function aScene(makePlace: MakePlace) {
  const at = await aStorePlace(makePlace);
  const { documents, tables } = at;
  const place = { documents, tableName: tables.approvalTableName };
  return {
    ...at,
    place,
    async put(Item: object) {
      await documents.send(new PutCommand({ TableName: place.tableName, Item: { ...Item } }));
    },
    async item({ pk, sk }: { pk: string; sk: string }) {
      const Key = { pk, sk };
      const { Item } = await documents.send(
        new GetCommand({ TableName: place.tableName, Key, ConsistentRead: true }),
      );
      return Item;
    },
  };
}

const newer = (schema: Parameters<typeof sampleOf>[0], value: unknown): object =>
  Object(withNewerMembers(schema, value));

/** docs/lessons.md 51 for each kind of item: it is read, changed and written, and keeps newer members. */
export function describeRollback(makePlace: MakePlace): void {
  describe('docs/lessons.md 51: what a newer version wrote is kept', () => {
    it('in a round, at every level, with its schema version', async () => {
      const { store, put, item } = await aScene(makePlace);
      const whole = roundSchema.parse(sampleOf(roundSchema));
      const round = { ...whole, issueId: 'issue-1' };
      const stands = { ...newer(roundSchema, round), ...ITEM, ...roundKey(round), due: 'DUE' };
      await put(stands);
      const [read] = (await store.read('issue-1')).rounds;
      if (!read) throw new Error('the round is read');
      for (const name of ['pk', 'sk', 'due']) expect(read).not.toHaveProperty(name);
      await store.save(read, { ...read, looks: 9 });
      expect(await item(roundKey(round))).toEqual({ ...stands, looks: 9, revision: round.revision + 1 });
    });

    it('in a round that is closed when the next one is opened', async () => {
      const { store, put, item } = await aScene(makePlace);
      const before = aRound();
      const stands = { ...newer(roundSchema, before), ...ITEM, ...roundKey(before), due: 'DUE' };
      await put(stands);
      const [read] = (await store.read('issue-1')).rounds;
      if (!read) throw new Error('the round is read');
      const next = aRound({ generation: 2 });
      await store.open(next, { before: read, after: { ...read, state: 'WITHDRAWN' } });
      expect(await item(roundKey(before))).toEqual({ ...stands, state: 'WITHDRAWN', revision: 4 });
      expect(await item(roundKey(next))).toEqual({ ...next, ...roundKey(next), due: 'DUE', schema: SCHEMA });
      expect(await item(approvalPointerKey(next.approvalId))).toMatchObject({ schema: SCHEMA });
    });

    it('in the issue memory', async () => {
      const { store, put, item } = await aScene(makePlace);
      const stands = { ...newer(issueMemorySchema, MEMORY), ...ITEM, ...memoryKey('issue-1') };
      await put(stands);
      const { memory } = await store.read('issue-1');
      if (!memory) throw new Error('the memory is read');
      await store.remember({ ...memory, arrival: 2 }, memory);
      expect(await item(memoryKey('issue-1'))).toEqual({ ...stands, arrival: 2 });
    });

    it('beside a stored request', async () => {
      const { store, put, item } = await aScene(makePlace);
      const round = aRound({ revision: 0 });
      await store.open(round);
      const key = requestKey(round.approvalId);
      await put({ ...key, ...ITEM, body: new Uint8Array([1]) });
      await store.save(round, round, A_REQUEST);
      expect(await item(key)).toMatchObject(ITEM);
      expect(await store.readRequest(round.approvalId)).toEqual(A_REQUEST);
    });

    it('in the ledger of the pacer, which continues', async () => {
      const { place, put, item } = await aScene(makePlace);
      const key = { pk: 'PACE#cli_a#create', sk: 'PACE' };
      const ledger = newer(ledgerSchema, { tat: 0, heldUntil: 0 });
      await put({ ...key, ...ITEM, ledger });
      const pacer = createDynamoPacer(place.documents, place.tableName);
      await pacer.reserve('cli_a', 'create', aSlotRequest(NOW));
      await pacer.reserve('cli_a', 'create', aSlotRequest(NOW));
      const { ledger: after, ...beside } = (await item(key)) ?? {};
      expect(beside).toEqual({ ...key, ...ITEM });
      expect(after).toMatchObject(NEWER);
      expect(after.tat).toBeGreaterThan(NOW.getTime());
    });

    it('in the form memory', async () => {
      const { place, put, item } = await aScene(makePlace);
      const bounds = { refused: { bytes: 90_000, at: NOW.toISOString() } };
      const memory = newer(formMemorySchema, { KEYS: bounds, PLAIN: bounds });
      await put({ ...formMemoryKey('cli_a'), ...ITEM, memory, revision: 3 });
      const memories = createDynamoFormMemories(place.documents, place.tableName);
      const passed = { level: 'FULL', wording: 'KEYS', bytes: 50 } as const;
      await memories.learn('cli_a', passed, [], { now: NOW, created: false });
      const item4 = await item(formMemoryKey('cli_a'));
      expect(item4).toMatchObject({ ...ITEM, revision: 4, memory: { ...NEWER, PLAIN: NEWER } });
      expect(item4).toHaveProperty('memory.KEYS', {
        refused: { ...bounds.refused, ...NEWER },
        passed: { bytes: 50, at: NOW.toISOString() },
        ...NEWER,
      });
    });

    it('in the settings, when they are saved or disabled', async () => {
      const { place, put, item } = await aScene(makePlace);
      const stands = { ...newer(feishuSettingsSchema, SETTINGS), ...ITEM, ...settingsKey };
      await put({ ...stands, reminderHours: 1 });
      const read = await readFeishuSettings(place.documents, place.tableName);
      for (const name of ['pk', 'sk', 'lock']) expect(read).not.toHaveProperty(name);
      const lock = await lockSettings({ ...place, owner: 'a', now: () => 1, sleep: async () => {} });
      expect(await readFeishuSettings(place.documents, place.tableName)).not.toHaveProperty('lock');
      const { definitions: _, revision: __, ...values } = SETTINGS;
      await lock.save({ ...values, expiryHours: 2 });
      await lock.release();
      await switchOff(place);
      const after = await item(settingsKey);
      expect(after).toMatchObject({ ...ITEM, enabled: false, expiryHours: 2, definitions: {} });
      expect(after).not.toHaveProperty('reminderHours');
    });

    it('in an external node', async () => {
      const { place, put, item } = await aScene(makePlace);
      const stands = { ...newer(externalNodeSchema, NODE), ...ITEM, ...externalNodeKey('oa') };
      await put(stands);
      const read = await readExternalNode(place, 'oa');
      if (!read) throw new Error('the node is read');
      expect(await readExternalNodes(place.documents, place.tableName)).toEqual([read]);
      await writeExternalNode(place, { ...read, title: 'Another title' });
      expect(await item(externalNodeKey('oa'))).toEqual({ ...stands, title: 'Another title' });
    });

    it("in the webhook log and in the sweep's cursor", async () => {
      const { place, put, item, tables, putIssue } = await aScene(makePlace);
      const keys = { appId: 'cli_a', encryptKey: 'e', verificationToken: 'v' };
      const note = { pk: PARTITIONS.webhook, sk: `cli_a#${await fingerprintOf(keys)}` };
      const cursor = { pk: 'SWEEP', sk: 'CURSOR' };
      await put({ ...note, ...ITEM, verifiedAt: 'before' });
      await put({ ...cursor, ...ITEM, issueId: 'issue-9' });
      await putIssue(anIssue());
      await createWebhookLog(place, () => NOW).record(keys, 'CHALLENGE');
      await sweep({ documents: place.documents, tables, queue: { send: async () => {} }, now: () => NOW });
      expect(await item(note)).toEqual({ ...note, ...ITEM, verifiedAt: NOW.toISOString() });
      expect(await item(cursor)).toEqual({ ...cursor, ...ITEM });
    });
  });

  describe('docs/lessons.md 51: a round that this version cannot judge', () => {
    const putUnknown = async (
      scene: Awaited<ReturnType<typeof aScene>>,
      changes: Record<string, unknown>,
    ) => {
      const round: Round = aRound({ checkAfter: '2026-03-01T08:10:00.000Z' });
      const item = { ...round, ...changes, ...roundKey(round), due: 'DUE' };
      await scene.put(item);
      return item;
    };

    it.each(UNKNOWN_ROUNDS)(
      'with another %s is returned apart, with the older rounds of its stage',
      async (_, changes) => {
        const scene = await aScene(makePlace);
        const other = aRound({ subject: { kind: 'STAGE', id: 'stage-2' } });
        await scene.store.open(other);
        await scene.store.open(aRound({ generation: 9 }));
        await putUnknown(scene, changes);
        const { rounds, unknown } = await scene.store.read('issue-1');
        expect(rounds).toEqual([other]);
        expect(unknown?.map(({ generation }) => generation)).toEqual([1, 9]);
      },
    );

    it.each(UNKNOWN_ROUNDS)(
      'with another %s is not hinted by the sweep, and is due in an hour',
      async (_, changes) => {
        const scene = await aScene(makePlace);
        await scene.putIssue(anIssue());
        await scene.store.remember(MEMORY, undefined);
        const stands = await putUnknown(scene, changes);
        const hints: unknown[] = [];
        const queue = { send: async (hint: unknown) => void hints.push(hint) };
        await sweep({ documents: scene.documents, tables: scene.tables, queue, now: () => NOW });
        expect(hints).toEqual([]);
        expect(await scene.item(stands)).toEqual({ ...stands, checkAfter: '2026-03-01T10:00:00.000Z' });
      },
    );

    it('for another kind of subject is returned, but an item that is not a round is not', async () => {
      const scene = await aScene(makePlace);
      const { pk } = memoryKey('issue-1');
      await scene.put({
        ...aRound(),
        subject: { kind: 'PROJECT', id: 'shop' },
        pk,
        sk: 'PROJECT#shop#000001',
      });
      await scene.put({ pk, sk: 'SOMETHING', ...ITEM });
      const { rounds, unknown } = await scene.store.read('issue-1');
      expect([rounds, unknown?.map(({ subject }) => subject.kind)]).toEqual([[], ['PROJECT']]);
    });

    it('is not a broken one, which still throws', async () => {
      const scene = await aScene(makePlace);
      await putUnknown(scene, { content: 7 });
      await expect(scene.store.read('issue-1')).rejects.toThrow();
    });
  });

  describe('docs/lessons.md 51: items without a schema version', () => {
    it('are read, and get one when they are written', async () => {
      const { store, put, item } = await aScene(makePlace);
      const round = aRound();
      await put({ ...round, ...roundKey(round), due: 'DUE' });
      const { rounds } = await store.read('issue-1');
      expect(rounds).toEqual([round]);
      await store.save(round, round);
      expect(await item(roundKey(round))).toMatchObject({ schema: SCHEMA, revision: 4 });
      expect((await store.read('issue-1')).rounds).toEqual([{ ...round, revision: 4 }]);
    });
  });
}

const A_REQUEST: SentRequest = {
  form: '[]',
  title: 'title',
  i18nResources: [],
  shown: { stageId: 'stage-1', stageTitle: 'Production', environment: null, assignee: null, tasks: [] },
};
