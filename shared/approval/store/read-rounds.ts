import { isDeepStrictEqual } from 'node:util';
import { type DynamoDBDocumentClient, GetCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { membersOf, readItem } from '../../runtime/stored-items.ts';
import {
  approvalPointerKey,
  issuePartition,
  memoryKey,
  ROUND_PREFIXES,
  roundKey,
  sortKeysOf,
} from '../../tables/approval-keys.ts';
import { type IssueMemory, issueMemorySchema, type PastRange } from '../plan/issue-memory.ts';
import { separatePast } from '../plan/past-rounds.ts';
import { type Round, roundSchema } from '../plan/round.ts';
import { separateUnknown } from '../plan/rounds-of-newer-versions.ts';
import type { PastRound } from '../plan/snapshot.ts';
import { placeOfRound } from './pointers.ts';

/** The place of the rounds of an issue. */
export interface RoundsPlace {
  documents: DynamoDBDocumentClient;
  tableName: string;
  issueId: string;
}

/** What was read of an issue. The members are those of `Snapshot`. */
export interface RoundsRead {
  rounds: Round[];
  past?: PastRound[];
  unknown?: Round[];
  memory: IssueMemory | undefined;
}

/**
 * Reads the memory of an issue, and the rounds that a plan needs. Ranges that the memory names as past are skipped.
 * Other past rounds are dropped page by page, so that hundreds of large rounds are never held at once.
 * @param named approvalIds that hints name: these rounds are read wherever they are
 * @param expected the past ranges of the memory as it was read a moment ago: while they are unchanged, memory and
 * rounds are read at the same time
 */
export async function readRounds(
  place: RoundsPlace,
  named: readonly string[] = [],
  expected?: readonly PastRange[],
): Promise<RoundsRead> {
  const wanted = new Set(named);
  const readBetween = (skipped: readonly PastRange[]) =>
    Promise.all(gapsBetween(skipped, place.issueId).map((gap) => readGap(place, gap, wanted)));
  const early = expected && readBetween(expected);
  const [memory, guessed] = await Promise.all([readMemory(place), early]);
  const skipped = memory?.past ?? [];
  const parts = guessed && isDeepStrictEqual(skipped, expected) ? guessed : await readBetween(skipped);
  const read = parts.flatMap(({ rounds }) => rounds);
  const missing = named.filter((id) => !read.some(({ approvalId }) => approvalId === id));
  const found = skipped.length > 0 ? await readNamed(place, missing, skipped) : [];
  const separated = separatePast([...read, ...found], wanted);
  const { rounds, unknown } = separateUnknown(separated.rounds);
  const past = [...parts.flatMap((part) => part.past), ...separated.past];
  return { rounds, memory, ...(past.length > 0 && { past }), ...(unknown.length > 0 && { unknown }) };
}

/** Returns every round of an issue in the order of the keys, for those who show them. */
export async function readAllRounds(place: RoundsPlace): Promise<Round[]> {
  const all: Round[] = [];
  for await (const rounds of pagesOf(place, {})) all.push(...rounds);
  return all;
}

/** The most pages that `findEarlier` reads, of 1 MB each. */
const MAX_EARLIER_PAGES = 5;

/**
 * Returns the last round of the same subject before this one that is wanted; most often that is the one directly
 * before. Undefined if there is none, or if hundreds of large rounds lie between, which are not all read.
 */
export async function findEarlier(
  { subject, generation, ...place }: RoundsPlace & Pick<Round, 'subject' | 'generation'>,
  isWanted: (round: Round) => boolean,
): Promise<Round | undefined> {
  for (const [from, to] of [
    [generation - 1, generation - 1],
    [1, generation - 2],
  ] as const) {
    if (from > to || to < 1) continue;
    const [first, last] = sortKeysOf({ issueId: place.issueId, subject }, { from, to });
    let pages = 0;
    for await (const rounds of pagesOf(place, { first, last }, { newestFirst: true })) {
      const found = rounds.find(isWanted);
      if (found || ++pages >= MAX_EARLIER_PAGES) return found;
    }
  }
  return undefined;
}

/** A range of the sort keys of an issue, both ends included. A missing end is open. */
interface Gap {
  first?: string;
  last?: string;
}

/** Returns the ranges before, between and after the ranges that are skipped. */
function gapsBetween(skipped: readonly PastRange[], issueId: string): Gap[] {
  const ends = skipped
    .map((range) =>
      sortKeysOf({ issueId, subject: range.subject }, { from: range.from - 1, to: range.to + 1 }),
    )
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const gaps: Gap[] = [{}, ...ends.map(([, behind]) => ({ first: behind }))];
  return gaps
    .map((gap, place) => {
      const [before] = ends[place] ?? [];
      return before === undefined ? gap : { ...gap, last: before };
    })
    .filter(({ first = '', last }) => last === undefined || first <= last);
}

async function readGap(
  place: RoundsPlace,
  gap: Gap,
  named: ReadonlySet<string>,
): Promise<{ rounds: Round[]; past: PastRound[] }> {
  let rounds: Round[] = [];
  const past: PastRound[] = [];
  for await (const page of pagesOf(place, gap)) {
    const separated = separatePast([...rounds, ...page], named);
    rounds = separated.rounds;
    past.push(...separated.past);
  }
  return { rounds, past };
}

async function* pagesOf(
  { documents, tableName, issueId }: RoundsPlace,
  { first, last }: Gap,
  { newestFirst = false } = {},
): AsyncGenerator<Round[]> {
  const pages = paginateQuery(
    { client: documents },
    {
      TableName: tableName,
      KeyConditionExpression: ['pk = :pk', ...conditionOf(first, last)].join(' AND '),
      ExpressionAttributeValues: {
        ':pk': issuePartition(issueId),
        ...(first !== undefined && { ':first': first }),
        ...(last !== undefined && { ':last': last }),
      },
      ConsistentRead: true,
      ...(newestFirst && { ScanIndexForward: false }),
    },
  );
  for await (const page of pages) yield (page.Items ?? []).flatMap(readRound);
}

function conditionOf(first: string | undefined, last: string | undefined): string[] {
  if (first !== undefined && last !== undefined) return ['sk BETWEEN :first AND :last'];
  if (first !== undefined) return ['sk >= :first'];
  return last === undefined ? [] : ['sk <= :last'];
}

async function readMemory({ documents, tableName, issueId }: RoundsPlace): Promise<IssueMemory | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tableName, Key: memoryKey(issueId), ConsistentRead: true }),
  );
  return Item && readItem(issueMemorySchema, Item);
}

/**
 * Returns named rounds that are in the skipped ranges: by their pointers, or by a search if the pointers are of the
 * previous version.
 */
async function readNamed(
  place: RoundsPlace,
  approvalIds: readonly string[],
  skipped: readonly PastRange[],
): Promise<Round[]> {
  const found = await Promise.all(approvalIds.map((approvalId) => readByPointer(place, approvalId)));
  const unplaced = new Set(approvalIds.filter((_, index) => found[index] === 'UNPLACED'));
  const placed = found.filter((one) => typeof one === 'object');
  if (unplaced.size === 0) return placed;
  const searched: Round[] = [];
  for (const { subject, ...range } of skipped) {
    const [first, last] = sortKeysOf({ issueId: place.issueId, subject }, range);
    for await (const rounds of pagesOf(place, { first, last })) {
      searched.push(...rounds.filter(({ approvalId }) => unplaced.has(approvalId)));
    }
  }
  return [...placed, ...searched];
}

/**
 * Reads a round by its pointer. UNPLACED: the pointer does not say where its round is. Undefined: no round of this
 * issue has this id.
 */
async function readByPointer(
  { documents, tableName, issueId }: RoundsPlace,
  approvalId: string,
): Promise<Round | 'UNPLACED' | undefined> {
  const get = (Key: { pk: string; sk: string }) =>
    documents.send(new GetCommand({ TableName: tableName, Key, ConsistentRead: true }));
  const pointer = (await get(approvalPointerKey(approvalId))).Item;
  if (pointer?.issueId !== issueId) return undefined;
  const place = placeOfRound(pointer);
  if (!place) return 'UNPLACED';
  const { Item } = await get(roundKey({ issueId, ...place }));
  const [round] = Item ? readRound(Item) : [];
  return round?.approvalId === approvalId ? round : undefined;
}

/**
 * Returns the round in an item; none if a newer version stores something else beside the rounds. Throws a ZodError
 * for a broken round.
 */
function readRound(item: Record<string, unknown>): Round[] {
  if (ROUND_PREFIXES.some((prefix) => String(item.sk).startsWith(prefix)))
    return [readItem(roundSchema, item)];
  const { data } = roundSchema.safeParse(membersOf(item));
  return data ? [data] : [];
}
