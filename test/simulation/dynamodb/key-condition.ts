import type { QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { invalid } from './errors.ts';
import { bindCondition, type Comparator, type Condition, pathsOf } from './expressions/condition.ts';
import type { Path } from './expressions/paths.ts';
import { Placeholders } from './expressions/placeholders.ts';
import { keyValue } from './keys.ts';
import { parsedCondition } from './requests.ts';

/** What a query reads: one partition, and a range of its sort keys. */
export interface KeyCondition {
  partitionKey: string;
  partition: string;
  range: { sortKey: string; bounds: Bound[] } | undefined;
}

interface Bound {
  value: string;
  /** Whether a key is within the bound. `order` is the result of comparing the key with the value. */
  holds: (order: number) => boolean;
}

type Comparison = { name: string; comparator: Comparator | 'BETWEEN'; values: string[] };

/**
 * Reads the expressions of a query. The key condition is `partition = :p`, optionally AND one comparison or BETWEEN of the
 * sort key. Throws a ValidationException for anything else, and for a filter that names a key.
 */
export function readQueryExpressions(
  input: QueryCommandInput,
  keys: { partitionKey: string; sortKey?: string },
): { condition: KeyCondition; filter: Condition | undefined } {
  const { KeyConditionExpression, FilterExpression } = input;
  const placeholders = new Placeholders(input, [KeyConditionExpression, FilterExpression]);
  const condition = readKeyCondition(KeyConditionExpression, keys, placeholders);
  const filter =
    FilterExpression === undefined
      ? undefined
      : bindCondition(parsedCondition(FilterExpression), placeholders);
  placeholders.refuseUnused();
  const filtered = filter ? pathsOf(filter).map(([name]) => name) : [];
  if (filtered.some((name) => name === keys.partitionKey || name === keys.sortKey)) {
    throw invalid('Filter Expression can only contain non-primary key attributes');
  }
  return { condition, filter };
}

function readKeyCondition(
  expression: string | undefined,
  { partitionKey, sortKey }: { partitionKey: string; sortKey?: string },
  placeholders: Placeholders,
): KeyCondition {
  if (expression === undefined) throw invalid('The KeyConditionExpression parameter must be specified');
  const comparisons = comparisonsOf(bindCondition(parsedCondition(expression), placeholders));
  const [partition, another] = comparisons.filter(({ name }) => name === partitionKey);
  const [range, other] = comparisons.filter(({ name }) => name !== partitionKey);
  if (!partition || another || other || (range && range.name !== sortKey)) {
    throw invalid('Query condition missed key schema element, or has more than one condition for a key');
  }
  const [value] = partition.values;
  if (partition.comparator !== '=' || value === undefined) throw invalid('Query key condition not supported');
  return {
    partitionKey,
    partition: value,
    range: range && { sortKey: range.name, bounds: boundsOf(range) },
  };
}

function comparisonsOf(condition: Condition): Comparison[] {
  switch (condition.kind) {
    case 'ALL':
      return [...comparisonsOf(condition.left), ...comparisonsOf(condition.right)];
    case 'COMPARE': {
      const { comparator, left, right } = condition;
      if ('path' in left && 'value' in right) {
        const name = nameOf(left.path);
        return [{ name, comparator, values: [keyValue(right.value, name)] }];
      }
      throw invalid('Invalid KeyConditionExpression: a key must be compared with a value');
    }
    case 'BETWEEN': {
      const { of, low, high } = condition;
      if ('path' in of && 'value' in low && 'value' in high) {
        const name = nameOf(of.path);
        const values = [keyValue(low.value, name), keyValue(high.value, name)];
        return [{ name, comparator: 'BETWEEN', values }];
      }
      throw invalid('Invalid KeyConditionExpression: a key must be compared with a value');
    }
    default:
      throw invalid(`Invalid operator used in KeyConditionExpression: ${condition.kind}`);
  }
}

function nameOf([first, ...rest]: Path): string {
  if (typeof first === 'string' && rest.length === 0) return first;
  throw invalid('Key attributes must be scalars');
}

function boundsOf({ comparator, values }: Comparison): Bound[] {
  if (comparator !== 'BETWEEN') return values.map((value) => ({ value, holds: orders(comparator) }));
  return values.map((value, place) => ({ value, holds: orders(place === 0 ? '>=' : '<=') }));
}

function orders(comparator: Comparator): (order: number) => boolean {
  switch (comparator) {
    case '=':
      return (order) => order === 0;
    case '<':
      return (order) => order < 0;
    case '<=':
      return (order) => order <= 0;
    case '>':
      return (order) => order > 0;
    case '>=':
      return (order) => order >= 0;
    case '<>':
      throw invalid('Invalid operator used in KeyConditionExpression: <>');
    default:
      return comparator satisfies never;
  }
}
