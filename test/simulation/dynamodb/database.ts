import type {
  AttributeValue,
  DeleteItemCommandInput,
  GetItemCommandInput,
  PutItemCommandInput,
  QueryCommandInput,
  ScanCommandInput,
  TransactWriteItem,
  TransactWriteItemsCommandInput,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { itemSize } from '../../../shared/runtime/attribute-values.ts';
import { canceled, invalid, noSuchTable, refused } from './errors.ts';
import { getItem, type Page, query, scan } from './reads.ts';
import { refuseUnknown } from './requests.ts';
import type { Table } from './table.ts';
import type { StoredMap } from './values.ts';
import { type PreparedWrite, prepareCheck, prepareDelete, preparePut, prepareUpdate } from './writes.ts';

type Item = Record<string, AttributeValue>;

const MAX_OPERATIONS = 100;
const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;
const TRANSACTION = new Set(['TransactItems', 'ClientRequestToken']);

/** DynamoDB on raw attribute values. Each method is one request and carries it out before it returns. */
export class Database {
  readonly #tables: ReadonlyMap<string, Table>;

  constructor(tables: ReadonlyMap<string, Table>) {
    this.#tables = tables;
  }

  get(input: GetItemCommandInput): { Item?: Item } {
    return getItem(this.#table(input.TableName), input);
  }

  query(input: QueryCommandInput): Page {
    return query(this.#table(input.TableName), input);
  }

  scan(input: ScanCommandInput): Page {
    return scan(this.#table(input.TableName), input);
  }

  put({ ReturnValues, ...put }: PutItemCommandInput): { Attributes?: Item } {
    return this.#write(preparePut(this.#table(put.TableName), put), ReturnValues, ['ALL_OLD']);
  }

  update({ ReturnValues, ...update }: UpdateItemCommandInput): { Attributes?: Item } {
    return this.#write(prepareUpdate(this.#table(update.TableName), update), ReturnValues, [
      'ALL_OLD',
      'ALL_NEW',
    ]);
  }

  delete({ ReturnValues, ...deletion }: DeleteItemCommandInput): { Attributes?: Item } {
    return this.#write(prepareDelete(this.#table(deletion.TableName), deletion), ReturnValues, ['ALL_OLD']);
  }

  /**
   * Carries out all operations or none. If an item does not have a path, the whole transaction fails, as in DynamoDB
   * Local. The Developer Guide lists this as a cancellation reason instead. The store treats both alike: not stale, retry.
   */
  transactWrite(input: TransactWriteItemsCommandInput): Record<string, never> {
    refuseUnknown('TransactWriteItems', input, TRANSACTION);
    const items = input.TransactItems ?? [];
    if (items.length === 0 || items.length > MAX_OPERATIONS) {
      throw invalid('A transaction has between 1 and 100 operations');
    }
    const writes = items.map((item) => this.#prepare(item));
    refuseSameItemTwice(writes);
    if (payloadOf(items) > MAX_TRANSACTION_BYTES) throw invalid('Transaction payload size cannot exceed 4MB');
    const plans = writes.map((write) => write.plan(attributesOf(write)));
    const obstacles = plans.map((plan) => ('obstacle' in plan ? plan.obstacle : undefined));
    if (obstacles.some((obstacle) => obstacle !== undefined)) throw canceled(obstacles);
    for (const plan of plans) if ('commit' in plan) plan.commit();
    return {};
  }

  #write(
    write: PreparedWrite,
    returnValues: string | undefined,
    known: readonly string[],
  ): { Attributes?: Item } {
    if (returnValues !== undefined && returnValues !== 'NONE' && !known.includes(returnValues)) {
      throw invalid('Return values set to invalid value');
    }
    const before = attributesOf(write);
    const plan = write.plan(before);
    if ('obstacle' in plan) throw refused(plan.obstacle);
    plan.commit();
    const returned =
      returnValues === 'ALL_NEW' ? attributesOf(write) : returnValues === 'ALL_OLD' ? before : undefined;
    return returned ? { Attributes: returned } : {};
  }

  #prepare({ Put, Update, Delete, ConditionCheck, ...unknown }: TransactWriteItem): PreparedWrite {
    refuseUnknown('TransactWriteItems', unknown, new Set());
    const given = [Put, Update, Delete, ConditionCheck].filter((operation) => operation !== undefined);
    if (given.length > 1) throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
    if (Put) return preparePut(this.#table(Put.TableName), Put);
    if (Update) return prepareUpdate(this.#table(Update.TableName), Update);
    if (Delete) return prepareDelete(this.#table(Delete.TableName), Delete);
    if (ConditionCheck) return prepareCheck(this.#table(ConditionCheck.TableName), ConditionCheck);
    throw invalid('TransactWriteRequest should contain Check, Put, Update or Delete');
  }

  #table(name: string | undefined): Table {
    const table = name === undefined ? undefined : this.#tables.get(name);
    if (!table) throw noSuchTable();
    return table;
  }
}

const attributesOf = ({ table, key }: PreparedWrite): StoredMap | undefined => table.get(key)?.attributes;

function refuseSameItemTwice(writes: readonly PreparedWrite[]): void {
  const seen = new Map<Table, Set<string>>();
  for (const { table, key } of writes) {
    const keys = seen.get(table) ?? new Set();
    const text = JSON.stringify([key.partition, key.sort]);
    if (keys.has(text)) throw invalid('Transaction request cannot include multiple operations on one item');
    seen.set(table, keys.add(text));
  }
}

/** The size of items, keys and values of the request. An estimate: the product stays far below the limit. */
function payloadOf(items: readonly TransactWriteItem[]): number {
  return items.reduce((size, { Put, Update, Delete, ConditionCheck }) => {
    const parts = [
      Put?.Item,
      Put?.ExpressionAttributeValues,
      Update?.ExpressionAttributeValues,
      Delete?.ExpressionAttributeValues,
      ConditionCheck?.ExpressionAttributeValues,
    ];
    return parts.reduce((sum, part) => sum + (part ? itemSize(part) : 0), size);
  }, 0);
}
