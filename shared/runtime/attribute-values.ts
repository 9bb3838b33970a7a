/** A DynamoDB value. The client returns binary values as bytes; a stream event has them as base64. */
export interface RawValue {
  S?: string;
  N?: string;
  B?: Uint8Array | string;
  BOOL?: boolean;
  NULL?: boolean;
  M?: Readonly<Record<string, RawValue>>;
  L?: readonly RawValue[];
  SS?: readonly string[];
  NS?: readonly string[];
  BS?: readonly (Uint8Array | string)[];
}

/** A DynamoDB item: attribute name → value, for example `{S: …}` or `{M: …}`. */
export type Image = Readonly<Record<string, RawValue>>;

/**
 * Returns an image as plain JSON. Never throws, whatever Frabit's own attributes hold. Numbers become doubles (the
 * SDK's `unmarshall` throws if a double cannot hold them), sets become arrays, binary values become base64, and unknown
 * kinds of values become null. A key `__proto__` stays a key.
 */
export function readImage(image: Image): Record<string, unknown> {
  return Object.fromEntries(Object.entries(image).map(([name, value]) => [name, readValue(value)]));
}

function readValue(value: RawValue): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.M !== undefined) return readImage(value.M);
  if (value.L !== undefined) return value.L.map(readValue);
  if (value.SS !== undefined) return value.SS;
  if (value.NS !== undefined) return value.NS.map(Number);
  if (value.B !== undefined) return base64(value.B);
  if (value.BS !== undefined) return value.BS.map(base64);
  return null;
}

const base64 = (bytes: Uint8Array | string): string =>
  typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('base64');

/**
 * Returns the size of an item in bytes, as DynamoDB counts it (Developer Guide, "DynamoDB item sizes and formats"):
 * - names and texts: their UTF-8 bytes;
 * - numbers: one byte for two digits, counted from the decimal point, one more, and one for a minus (as DynamoDB Local
 *   counts);
 * - null and Boolean: one byte;
 * - lists and maps: three bytes, one for each element, and the contents.
 */
export function itemSize(image: Image): number {
  let size = 0;
  for (const [name, value] of Object.entries(image)) size += Buffer.byteLength(name) + valueSize(value);
  return size;
}

function valueSize(value: RawValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.M !== undefined) return 3 + itemSize(value.M) + Object.keys(value.M).length;
  if (value.L !== undefined) return 3 + value.L.length + sum(value.L.map(valueSize));
  if (value.SS !== undefined) return sum(value.SS.map((text) => Buffer.byteLength(text)));
  if (value.NS !== undefined) return sum(value.NS.map(numberSize));
  if (value.B !== undefined) return byteCount(value.B);
  if (value.BS !== undefined) return sum(value.BS.map(byteCount));
  return 1;
}

const byteCount = (bytes: Uint8Array | string): number =>
  typeof bytes === 'string' ? Buffer.from(bytes, 'base64').byteLength : bytes.byteLength;

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

function numberSize(text: string): number {
  const [, minus = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)\+?(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?$/.exec(text) ?? [];
  const all = whole + fraction;
  const digits = all.replace(/^0+/, '').replace(/0+$/, '').length;
  if (digits === 0) return 1;
  const beforePoint = whole.length + Number(exponent) - (all.length - all.replace(/^0+/, '').length);
  const alone = beforePoint % 2 === 0 ? 0 : 1;
  return alone + Math.ceil((digits - alone) / 2) + 1 + minus.length;
}
