import {
  type AttributeValue,
  DeleteItemCommand,
  PutItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as fc from 'fast-check';
import { anyCondition, anySlip, anyUpdate, expressionsOf } from './expressions.ts';
import { anyAttributes, maybe, mostly } from './values.ts';

/** Random writes to a few small items, most of them valid. */

/** Where a sequence runs: its own partition of a table. */
export interface Place {
  table: string;
  partition: string;
}

type Parameters =
  | { kind: 'Put'; sort: string; attributes: Record<string, AttributeValue>; expressions: Expressions }
  | { kind: 'Update' | 'Delete' | 'ConditionCheck'; sort: string; expressions: Expressions };
type Expressions = ReturnType<typeof expressionsOf>;

type Returning = 'NONE' | 'ALL_OLD' | 'ALL_NEW' | undefined;

export type RandomWrite =
  | { kind: 'ONE'; write: Parameters; returning: Returning }
  | { kind: 'TRANSACTION'; writes: Parameters[] };

const SORTS = ['a', 'b', 'c'];
const anySort = fc.constantFrom(...SORTS);

const anyConditional = fc
  .tuple(maybe(anyCondition), anySlip)
  .map(([condition, slip]) => expressionsOf({ condition }, slip));

const anyPut: fc.Arbitrary<Parameters> = fc.record({
  kind: fc.constant('Put'),
  sort: anySort,
  attributes: anyAttributes,
  expressions: anyConditional,
});

const anyUpdateItem: fc.Arbitrary<Parameters> = fc.record({
  kind: fc.constant('Update'),
  sort: anySort,
  expressions: fc
    .tuple(mostly(anyUpdate, fc.constant(undefined)), maybe(anyCondition), anySlip)
    .map(([update, condition, slip]) => expressionsOf({ update, condition }, slip)),
});

const anyDelete: fc.Arbitrary<Parameters> = fc.record({
  kind: fc.constant('Delete'),
  sort: anySort,
  expressions: anyConditional,
});

const anyCheck: fc.Arbitrary<Parameters> = fc.record({
  kind: fc.constant('ConditionCheck'),
  sort: anySort,
  expressions: fc.tuple(anyCondition, anySlip).map(([condition, slip]) => expressionsOf({ condition }, slip)),
});

const anyWrite = fc.oneof(
  { weight: 3, arbitrary: anyPut },
  { weight: 6, arbitrary: anyUpdateItem },
  { weight: 1, arbitrary: anyDelete },
);

const anyRandomWrite: fc.Arbitrary<RandomWrite> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('ONE'),
      write: anyWrite,
      returning: mostly(
        fc.constantFrom<Returning[]>(undefined, 'NONE', 'ALL_OLD'),
        fc.constant<Returning>('ALL_NEW'),
        10,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('TRANSACTION'),
      writes: fc.uniqueArray(fc.oneof(anyWrite, anyCheck), { selector: ({ sort }) => sort }),
    }),
  },
);

/** The items that exist before the sequence. */
const anyStart = fc
  .tuple(...SORTS.map((sort) => anyAttributes.map((attributes) => ({ sort, attributes }))))
  .map((items) =>
    items.map(
      ({ sort, attributes }): RandomWrite => ({
        kind: 'ONE',
        write: { kind: 'Put', sort, attributes, expressions: {} },
        returning: undefined,
      }),
    ),
  );

export const anySequence: fc.Arbitrary<RandomWrite[]> = fc
  .tuple(anyStart, fc.array(anyRandomWrite, { minLength: 1, maxLength: 12, size: 'max' }))
  .map(([start, writes]) => [...start, ...writes]);

/** Runs a write. Returns the attributes that the database returns, or rejects with its error. */
export async function carryOut(
  random: RandomWrite,
  documents: DynamoDBDocumentClient,
  place: Place,
): Promise<Record<string, AttributeValue> | undefined> {
  if (random.kind === 'TRANSACTION') {
    const TransactItems = random.writes.map((write) => operationOf(write, place));
    await documents.send(new TransactWriteItemsCommand({ TransactItems }));
    return undefined;
  }
  const { write, returning } = random;
  const common = { TableName: place.table, ReturnValues: returning, ...write.expressions };
  const Key = keyOf(write.sort, place);
  switch (write.kind) {
    case 'Put': {
      const put = new PutItemCommand({ ...common, Item: { ...write.attributes, ...Key } });
      return (await documents.send(put)).Attributes;
    }
    case 'Update':
      return (await documents.send(new UpdateItemCommand({ ...common, Key }))).Attributes;
    default:
      return (await documents.send(new DeleteItemCommand({ ...common, Key }))).Attributes;
  }
}

function operationOf(write: Parameters, place: Place): TransactWriteItem {
  const common = { TableName: place.table, ...write.expressions };
  const Key = keyOf(write.sort, place);
  switch (write.kind) {
    case 'Put':
      return { Put: { ...common, Item: { ...write.attributes, ...Key } } };
    case 'Update':
      return { Update: { UpdateExpression: undefined, ...common, Key } };
    case 'Delete':
      return { Delete: { ...common, Key } };
    case 'ConditionCheck':
      return { ConditionCheck: { ConditionExpression: undefined, ...common, Key } };
    default:
      return write satisfies never;
  }
}

const keyOf = (sort: string, { partition }: Place): Record<string, AttributeValue> => ({
  pk: { S: partition },
  sk: { S: sort },
});
