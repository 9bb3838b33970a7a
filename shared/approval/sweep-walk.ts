import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { sha256 } from '../issue/content.ts';
import type { Image } from '../runtime/attribute-values.ts';
import { describeError } from '../runtime/logger.ts';
import { SCHEMA_UPDATE } from '../runtime/stored.ts';
import { within } from '../runtime/within.ts';
import { type ExternalNode, readExternalNodes } from '../settings/external-nodes.ts';
import type { FeishuSettings } from '../settings/settings.ts';
import { readFeishuSettings } from '../settings/settings-store.ts';
import { isAtRest } from './at-rest.ts';
import { issueState } from './dynamo-store.ts';
import { plan } from './plan.ts';
import { readRounds } from './read-rounds.ts';
import { minuteOf, type Sweeping } from './sweeping.ts';

/** So long a run takes further issues: with what is due before it, and an issue that hangs, it ends within 60 seconds. */
export const WALK_MS = 20_000;
/** An issue that takes longer is left to the next lap. */
export const ISSUE_MS = 5_000;
/** Issues of one page; DynamoDB ends a page at 1 MB besides. */
const PAGE_SIZE = 100;
/** Issues that are read at the same time. */
const AT_ONCE = 10;
/** As many failures are not the issues' own: the next run goes on, when the database or the queue may be back. */
const MAX_FAILURES = 20;

const CURSOR = { pk: 'SWEEP', sk: 'CURSOR' } as const;

/** Where the walk is: behind this issue, or at the start; and how often it was sent back there. */
interface Place {
  issueId?: string;
  resets?: number;
}

interface Walking extends Sweeping {
  settings: FeishuSettings | undefined;
  nodes: readonly ExternalNode[];
  endsAt: number;
}

/**
 * Goes through the Issues table for about 20 seconds, to its end at most, and hints each issue whose plan has a step.
 * The place is stored after each page. Rejects with an AggregateError in the end if issues failed; each is logged.
 */
export async function walk(sweeping: Sweeping): Promise<{ walked: number; hinted: number }> {
  const endsAt = sweeping.now().getTime() + WALK_MS;
  let place = await readPlace(sweeping);
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
    if (!(await storePlace(place, page.next, sweeping))) break;
    place = { ...place, issueId: page.next };
  } while (
    place.issueId !== undefined &&
    failures.length < MAX_FAILURES &&
    sweeping.now().getTime() < endsAt
  );
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} issues could not be walked`);
  return { walked, hinted };
}

interface WalkedPage {
  walked: number;
  hinted: number;
  failures: unknown[];
  /** The last issue that was taken; undefined: the table ends here. */
  next: string | undefined;
}

/** Issues behind `after`. A record may be read as it was a moment ago: its change brings a hint of its own. */
async function walkPage(after: string | undefined, walking: Walking): Promise<WalkedPage> {
  const { Items: items = [], LastEvaluatedKey } = await walking.documents.send(
    new ScanCommand({
      TableName: walking.tables.issueTableName,
      Limit: PAGE_SIZE,
      ...(after !== undefined && { ExclusiveStartKey: { issueId: { S: after } } }),
    }),
  );
  const failures: unknown[] = [];
  let taken = 0;
  let hinted = 0;
  const takeNext = (): Image | undefined =>
    taken > 0 && walking.now().getTime() >= walking.endsAt ? undefined : items[taken++];
  const work = async (): Promise<void> => {
    for (let raw = takeNext(); raw !== undefined; raw = takeNext()) {
      const issueId = raw.issueId?.S ?? '';
      try {
        const hinting = hintIfNeeded(issueId, raw, walking);
        if (await within(ISSUE_MS, hinting, 'The walk does not wait for this issue any longer.')) hinted++;
      } catch (error) {
        walking.logger?.error('an issue could not be walked', { issueId, error: describeError(error) });
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const walked = Math.min(taken, items.length);
  const isWhole = walked === items.length;
  return {
    walked,
    hinted,
    failures,
    next: isWhole ? LastEvaluatedKey?.issueId?.S : items[walked - 1]?.issueId?.S,
  };
}

/** Resolves to whether the issue was hinted. */
async function hintIfNeeded(issueId: string, raw: Image, walking: Walking): Promise<boolean> {
  const { documents, tables, queue, now, settings, nodes } = walking;
  const issue = issueState(raw, nodes);
  if (isAtRest(issue)) return false;
  const kept = await readRounds({ documents, tableName: tables.approvalTableName, issueId });
  if (plan({ issueId, issue, settings, nodes, ...kept }, now()).length === 0) return false;
  await queue.send({ kind: 'DUE', issueId, approvalIds: [] }, `${sha256(issueId)}-${minuteOf(now())}`);
  return true;
}

async function readPlace({ documents, tables }: Sweeping): Promise<Place> {
  const { Item = {} } = await documents.send(
    new GetCommand({ TableName: tables.approvalTableName, Key: CURSOR, ConsistentRead: true }),
  );
  return {
    ...(typeof Item.issueId === 'string' && { issueId: Item.issueId }),
    ...(typeof Item.resets === 'number' && { resets: Item.resets }),
  };
}

/**
 * Stores how far the walk is, if it is where this run left it: another run may have gone on from there, and a save of
 * the settings sends it back to the start. Resolves to false if it is elsewhere. It costs little beside the page.
 */
async function storePlace(
  before: Place,
  next: string | undefined,
  { documents, tables }: Sweeping,
): Promise<boolean> {
  try {
    await documents.send(
      new UpdateCommand({
        TableName: tables.approvalTableName,
        Key: CURSOR,
        UpdateExpression: `SET ${next ? 'issueId = :next, ' : ''}${SCHEMA_UPDATE.set}${next ? '' : ' REMOVE issueId'}`,
        ConditionExpression: [
          before.issueId === undefined ? 'attribute_not_exists(issueId)' : 'issueId = :before',
          before.resets === undefined ? 'attribute_not_exists(resets)' : 'resets = :resets',
        ].join(' AND '),
        ExpressionAttributeNames: SCHEMA_UPDATE.names,
        ExpressionAttributeValues: {
          ...SCHEMA_UPDATE.values,
          ...(next && { ':next': next }),
          ...(before.issueId !== undefined && { ':before': before.issueId }),
          ...(before.resets !== undefined && { ':resets': before.resets }),
        },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}
