import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { invalid } from '../errors.ts';
import { compare, equal, type StoredMap, TYPES, typeOf } from '../values.ts';
import { type Path, parsePath, readPath, resolvePath, samePath, type WrittenPath } from './paths.ts';
import type { Placeholders } from './placeholders.ts';
import { TokenReader } from './tokens.ts';

/**
 * Condition expressions: AND, OR, parentheses, the six comparisons, BETWEEN, IN, attribute_exists, attribute_not_exists
 * and attribute_type. The product does not use NOT and the other functions, so they are refused as unknown.
 */

const COMPARATORS = ['=', '<>', '<', '<=', '>', '>='] as const;
export type Comparator = (typeof COMPARATORS)[number];

type WrittenOperand = { path: WrittenPath } | { placeholder: string };
export type Operand = { path: Path } | { value: AttributeValue };

export type WrittenCondition =
  | { kind: 'ALL' | 'ANY'; left: WrittenCondition; right: WrittenCondition }
  | { kind: 'GROUP'; inner: WrittenCondition }
  | { kind: 'COMPARE'; comparator: Comparator; left: WrittenOperand; right: WrittenOperand }
  | { kind: 'BETWEEN'; of: WrittenOperand; low: WrittenOperand; high: WrittenOperand }
  | { kind: 'IN'; of: WrittenOperand; list: WrittenOperand[] }
  | { kind: 'EXISTS'; wanted: boolean; path: WrittenPath }
  | { kind: 'TYPE'; of: WrittenOperand; type: string };

export type Condition =
  | { kind: 'ALL' | 'ANY'; left: Condition; right: Condition }
  | { kind: 'COMPARE'; comparator: Comparator; left: Operand; right: Operand }
  | { kind: 'BETWEEN'; of: Operand; low: Operand; high: Operand }
  | { kind: 'IN'; of: Operand; list: Operand[] }
  | { kind: 'EXISTS'; wanted: boolean; path: Path }
  | { kind: 'TYPE'; of: Operand; type: string };

const MAX_OPERATORS = 300;
const MAX_IN_LIST = 100;

export function parseCondition(expression: string): WrittenCondition {
  const tokens = new TokenReader(expression);
  const condition = parseAny(tokens);
  tokens.takeEnd();
  if (operatorsOf(condition) > MAX_OPERATORS) {
    throw invalid('Invalid expression: The expression contains too many operators');
  }
  return condition;
}

function parseAny(tokens: TokenReader): WrittenCondition {
  let left = parseAll(tokens);
  while (tokens.isKeyword('OR')) {
    tokens.take();
    left = { kind: 'ANY', left, right: parseAll(tokens) };
  }
  return left;
}

function parseAll(tokens: TokenReader): WrittenCondition {
  let left = parseOne(tokens);
  while (tokens.isKeyword('AND')) {
    tokens.take();
    left = { kind: 'ALL', left, right: parseOne(tokens) };
  }
  return left;
}

function parseOne(tokens: TokenReader): WrittenCondition {
  if (tokens.isSign('(')) {
    tokens.take();
    const inner = parseAny(tokens);
    tokens.takeSign(')');
    if (inner.kind === 'GROUP') throw invalid('Invalid expression: The expression has redundant parentheses');
    return { kind: 'GROUP', inner };
  }
  if (tokens.next.kind === 'word' && tokens.isFollowedBy('(')) return parseFunction(tokens);
  const left = parseOperand(tokens);
  if (tokens.isKeyword('BETWEEN')) return parseBetween(left, tokens);
  if (tokens.isKeyword('IN')) return parseIn(left, tokens);
  const comparator = COMPARATORS.find((one) => tokens.isSign(one));
  if (!comparator) throw tokens.unexpected();
  tokens.take();
  return { kind: 'COMPARE', comparator, left, right: parseOperand(tokens) };
}

function parseBetween(of: WrittenOperand, tokens: TokenReader): WrittenCondition {
  tokens.take();
  const low = parseOperand(tokens);
  if (!tokens.isKeyword('AND')) throw tokens.unexpected();
  tokens.take();
  return { kind: 'BETWEEN', of, low, high: parseOperand(tokens) };
}

function parseIn(of: WrittenOperand, tokens: TokenReader): WrittenCondition {
  tokens.take();
  tokens.takeSign('(');
  const list = [parseOperand(tokens)];
  while (tokens.isSign(',')) {
    tokens.take();
    list.push(parseOperand(tokens));
  }
  tokens.takeSign(')');
  if (list.length > MAX_IN_LIST) throw invalid('Invalid expression: The IN list has too many operands');
  return { kind: 'IN', of, list };
}

function parseFunction(tokens: TokenReader): WrittenCondition {
  const name = tokens.take().text;
  tokens.takeSign('(');
  const condition = parseArguments(name, tokens);
  tokens.takeSign(')');
  return condition;
}

function parseArguments(name: string, tokens: TokenReader): WrittenCondition {
  switch (name) {
    case 'attribute_exists':
    case 'attribute_not_exists':
      return { kind: 'EXISTS', wanted: name === 'attribute_exists', path: parsePath(tokens) };
    case 'attribute_type': {
      const of = parseOperand(tokens);
      tokens.takeSign(',');
      if (tokens.next.kind !== 'value') throw tokens.unexpected();
      return { kind: 'TYPE', of, type: tokens.take().text };
    }
    default:
      throw invalid(`Invalid expression: Invalid function name; function: ${name}`);
  }
}

function parseOperand(tokens: TokenReader): WrittenOperand {
  return tokens.next.kind === 'value' ? { placeholder: tokens.take().text } : { path: parsePath(tokens) };
}

function operatorsOf(condition: WrittenCondition): number {
  switch (condition.kind) {
    case 'ALL':
    case 'ANY':
      return 1 + operatorsOf(condition.left) + operatorsOf(condition.right);
    case 'GROUP':
      return operatorsOf(condition.inner);
    default:
      return 1;
  }
}

/** Inserts names and values. Throws a ValidationException for errors that do not depend on an item. */
export function bindCondition(condition: WrittenCondition, placeholders: Placeholders): Condition {
  switch (condition.kind) {
    case 'ALL':
    case 'ANY':
      return {
        kind: condition.kind,
        left: bindCondition(condition.left, placeholders),
        right: bindCondition(condition.right, placeholders),
      };
    case 'GROUP':
      return bindCondition(condition.inner, placeholders);
    case 'COMPARE': {
      const { comparator } = condition;
      const left = bindOperand(condition.left, placeholders);
      const right = bindOperand(condition.right, placeholders);
      refuseSameOperand(left, right);
      if (comparator !== '=' && comparator !== '<>') for (const side of [left, right]) refuseUnordered(side);
      return { kind: 'COMPARE', comparator, left, right };
    }
    case 'BETWEEN': {
      const [of, low, high] = [condition.of, condition.low, condition.high].map((side) => {
        const operand = bindOperand(side, placeholders);
        refuseUnordered(operand);
        return operand;
      });
      if (!of || !low || !high) throw new Error('three operands were bound');
      refuseDescending(low, high);
      return { kind: 'BETWEEN', of, low, high };
    }
    case 'IN':
      return {
        kind: 'IN',
        of: bindOperand(condition.of, placeholders),
        list: condition.list.map((side) => bindOperand(side, placeholders)),
      };
    case 'EXISTS':
      return { ...condition, path: resolvePath(condition.path, placeholders) };
    case 'TYPE': {
      const type = placeholders.value(condition.type).S;
      if (!TYPES.some((name) => name === type)) {
        throw invalid('Invalid expression: Invalid attribute type name found');
      }
      return { kind: 'TYPE', of: bindOperand(condition.of, placeholders), type: type ?? '' };
    }
    default:
      return condition satisfies never;
  }
}

function bindOperand(operand: WrittenOperand, placeholders: Placeholders): Operand {
  return 'path' in operand
    ? { path: resolvePath(operand.path, placeholders) }
    : { value: placeholders.value(operand.placeholder) };
}

function refuseSameOperand(left: Operand, right: Operand): void {
  if ('path' in left && 'path' in right && samePath(left.path, right.path)) {
    throw invalid('Invalid expression: The first operand must be distinct from the remaining operands');
  }
}

function refuseUnordered(operand: Operand): void {
  if ('path' in operand) return;
  const type = typeOf(operand.value);
  if (type === 'S' || type === 'N' || type === 'B') return;
  throw invalid(`Invalid expression: Incorrect operand type for operator or function; operand type: ${type}`);
}

function refuseDescending(low: Operand, high: Operand): void {
  if (!('value' in low && 'value' in high)) return;
  if (typeOf(low.value) !== typeOf(high.value)) {
    throw invalid('Invalid expression: The BETWEEN operator requires operands of one type');
  }
  if ((compare(low.value, high.value) ?? 0) > 0) {
    throw invalid(
      'Invalid expression: The BETWEEN operator requires upper bound to be greater than lower bound',
    );
  }
}

/** Evaluates a condition. An item that does not exist counts as one without attributes. */
export function holds(condition: Condition, item: StoredMap): boolean {
  switch (condition.kind) {
    case 'ALL':
      return holds(condition.left, item) && holds(condition.right, item);
    case 'ANY':
      return holds(condition.left, item) || holds(condition.right, item);
    case 'COMPARE':
      return compares(
        condition.comparator,
        operandIn(condition.left, item),
        operandIn(condition.right, item),
      );
    case 'BETWEEN': {
      const of = operandIn(condition.of, item);
      return (
        compares('>=', of, operandIn(condition.low, item)) &&
        compares('<=', of, operandIn(condition.high, item))
      );
    }
    case 'IN': {
      const of = operandIn(condition.of, item);
      return condition.list.some((side) => compares('=', of, operandIn(side, item)));
    }
    case 'EXISTS':
      return (readPath(item, condition.path) !== undefined) === condition.wanted;
    case 'TYPE': {
      const value = operandIn(condition.of, item);
      return value !== undefined && typeOf(value) === condition.type;
    }
    default:
      return condition satisfies never;
  }
}

const operandIn = (operand: Operand, item: StoredMap): AttributeValue | undefined =>
  'value' in operand ? operand.value : readPath(item, operand.path);

/** A missing operand is not equal to anything, not even to another missing one. */
function compares(
  comparator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  if (comparator === '=') return left !== undefined && right !== undefined && equal(left, right);
  if (comparator === '<>') return left === undefined || right === undefined || !equal(left, right);
  const order = left && right && compare(left, right);
  if (order === undefined) return false;
  switch (comparator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      return comparator satisfies never;
  }
}

/** Returns every path in a condition, to check that none leads into a key attribute. */
export function pathsOf(condition: Condition): Path[] {
  switch (condition.kind) {
    case 'ALL':
    case 'ANY':
      return [...pathsOf(condition.left), ...pathsOf(condition.right)];
    case 'COMPARE':
      return [condition.left, condition.right].flatMap((side) => ('path' in side ? [side.path] : []));
    case 'BETWEEN':
      return [condition.of, condition.low, condition.high].flatMap((side) =>
        'path' in side ? [side.path] : [],
      );
    case 'IN':
      return [condition.of, ...condition.list].flatMap((side) => ('path' in side ? [side.path] : []));
    case 'EXISTS':
      return [condition.path];
    case 'TYPE':
      return 'path' in condition.of ? [condition.of.path] : [];
    default:
      return condition satisfies never;
  }
}
