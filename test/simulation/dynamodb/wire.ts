import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  GetCommand,
  type NativeAttributeValue,
  PutCommand,
  QueryCommand as QueryDocumentsCommand,
  ScanCommand as ScanDocumentsCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { marshallOptions } from '../../../shared/runtime/dynamodb-writes.ts';
import type { Database } from './database.ts';
import type { Page } from './reads.ts';

type Item = Record<string, AttributeValue>;
type Document = Record<string, NativeAttributeValue>;

/** A command of either client, ready to be carried out. `run` is synchronous. */
export interface Request {
  kind: 'READ' | 'WRITE';
  /** The name in the API, such as `UpdateItem`, for both clients. */
  operation: string;
  /** Whether the command reads a table without strong consistency. Reads of an index cannot have it. */
  lags: boolean;
  run(database: Database): object;
}

const read = (operation: string, run: Request['run']): RawRequest => ({ kind: 'READ', operation, run });
const write = (operation: string, run: Request['run']): RawRequest => ({ kind: 'WRITE', operation, run });

/**
 * Reads a command. Marshals documents immediately, as the client does before it sends anything. Throws a plain Error, which
 * fails a test, for a command that this fake does not implement.
 */
export function requestOf(command: object): Request {
  const request = rawRequest(command) ?? documentRequest(command);
  if (request) return { ...request, lags: request.kind === 'READ' && isEventual(command) };
  throw new Error(`The fake of DynamoDB knows no ${command.constructor.name}; teach it.`);
}

type RawRequest = Omit<Request, 'lags'>;

function isEventual(command: object): boolean {
  const input = 'input' in command && command.input instanceof Object ? command.input : {};
  const asked = 'ConsistentRead' in input && input.ConsistentRead === true;
  return !asked && !('IndexName' in input && input.IndexName !== undefined);
}

function rawRequest(command: object): RawRequest | undefined {
  if (command instanceof GetItemCommand) return read('GetItem', (database) => database.get(command.input));
  if (command instanceof PutItemCommand) return write('PutItem', (database) => database.put(command.input));
  if (command instanceof UpdateItemCommand) {
    return write('UpdateItem', (database) => database.update(command.input));
  }
  if (command instanceof DeleteItemCommand) {
    return write('DeleteItem', (database) => database.delete(command.input));
  }
  if (command instanceof QueryCommand) return read('Query', (database) => database.query(command.input));
  if (command instanceof ScanCommand) return read('Scan', (database) => database.scan(command.input));
  if (command instanceof TransactWriteItemsCommand) {
    return write('TransactWriteItems', (database) => database.transactWrite(command.input));
  }
  return undefined;
}

function documentRequest(command: object): RawRequest | undefined {
  if (command instanceof GetCommand) {
    const { Key, ...rest } = command.input;
    const input = { ...rest, Key: marshalled(Key) };
    return read('GetItem', (database) => documentOf(database.get(input)));
  }
  if (command instanceof PutCommand) {
    const { Item, Expected, ...rest } = command.input;
    refuseLegacy({ Expected });
    const input = { ...withRawValues(rest), Item: marshalled(Item) };
    return write('PutItem', (database) => documentOf(database.put(input)));
  }
  if (command instanceof UpdateCommand) {
    const { Key, Expected, AttributeUpdates, ...rest } = command.input;
    refuseLegacy({ Expected, AttributeUpdates });
    const input = {
      ...withRawValues(rest),
      Key: marshalled(Key),
    };
    return write('UpdateItem', (database) => documentOf(database.update(input)));
  }
  if (command instanceof DeleteCommand) {
    const { Key, Expected, ...rest } = command.input;
    refuseLegacy({ Expected });
    const input = { ...withRawValues(rest), Key: marshalled(Key) };
    return write('DeleteItem', (database) => documentOf(database.delete(input)));
  }
  if (command instanceof QueryDocumentsCommand) {
    const { ExclusiveStartKey, KeyConditions, QueryFilter, ...rest } = command.input;
    refuseLegacy({ KeyConditions, QueryFilter });
    const input = {
      ...withRawValues(rest),
      ExclusiveStartKey: ExclusiveStartKey && marshalled(ExclusiveStartKey),
    };
    return read('Query', (database) => pageOfDocuments(database.query(input)));
  }
  if (command instanceof ScanDocumentsCommand) {
    const { ExclusiveStartKey, ScanFilter, ...rest } = command.input;
    refuseLegacy({ ScanFilter });
    const input = {
      ...withRawValues(rest),
      ExclusiveStartKey: ExclusiveStartKey && marshalled(ExclusiveStartKey),
    };
    return read('Scan', (database) => pageOfDocuments(database.scan(input)));
  }
  if (command instanceof TransactWriteCommand) {
    const { TransactItems, ...rest } = command.input;
    const input = { ...rest, TransactItems: TransactItems?.map(rawOperation) };
    return write('TransactWriteItems', (database) => database.transactWrite(input));
  }
  return undefined;
}

type DocumentOperation = NonNullable<TransactWriteCommand['input']['TransactItems']>[number];

const rawOperation = ({ Put, Update, Delete, ConditionCheck }: DocumentOperation) => ({
  Put: Put && { ...withRawValues(Put), Item: marshalled(Put.Item) },
  Update: Update && { ...withRawValues(Update), Key: marshalled(Update.Key) },
  Delete: Delete && { ...withRawValues(Delete), Key: marshalled(Delete.Key) },
  ConditionCheck: ConditionCheck && {
    ...withRawValues(ConditionCheck),
    Key: marshalled(ConditionCheck.Key),
  },
});

const withRawValues = <T extends { ExpressionAttributeValues?: Document | undefined }>({
  ExpressionAttributeValues: values,
  ...rest
}: T) => ({ ...rest, ExpressionAttributeValues: values && marshalled(values) });

const marshalled = (document: Document | undefined): Item => marshall(document ?? {}, marshallOptions());

/** Legacy parameters of the API, from before expressions. The product must not use them unnoticed. */
function refuseLegacy(parameters: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) throw new Error(`The fake of DynamoDB knows no ${name}; use expressions.`);
  }
}

const documentOf = ({ Item, Attributes }: { Item?: Item; Attributes?: Item }) => ({
  ...(Item && { Item: unmarshall(Item) }),
  ...(Attributes && { Attributes: unmarshall(Attributes) }),
});

const pageOfDocuments = ({ Items, LastEvaluatedKey, ...counts }: Page) => ({
  ...counts,
  Items: Items.map((item) => unmarshall(item)),
  ...(LastEvaluatedKey && { LastEvaluatedKey: unmarshall(LastEvaluatedKey) }),
});
