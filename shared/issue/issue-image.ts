import { type Image, itemSize, readImage } from '../runtime/attribute-values.ts';
import { externalSteps } from './content-hash.ts';
import { type IssueRecord, type ParsedRecord, parseIssueRecord, type Stage } from './record.ts';
import { WRITE_BACKS } from './view.ts';

/** What Frabit may write in one item (docs/contract.md 1). The rest of DynamoDB's 400 KB is for our attributes. */
export const MAX_RECORD_BYTES = 350 * 1024;

export type ParsedImage = ParsedRecord & {
  /** The whole item as plain JSON, valid or not, unknown attributes included. */
  item: Record<string, unknown>;
};

/**
 * Parses the image of an issue record. Both the stream and the store use it, so they agree on which records are valid.
 * On failure `message` names the path and the rule, never a value.
 */
export function parseImage(image: Image): ParsedImage {
  const item = readImage(image);
  const size = sizeOfFrabits(image);
  if (size > MAX_RECORD_BYTES) {
    return { ok: false, message: 'the record: must be at most 350 KB; use sheet for large SQL', item };
  }
  const parsed = parseIssueRecord(item);
  if (parsed.ok && spareBytes(image, parsed.record) < 0) {
    const message =
      'the record: leaves no room for its approvals, about 150 bytes a task, and 80 more for each EXTERNAL step; use sheet for large SQL or fewer tasks';
    return { ok: false, message, item };
  }
  return { ...parsed, item };
}

/** Returns the bytes that are left beside Frabit's attributes and the room for write-backs. Below 0: too few. */
export const spareBytes = (image: Image, record: IssueRecord): number =>
  MAX_ITEM_BYTES - sizeOfFrabits(image) - roomForWriteBacks(record);

const sizeOfFrabits = (image: Image): number =>
  itemSize(Object.fromEntries(Object.entries(image).filter(([name]) => !isWriteBack(name))));

/** DynamoDB's limit. */
const MAX_ITEM_BYTES = 400 * 1024;
/** A task hash, and what DynamoDB adds to an entry. */
const ENTRY_BYTES = 68;
/** Names, times, people, the decision and its comment in one approval. */
const APPROVAL_BYTES = 3 * 1024;

/**
 * Returns the bytes that `approvedTasks`, `stageApprovals` and `stepApprovals` may take once every stage and step is
 * approved. Without this room a decision could not be stored, so such a record is refused before anybody is asked.
 */
function roomForWriteBacks(record: IssueRecord): number {
  const bytes = (text: string) => Buffer.byteLength(text);
  const people = bytes(record.creator.email) + bytes(record.assignee?.email ?? '') * 2;
  const tasksOf = (stage: Stage) =>
    stage.tasks.reduce((total, task) => total + bytes(task.taskId) + ENTRY_BYTES, 0);
  const ofStages = record.stages.reduce((sum, stage) => {
    const own = stage.tasks.length > 0 ? APPROVAL_BYTES + people : 0;
    return sum + 2 * (bytes(stage.stageId) + tasksOf(stage)) + own;
  }, 0);
  // A step's approval lists the tasks of all stages, with the stageId if two stages have the same taskId.
  const allTasks = record.stages.reduce(
    (sum, stage) => sum + tasksOf(stage) + stage.tasks.length * (bytes(stage.stageId) + 1),
    0,
  );
  const ofSteps = externalSteps(record).reduce(
    (sum, { stepId }) => sum + bytes(stepId) + allTasks + APPROVAL_BYTES + people,
    0,
  );
  return ofStages + ofSteps;
}

const isWriteBack = (name: string): boolean => WRITE_BACKS.some((own) => own === name);
