import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { invalid } from '../errors.ts';
import { entryOf, type StoredMap } from '../values.ts';
import type { Placeholders } from './placeholders.ts';
import { isReserved } from './reserved-words.ts';
import type { TokenReader } from './tokens.ts';

/** A path as written: attribute names, `#placeholders` and list indexes. */
export type WrittenPath = readonly (string | number)[];
/** A path whose placeholders are replaced by names. */
export type Path = readonly (string | number)[];

const MAX_PARTS = 32;
const MAX_INDEX_DIGITS = 9;

export function parsePath(tokens: TokenReader): WrittenPath {
  const path: (string | number)[] = [parseName(tokens)];
  for (;;) {
    if (tokens.isSign('.')) {
      tokens.take();
      path.push(parseName(tokens));
    } else if (tokens.isSign('[')) {
      tokens.take();
      path.push(parseIndex(tokens));
      tokens.takeSign(']');
    } else {
      break;
    }
  }
  if (path.length > MAX_PARTS) {
    throw invalid('Invalid expression: The document path has too many nesting levels');
  }
  return path;
}

function parseName(tokens: TokenReader): string {
  const { kind, text } = tokens.next;
  if (kind !== 'word' && kind !== 'name') throw tokens.unexpected();
  if (kind === 'word' && isReserved(text)) {
    throw invalid(`Invalid expression: Attribute name is a reserved keyword; reserved keyword: ${text}`);
  }
  return tokens.take().text;
}

function parseIndex(tokens: TokenReader): number {
  const { kind, text } = tokens.next;
  const leadingZero = text.length > 1 && text.startsWith('0');
  if (kind !== 'number' || leadingZero) throw tokens.unexpected();
  if (text.length > MAX_INDEX_DIGITS) {
    throw invalid('Invalid expression: List index is not within the allowable range');
  }
  return Number(tokens.take().text);
}

export const resolvePath = (path: WrittenPath, placeholders: Placeholders): Path =>
  path.map((part) => (typeof part === 'string' && part.startsWith('#') ? placeholders.name(part) : part));

export function readPath(item: StoredMap, path: Path): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const part of path) {
    value = typeof part === 'number' ? value.L?.[part] : value.M && entryOf(value.M, part);
    if (value === undefined) return undefined;
  }
  return value;
}

export const samePath = (a: Path, b: Path): boolean =>
  a.length === b.length && a.every((part, index) => part === b[index]);
