import { type ParsedRecord, parseIssueRecord } from '../issue/record.ts';
import { WRITE_BACKS } from '../issue/view.ts';
import { type Image, itemSize, readImage } from './attribute-values.ts';

/** CONTRACT section 1: what Frabit may put in one item; DynamoDB's own limit is 400 KB, the rest is ours. */
export const MAX_RECORD_BYTES = 350 * 1024;

export type ParsedImage = ParsedRecord & {
  /** The whole item as plain JSON, valid or not, unknown attributes included. */
  item: Record<string, unknown>;
};

/**
 * Judges the image of an issue record: the one place that says whether it is valid, for the stream and for
 * the store. On failure `message` names the path and the rule, never a value.
 */
export function parseImage(image: Image): ParsedImage {
  const item = readImage(image);
  const frabits = Object.fromEntries(Object.entries(image).filter(([name]) => !isWriteBack(name)));
  if (itemSize(frabits) > MAX_RECORD_BYTES) {
    return {
      ok: false,
      message: 'the record: must be at most 350 KB; use sheet for large SQL',
      item,
    };
  }
  return { ...parseIssueRecord(item), item };
}

const isWriteBack = (name: string): boolean => WRITE_BACKS.some((own) => own === name);
