import type { ConditionCheck, Delete, Put, Update } from '@aws-sdk/client-dynamodb';
import { itemSize } from '../../../shared/runtime/attribute-values.ts';
import { invalid, type Obstacle } from './errors.ts';
import { type Condition, holds } from './expressions/condition.ts';
import { applyUpdate, changedPaths } from './expressions/update.ts';
import {
  indexKeyProblem,
  type Key,
  keyNames,
  keyOfItem,
  keyOfParameter,
  lengthProblem,
  refuseEmptyIndexKey,
} from './keys.ts';
import { bindExpressions, refuseUnknown } from './requests.ts';
import type { Table } from './table.ts';
import { type StoredMap, storeItem } from './values.ts';

/** A checked write that is not carried out yet. */
export interface PreparedWrite {
  table: Table;
  key: Key;
  /** Returns the obstacle for the present item, or how to commit. Throws an error that fails a whole transaction. */
  plan(before: StoredMap | undefined): { obstacle: Obstacle } | { commit: () => void };
}

const MAX_ITEM_BYTES = 400 * 1024;

const CONDITION = ['ConditionExpression', 'ExpressionAttributeNames', 'ExpressionAttributeValues'];
const PUT = new Set(['TableName', 'Item', ...CONDITION]);
const UPDATE = new Set(['TableName', 'Key', 'UpdateExpression', ...CONDITION]);
const DELETE = new Set(['TableName', 'Key', ...CONDITION]);

const nothing: StoredMap = Object.freeze({});

export function preparePut(table: Table, input: Put): PreparedWrite {
  refuseUnknown('Put', input, PUT);
  const item = storeItem(input.Item ?? {});
  const key = keyOfItem(item, table.definition);
  refuseEmptyIndexKey(item, table.definition);
  if (itemSize(item) > MAX_ITEM_BYTES) throw invalid('Item size has exceeded the maximum allowed size');
  const { condition } = bindExpressions(input, table);
  const problem = lengthProblem(key) ?? indexKeyProblem(item, table.definition);
  return {
    table,
    key,
    plan(before) {
      if (problem) return refusal(problem);
      return conditionOn(condition, before) ?? { commit: () => table.put(item) };
    },
  };
}

export function prepareUpdate(
  table: Table,
  input: Omit<Update, 'UpdateExpression'> & { UpdateExpression?: string | undefined },
): PreparedWrite {
  refuseUnknown('Update', input, UPDATE);
  const key = keyOfParameter(input.Key, table.definition);
  const { condition, update } = bindExpressions(input, table);
  const problem = lengthProblem(key);
  const created = storeItem(input.Key ?? {});
  const changed = new Set(update ? changedPaths(update).map(([first]) => first) : []);
  const changedKey = keyNames(table.definition).find((name) => changed.has(name));
  return {
    table,
    key,
    plan(before) {
      if (problem) return refusal(problem);
      const failed = conditionOn(condition, before);
      if (failed) return failed;
      if (changedKey !== undefined)
        return refusal(`Cannot update attribute ${changedKey}. It is part of the key`);
      const item = before ?? created;
      const after = update ? applyUpdate(update, item) : item;
      refuseEmptyIndexKey(after, table.definition);
      const wrong = indexKeyProblem(after, table.definition);
      if (wrong) return refusal(wrong);
      if (itemSize(after) > MAX_ITEM_BYTES) {
        return refusal('Item size to update has exceeded the maximum allowed size');
      }
      return { commit: () => table.put(after) };
    },
  };
}

export function prepareDelete(table: Table, input: Delete): PreparedWrite {
  refuseUnknown('Delete', input, DELETE);
  return prepareOnKey(table, input, (key) => table.delete(key));
}

export function prepareCheck(table: Table, input: ConditionCheck): PreparedWrite {
  refuseUnknown('ConditionCheck', input, DELETE);
  if (input.ConditionExpression === undefined) throw invalid('A ConditionCheck needs a ConditionExpression');
  return prepareOnKey(table, input, () => {});
}

function prepareOnKey(
  table: Table,
  input: Delete | ConditionCheck,
  commit: (key: Key) => void,
): PreparedWrite {
  const key = keyOfParameter(input.Key, table.definition);
  const { condition } = bindExpressions(input, table);
  const problem = lengthProblem(key);
  return {
    table,
    key,
    plan(before) {
      if (problem) return refusal(problem);
      return conditionOn(condition, before) ?? { commit: () => commit(key) };
    },
  };
}

const refusal = (message: string): { obstacle: Obstacle } => ({
  obstacle: { code: 'ValidationError', message },
});

function conditionOn(
  condition: Condition | undefined,
  before: StoredMap | undefined,
): { obstacle: Obstacle } | undefined {
  if (!condition || holds(condition, before ?? nothing)) return undefined;
  return { obstacle: { code: 'ConditionalCheckFailed' } };
}
