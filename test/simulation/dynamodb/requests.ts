import { invalid } from './errors.ts';
import { bindCondition, type Condition, parseCondition, pathsOf } from './expressions/condition.ts';
import { Placeholders } from './expressions/placeholders.ts';
import { type BoundUpdate, bindUpdate, changedPaths, parseUpdate } from './expressions/update.ts';
import { indexKeyNames, keyNames, refusePathsInto } from './keys.ts';
import type { Table } from './table.ts';

/** Throws an error that fails the test if a request has a parameter that this fake does not implement. */
export function refuseUnknown(operation: string, input: object, known: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined || known.has(name)) continue;
    throw new Error(`The fake of DynamoDB knows no ${name} of ${operation}; teach it.`);
  }
}

const CACHE_LIMIT = 10_000;

/** Parses each text once, because a simulation sends the same few hundred expressions again and again. */
function cached<T>(parse: (expression: string) => T): (expression: string) => T {
  const parsed = new Map<string, T>();
  return (expression) => {
    const known = parsed.get(expression);
    if (known !== undefined) return known;
    if (parsed.size >= CACHE_LIMIT) parsed.clear();
    const result = parse(expression);
    parsed.set(expression, result);
    return result;
  };
}

export const parsedCondition = cached(parseCondition);
const parsedUpdate = cached(parseUpdate);

interface ExpressionInput {
  ConditionExpression?: string | undefined;
  UpdateExpression?: string | undefined;
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: ConstructorParameters<typeof Placeholders>[0]['ExpressionAttributeValues'];
}

/** The expressions of a write, with names and values inserted. They do not depend on an item. */
export function bindExpressions(
  input: ExpressionInput,
  table: Table,
): { condition: Condition | undefined; update: BoundUpdate | undefined } {
  const { ConditionExpression, UpdateExpression } = input;
  const placeholders = new Placeholders(input, [ConditionExpression, UpdateExpression]);
  const update =
    UpdateExpression === undefined ? undefined : bindUpdate(parsedUpdate(UpdateExpression), placeholders);
  const condition =
    ConditionExpression === undefined
      ? undefined
      : bindCondition(parsedCondition(ConditionExpression), placeholders);
  placeholders.refuseUnused();
  const { definition } = table;
  if (condition) refusePathsInto([...keyNames(definition), ...indexKeyNames(definition)], pathsOf(condition));
  if (update) refusePathsInto(indexKeyNames(definition), changedPaths(update));
  return { condition, update };
}

const MIN_LIMIT = 1;

export function checkedLimit(limit: number | undefined): number {
  if (limit !== undefined && limit < MIN_LIMIT) throw invalid('Limit must be greater than or equal to 1');
  return limit ?? Number.POSITIVE_INFINITY;
}
