import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { invalid } from '../errors.ts';
import { addNumbers } from '../numbers.ts';
import { refuseTooDeep, type StoredMap, typeOf } from '../values.ts';
import { type Path, parsePath, readPath, resolvePath, samePath, type WrittenPath } from './paths.ts';
import type { Placeholders } from './placeholders.ts';
import { applyTargets, type Target, targetTree } from './targets.ts';
import { TokenReader } from './tokens.ts';

/**
 * Update expressions: SET of a value, a path, `a + b` and if_not_exists, and REMOVE. The product does not use ADD,
 * DELETE, `-` and list_append, so they are refused as unknown.
 */

type WrittenOperand =
  | { kind: 'PATH'; path: WrittenPath }
  | { kind: 'VALUE'; placeholder: string }
  | { kind: 'IF_NOT_EXISTS'; path: WrittenPath; otherwise: WrittenOperand };
type WrittenExpression = WrittenOperand | { kind: 'SUM'; left: WrittenOperand; right: WrittenOperand };

export interface WrittenUpdate {
  sets: readonly { path: WrittenPath; to: WrittenExpression }[];
  removes: readonly WrittenPath[];
}

type Operand =
  | { kind: 'PATH'; path: Path }
  | { kind: 'VALUE'; value: AttributeValue }
  | { kind: 'IF_NOT_EXISTS'; path: Path; otherwise: Operand };
type Expression = Operand | { kind: 'SUM'; left: Operand; right: Operand };

export interface BoundUpdate {
  sets: readonly { path: Path; to: Expression }[];
  removes: readonly Path[];
}

export function parseUpdate(expression: string): WrittenUpdate {
  const tokens = new TokenReader(expression);
  let sets: WrittenUpdate['sets'] | undefined;
  let removes: WrittenUpdate['removes'] | undefined;
  do {
    if (tokens.isKeyword('SET') && !sets) {
      tokens.take();
      sets = parseList(tokens, parseAssignment);
    } else if (tokens.isKeyword('REMOVE') && !removes) {
      tokens.take();
      removes = parseList(tokens, parsePath);
    } else {
      throw tokens.unexpected();
    }
  } while (tokens.next.kind !== 'end');
  return { sets: sets ?? [], removes: removes ?? [] };
}

function parseList<T>(tokens: TokenReader, parse: (tokens: TokenReader) => T): T[] {
  const list = [parse(tokens)];
  while (tokens.isSign(',')) {
    tokens.take();
    list.push(parse(tokens));
  }
  return list;
}

function parseAssignment(tokens: TokenReader): WrittenUpdate['sets'][number] {
  const path = parsePath(tokens);
  tokens.takeSign('=');
  const left = parseOperand(tokens);
  if (!tokens.isSign('+')) return { path, to: left };
  tokens.take();
  return { path, to: { kind: 'SUM', left, right: parseOperand(tokens) } };
}

function parseOperand(tokens: TokenReader): WrittenOperand {
  const { kind, text } = tokens.next;
  if (kind === 'value') return { kind: 'VALUE', placeholder: tokens.take().text };
  if (kind !== 'word' || !tokens.isFollowedBy('(')) return { kind: 'PATH', path: parsePath(tokens) };
  if (text !== 'if_not_exists') throw invalid(`Invalid expression: Invalid function name; function: ${text}`);
  tokens.take();
  tokens.takeSign('(');
  const path = parsePath(tokens);
  tokens.takeSign(',');
  const otherwise = parseOperand(tokens);
  tokens.takeSign(')');
  return { kind: 'IF_NOT_EXISTS', path, otherwise };
}

export function bindUpdate(update: WrittenUpdate, placeholders: Placeholders): BoundUpdate {
  const bound = {
    sets: update.sets.map(({ path, to }) => ({
      path: resolvePath(path, placeholders),
      to: bindExpression(to, placeholders),
    })),
    removes: update.removes.map((path) => resolvePath(path, placeholders)),
  };
  // Checks here whether paths overlap, because this does not depend on an item.
  targetTree(targetsOf(bound, () => undefined));
  return bound;
}

function bindExpression(expression: WrittenExpression, placeholders: Placeholders): Expression {
  if (expression.kind !== 'SUM') return bindOperand(expression, placeholders);
  const left = bindOperand(expression.left, placeholders);
  const right = bindOperand(expression.right, placeholders);
  for (const side of [left, right]) {
    if (side.kind === 'VALUE' && side.value.N === undefined) {
      throw invalid('Invalid expression: Incorrect operand type for operator or function; operator: +');
    }
  }
  return { kind: 'SUM', left, right };
}

function bindOperand(operand: WrittenOperand, placeholders: Placeholders): Operand {
  switch (operand.kind) {
    case 'PATH':
      return { kind: 'PATH', path: resolvePath(operand.path, placeholders) };
    case 'VALUE':
      return { kind: 'VALUE', value: placeholders.value(operand.placeholder) };
    case 'IF_NOT_EXISTS': {
      const path = resolvePath(operand.path, placeholders);
      const otherwise = bindOperand(operand.otherwise, placeholders);
      if (otherwise.kind === 'PATH' && samePath(otherwise.path, path)) {
        throw invalid('Invalid expression: The first operand must be distinct from the remaining operands');
      }
      return { kind: 'IF_NOT_EXISTS', path, otherwise };
    }
    default:
      return operand satisfies never;
  }
}

export const changedPaths = ({ sets, removes }: BoundUpdate): Path[] => [
  ...sets.map(({ path }) => path),
  ...removes,
];

/** Returns the item after the update. Reads every operand from the item before it. Shares unchanged values. */
export function applyUpdate(update: BoundUpdate, item: StoredMap): StoredMap {
  const targets = targetsOf(update, (expression) => evaluate(expression, item));
  for (const { path, value } of targets) if (value) refuseTooDeep(value, path.length - 1);
  return applyTargets(targetTree(targets), item);
}

const targetsOf = (
  { sets, removes }: BoundUpdate,
  evaluated: (expression: Expression) => AttributeValue | undefined,
): Target[] => [
  ...sets.map(({ path, to }) => ({ path, value: evaluated(to) })),
  ...removes.map((path) => ({ path, value: undefined })),
];

function evaluate(expression: Expression, item: StoredMap): AttributeValue {
  switch (expression.kind) {
    case 'VALUE':
      return expression.value;
    case 'PATH':
      return existing(readPath(item, expression.path));
    case 'IF_NOT_EXISTS': {
      // Both sides must exist, even if only the first is needed.
      const otherwise = evaluate(expression.otherwise, item);
      return readPath(item, expression.path) ?? otherwise;
    }
    case 'SUM': {
      const left = numberOf(evaluate(expression.left, item));
      const right = numberOf(evaluate(expression.right, item));
      return Object.freeze({ N: addNumbers(left, right) });
    }
    default:
      return expression satisfies never;
  }
}

function existing(value: AttributeValue | undefined): AttributeValue {
  if (value) return value;
  throw invalid('The provided expression refers to an attribute that does not exist in the item');
}

function numberOf(value: AttributeValue): string {
  if (value.N !== undefined) return value.N;
  throw invalid(`An operand in the update expression has an incorrect data type: ${typeOf(value)}`);
}
