import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Image } from '../runtime/attribute-values.ts';
import { sha256 } from '../runtime/sha256.ts';
import { SCHEMA_UPDATE } from '../runtime/stored-items.ts';
import { within } from '../runtime/with-timeout.ts';
import { type ExternalNode, readExternalNodes } from '../settings/external-nodes.ts';
import type { FeishuSettings } from '../settings/settings.ts';
import { readFeishuSettings } from '../settings/settings-store.ts';
import { roundKey, sweepKey } from '../tables/approval-keys.ts';
import { isAtRest } from './plan/nothing-to-do.ts';
import { plan } from './plan/plan.ts';
import { issueState } from './store/issue-state.ts';
import { readRounds } from './store/read-rounds.ts';
import { MAX_FAILURES, minuteOf, reportSweepFailure, type Sweeping } from './sweep-context.ts';

/**
 * How long a run starts further issues, in milliseconds. Together with the due rounds before it, and with an issue
 * that hangs, the run ends within 60 seconds.
 */
export const WALK_MS = 20_000;
/** An issue that takes longer is left to the next lap. */
export const ISSUE_MS = 5_000;
/** Issues read in one page. DynamoDB also ends a page at 1 MB. */
const PAGE_SIZE = 100;
/** How many issues are read at the same time. */
const AT_ONCE = 10;
/** A table of more than one page is walked at most once in this time. A smaller one is walked in each run. */
export const LAP_MS = 10 * 60_000;

/**
 * The place of the walk: after this issue, or at the start. `resets`: how often the walk was sent back to the start.
 * During a lap: when it began, and how many issues were walked. After a lap: when the next one may begin; absent if
 * at once.
 */
interface Place {
  issueId?: string;
  resets?: number;
  lapSince?: string;
  lapWalked?: number;
  nextLapAt?: string;
}

interface Walking extends Sweeping {
  settings: FeishuSettings | undefined;
  nodes: readonly ExternalNode[];
  endsAt: number;
}

/**
 * Walks through the Issues table for about 20 seconds, to its end at most, and hints each issue whose plan has an
 * action. The place is stored after each page. Resolves to how many issues were walked and hinted. Rejects with an
 * AggregateError at the end if issues failed; each one is logged.
 */
export async function walk(sweeping: Sweeping): Promise<{ walked: number; hinted: number }> {
  const endsAt = sweeping.now().getTime() + WALK_MS;
  let place = await readPlace(sweeping);
  if (place.nextLapAt !== undefined && place.nextLapAt > sweeping.now().toISOString())
    return { walked: 0, hinted: 0 };
  const { documents, tables } = sweeping;
  const settings = await readFeishuSettings(documents, tables.approvalTableName);
  const nodes = await readExternalNodes(documents, tables.approvalTableName);
  const walking: Walking = { ...sweeping, settings, nodes, endsAt };
  const failures: unknown[] = [];
  let walked = 0;
  let hinted = 0;
  do {
    const page = await walkPage(place.issueId, walking);
    walked += page.walked;
    hinted += page.hinted;
    failures.push(...page.failures);
    const reached = placeAfter(place, page, sweeping.now());
    if (!(await storePlace(place, reached, sweeping))) break;
    if (page.next === undefined) countLap(place, sweeping);
    place = reached;
  } while (
    place.issueId !== undefined &&
    failures.length < MAX_FAILURES &&
    sweeping.now().getTime() < endsAt
  );
  sweeping.counter?.count('PlanCorrection', hinted);
  if (failures.length > 0)
    throw new AggregateError(failures, `The walk failed for ${failures.length} issues.`);
  return { walked, hinted };
}

/** Counts how long a lap took that has ended now. */
function countLap({ lapSince }: Place, { counter, now }: Sweeping): void {
  const at = now().getTime();
  counter?.count('SweepLap', lapSince === undefined ? 0 : at - Date.parse(lapSince));
}

interface WalkedPage {
  walked: number;
  hinted: number;
  failures: unknown[];
  /** The last issue that was walked; undefined if the table ends here. */
  next: string | undefined;
}

/**
 * Walks a page of the issues after `after`. A record may be read as it was a moment ago: its change brings a hint of
 * its own.
 */
async function walkPage(after: string | undefined, walking: Walking): Promise<WalkedPage> {
  const { Items: items = [], LastEvaluatedKey } = await walking.documents.send(
    new ScanCommand({
      TableName: walking.tables.issueTableName,
      Limit: PAGE_SIZE,
      ...(after !== undefined && { ExclusiveStartKey: { issueId: { S: after } } }),
    }),
  );
  const failures: unknown[] = [];
  let started = 0;
  let hinted = 0;
  const takeNext = (): Image | undefined =>
    started > 0 && walking.now().getTime() >= walking.endsAt ? undefined : items[started++];
  const work = async (): Promise<void> => {
    for (let raw = takeNext(); raw !== undefined; raw = takeNext()) {
      const issueId = raw.issueId?.S ?? '';
      try {
        const hinting = hintIfNeeded(issueId, raw, walking);
        if (await within(ISSUE_MS, hinting, 'The walk stopped waiting for this issue.')) hinted++;
      } catch (error) {
        reportSweepFailure('walking an issue failed', error, { issueId }, walking);
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const walked = Math.min(started, items.length);
  const isWhole = walked === items.length;
  return {
    walked,
    hinted,
    failures,
    next: isWhole ? LastEvaluatedKey?.issueId?.S : items[walked - 1]?.issueId?.S,
  };
}

/** Hints the issue if its plan has an action. Resolves to whether it was hinted. */
async function hintIfNeeded(issueId: string, raw: Image, walking: Walking): Promise<boolean> {
  const { documents, tables, queue, now, settings, nodes } = walking;
  const issue = issueState(raw, nodes);
  if (isAtRest(issue)) return false;
  const kept = await readRounds({ documents, tableName: tables.approvalTableName, issueId });
  for (const round of kept.rounds) walking.unsent?.see({ ...round, ...roundKey(round) }, now());
  if (plan({ issueId, issue, settings, nodes, ...kept }, now()).length === 0) return false;
  await queue.send({ kind: 'DUE', issueId, approvalIds: [] }, `${sha256(issueId)}-${minuteOf(now())}`);
  return true;
}

function placeAfter({ issueId, resets, ...lap }: Place, { walked, next }: WalkedPage, now: Date): Place {
  const isFirst = issueId === undefined;
  const lapSince = (isFirst ? undefined : lap.lapSince) ?? now.toISOString();
  const lapWalked = (isFirst ? 0 : (lap.lapWalked ?? 0)) + walked;
  const counted = resets === undefined ? {} : { resets };
  if (next !== undefined) return { ...counted, issueId: next, lapSince, lapWalked };
  if (lapWalked <= PAGE_SIZE) return counted;
  return { ...counted, nextLapAt: new Date(Date.parse(lapSince) + LAP_MS).toISOString() };
}

async function readPlace({ documents, tables }: Sweeping): Promise<Place> {
  const { Item = {} } = await documents.send(
    new GetCommand({ TableName: tables.approvalTableName, Key: sweepKey, ConsistentRead: true }),
  );
  return {
    ...(typeof Item.issueId === 'string' && { issueId: Item.issueId }),
    ...(typeof Item.resets === 'number' && { resets: Item.resets }),
    ...(typeof Item.lapSince === 'string' && { lapSince: Item.lapSince }),
    ...(typeof Item.lapWalked === 'number' && { lapWalked: Item.lapWalked }),
    ...(typeof Item.nextLapAt === 'string' && { nextLapAt: Item.nextLapAt }),
  };
}

/**
 * Stores the place of the walk, if the stored place is still where this run left it: another run may have continued
 * from there, and a save of the settings sends the walk back to the start. Resolves to false if the place has
 * changed. The write is cheap compared with reading the page.
 */
async function storePlace(
  before: Place,
  { resets: _, ...next }: Place,
  { documents, tables }: Sweeping,
): Promise<boolean> {
  try {
    await documents.send(
      new UpdateCommand({
        TableName: tables.approvalTableName,
        Key: sweepKey,
        UpdateExpression: updateTo(next),
        ConditionExpression: [
          before.issueId === undefined ? 'attribute_not_exists(issueId)' : 'issueId = :before',
          before.resets === undefined ? 'attribute_not_exists(resets)' : 'resets = :resetsBefore',
        ].join(' AND '),
        ExpressionAttributeNames: SCHEMA_UPDATE.names,
        ExpressionAttributeValues: {
          ...SCHEMA_UPDATE.values,
          ...Object.fromEntries(Object.entries(next).map(([name, value]) => [`:${name}`, value])),
          ...(before.issueId !== undefined && { ':before': before.issueId }),
          ...(before.resets !== undefined && { ':resetsBefore': before.resets }),
        },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}

const PLACE_MEMBERS = ['issueId', 'lapSince', 'lapWalked', 'nextLapAt'] as const;

function updateTo(next: Place): string {
  const [set, absent] = [
    PLACE_MEMBERS.filter((name) => name in next),
    PLACE_MEMBERS.filter((name) => !(name in next)),
  ];
  const sets = [...set.map((name) => `${name} = :${name}`), SCHEMA_UPDATE.set];
  return `SET ${sets.join(', ')}${absent.length > 0 ? ` REMOVE ${absent.join(', ')}` : ''}`;
}
