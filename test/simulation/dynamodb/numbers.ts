import { invalid } from './errors.ts';

/**
 * Numbers as DynamoDB stores them (Developer Guide, "Supported data types"): decimal, up to 38 significant digits, from
 * 1E-130 to 9.99…E+125, written without exponent and without redundant zeros. They are strings everywhere: as doubles,
 * different numbers could become equal.
 */

const MAX_DIGITS = 38;
const MAX_EXPONENT = 125;
const MIN_EXPONENT = -130;

/** `digits` × 10^`exponent`, without leading or trailing zeros. Zero has no digits. */
interface Decimal {
  negative: boolean;
  digits: string;
  exponent: number;
}

const PLAIN_INTEGER = /^(?:0|-?[1-9][0-9]{0,14})$/;
const NUMBER = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,9}))?$/;

/** Returns the same text for equal numbers. Throws a ValidationException if the text is not a number. */
export function normaliseNumber(text: string): string {
  if (PLAIN_INTEGER.test(text)) return text;
  return writeOut(limited(read(text)));
}

/** Compares two numbers in the form of `normaliseNumber`. */
export function compareNumbers(a: string, b: string): number {
  if (a === b) return 0;
  // As doubles, two different decimals of 15 digits stay different.
  if (a.length <= 15 && b.length <= 15) return Number(a) - Number(b);
  const { sum } = align(read(a), negated(read(b)));
  return sum < 0n ? -1 : sum > 0n ? 1 : 0;
}

/** Returns the exact sum. Throws a ValidationException if it has too many digits. */
export function addNumbers(a: string, b: string): string {
  const { sum, exponent } = align(read(a), read(b));
  const negative = sum < 0n;
  return writeOut(limited(trimmed(negative, String(negative ? -sum : sum), exponent)));
}

function read(text: string): Decimal {
  const [, sign, whole = '', fraction = '', exponent] = NUMBER.exec(text) ?? [];
  if (sign === undefined || whole + fraction === '') {
    throw invalid('A value provided cannot be converted into a number');
  }
  return trimmed(sign === '-', whole + fraction, Number(exponent ?? 0) - fraction.length);
}

function trimmed(negative: boolean, all: string, exponent: number): Decimal {
  let start = 0;
  let end = all.length;
  while (start < end && all[start] === '0') start++;
  while (start < end && all[end - 1] === '0') end--;
  return { negative, digits: all.slice(start, end), exponent: exponent + all.length - end };
}

function limited(decimal: Decimal): Decimal {
  const { digits, exponent } = decimal;
  if (digits === '') return decimal;
  if (digits.length > MAX_DIGITS) throw invalid('DynamoDB only supports precision up to 38 digits');
  const magnitude = exponent + digits.length - 1;
  if (magnitude > MAX_EXPONENT) throw invalid('Number overflow: larger than the supported range');
  if (magnitude < MIN_EXPONENT) throw invalid('Number underflow: smaller than the supported range');
  return decimal;
}

function writeOut({ negative, digits, exponent }: Decimal): string {
  if (digits === '') return '0';
  const point = digits.length + exponent;
  const text =
    exponent >= 0
      ? digits + '0'.repeat(exponent)
      : point > 0
        ? `${digits.slice(0, point)}.${digits.slice(point)}`
        : `0.${'0'.repeat(-point)}${digits}`;
  return negative ? `-${text}` : text;
}

const negated = (decimal: Decimal): Decimal => ({ ...decimal, negative: !decimal.negative });

function align(a: Decimal, b: Decimal): { sum: bigint; exponent: number } {
  const exponent = Math.min(a.exponent, b.exponent);
  return { sum: shifted(a, exponent) + shifted(b, exponent), exponent };
}

function shifted({ negative, digits, exponent }: Decimal, to: number): bigint {
  if (digits === '') return 0n;
  const value = BigInt(digits) * 10n ** BigInt(exponent - to);
  return negative ? -value : value;
}
