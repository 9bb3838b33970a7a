import { beforeEach, expect, it } from 'vitest';
import { createDynamoFormMemories, type FormMemories } from '../../../shared/approval/form-memories.ts';
import { type FormMemory, learn, NOTHING_KNOWN } from '../../../shared/approval/form-memory.ts';
import { useDatabase } from '../../support/use-core.ts';

const database = useDatabase();
let memories: FormMemories;
beforeEach(async () => {
  const { approvalTableName } = await database().createTables();
  memories = createDynamoFormMemories(database().documents, approvalTableName);
});

const NOW = new Date('2026-03-01T08:00:00.000Z');
const after = (before: FormMemory, bytes: number, now = NOW): FormMemory =>
  learn(before, { wording: 'KEYS', bytes }, [{ wording: 'KEYS', bytes: bytes * 3 }], now);

it('knows nothing of an app at first, and then what was kept of it, and of no other', async () => {
  expect(await memories.read('one')).toBe(NOTHING_KNOWN);
  const memory = after(NOTHING_KNOWN, 40_000);
  await memories.keep('one', memory, NOTHING_KNOWN);
  expect(await memories.read('one')).toEqual(memory);
  expect(await memories.read('two')).toBe(NOTHING_KNOWN);
});

it('replaces what was read', async () => {
  await memories.keep('one', after(NOTHING_KNOWN, 40_000), NOTHING_KNOWN);
  const read = await memories.read('one');
  const newer = after(read, 50_000);
  await memories.keep('one', newer, read);
  expect(await memories.read('one')).toEqual(newer);
});

it.each([
  ['the first', NOTHING_KNOWN],
  ['a later one', after(NOTHING_KNOWN, 10_000)],
])('of two that learn at once the quicker one is kept, and the other goes on: %s', async (_, before) => {
  if (before !== NOTHING_KNOWN) await memories.keep('one', before, NOTHING_KNOWN);
  const quicker = after(before, 40_000);
  await memories.keep('one', quicker, before);
  await expect(memories.keep('one', after(before, 20_000), before)).resolves.toBeUndefined();
  expect(await memories.read('one')).toEqual(quicker);
});
