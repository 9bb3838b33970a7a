import {
  type AttributeValue,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Item, MakePlace, Place } from '../place.ts';

/** The Approvals table for the tests of the database itself: one item, and the result of a write. */
export interface OneTable extends Place {
  name: string;
  put(attributes: Item, sort?: string): Promise<void>;
  /** Returns the item without its keys, or undefined if there is none. */
  get(sort?: string): Promise<Item | undefined>;
  update(change: Change, sort?: string): Promise<Result>;
  /** Whether a condition holds for the item. */
  holds(condition: string, given?: Given, sort?: string): Promise<Result>;
  transact(...items: TransactWriteItem[]): Promise<Result>;
}

/** `OK`, the name of an error, or the reasons of a cancelled transaction. */
export type Result = string | (string | undefined)[];

/** Names without `#` and values without `:`. */
export interface Given {
  names?: Record<string, string>;
  values?: Record<string, AttributeValue>;
}
export type Change = Given &
  Pick<Partial<UpdateItemCommandInput>, 'UpdateExpression' | 'ConditionExpression'>;

const PARTITION = 'p';
const SORT = 's';
export const keyOf = (sort = SORT): Item => ({ pk: { S: PARTITION }, sk: { S: sort } });

export async function aTable(makePlace: MakePlace): Promise<OneTable> {
  const place = await makePlace();
  const { documents } = place;
  const name = place.tables.approvalTableName;
  const update = ({ names, values, ...expressions }: Change, sort = SORT) =>
    resultOf(
      documents.send(
        new UpdateItemCommand({
          TableName: name,
          Key: keyOf(sort),
          ...expressions,
          ...(names && { ExpressionAttributeNames: prefixed('#', names) }),
          ...(values && { ExpressionAttributeValues: prefixed(':', values) }),
        }),
      ),
    );
  return {
    ...place,
    name,
    update,
    async put(attributes, sort = SORT) {
      await documents.send(new PutItemCommand({ TableName: name, Item: { ...attributes, ...keyOf(sort) } }));
    },
    async get(sort = SORT) {
      const get = new GetItemCommand({ TableName: name, Key: keyOf(sort), ConsistentRead: true });
      const { Item } = await documents.send(get);
      if (!Item) return undefined;
      const { pk, sk, ...attributes } = Item;
      return attributes;
    },
    holds: (ConditionExpression, given, sort) => update({ ConditionExpression, ...given }, sort),
    transact: (...TransactItems) =>
      resultOf(documents.send(new TransactWriteItemsCommand({ TransactItems }))),
  };
}

export async function resultOf(write: Promise<unknown>): Promise<Result> {
  try {
    await write;
    return 'OK';
  } catch (error) {
    if (error instanceof TransactionCanceledException) {
      return error.CancellationReasons?.map(({ Code }) => Code) ?? [];
    }
    return error instanceof Error ? error.name : 'UNKNOWN';
  }
}

const prefixed = <T>(sign: string, given: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [sign + name, value]));

export const N = (number: string): AttributeValue => ({ N: number });
export const S = (text: string): AttributeValue => ({ S: text });
export const L = (...elements: AttributeValue[]): AttributeValue => ({ L: elements });
export const M = (entries: Record<string, AttributeValue>): AttributeValue => ({ M: entries });
