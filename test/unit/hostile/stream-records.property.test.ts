import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { watchRecord } from '../../../functions/watch-issues/watch-record.ts';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { parseImage } from '../../../shared/issue/issue-image.ts';
import type { RawValue } from '../../../shared/runtime/attribute-values.ts';
import { isLasting } from '../../../shared/runtime/lasting-errors.ts';
import { aCounter } from '../../support/counter.ts';
import { anIssue, aStage, aTask, imageOf } from '../../support/issue.ts';
import { aLog } from '../../support/log.ts';

const name = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'issueId',
    'title',
    'status',
    'stages',
    'bell',
    'version',
    'taskId',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

/** Any value that DynamoDB can hold. */
const { value } = fc.letrec<{ value: RawValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.record({ S: fc.string({ unit: 'binary' }) }),
    fc.record({
      N: fc.oneof(fc.constantFrom('1e125', '-9'.repeat(19), '1E-130', '-0'), fc.integer().map(String)),
    }),
    fc.record({ BOOL: fc.boolean() }),
    fc.constant({ NULL: true }),
    fc.record({ B: fc.base64String() }),
    fc.record({ SS: fc.array(fc.string(), { maxLength: 3 }) }),
    fc.record({ NS: fc.array(fc.integer().map(String), { maxLength: 3 }) }),
    fc.record({ BS: fc.array(fc.base64String(), { maxLength: 3 }) }),
    fc.constant({}),
    fc.constant({ M: { length: { M: { toString: { NULL: true } } } } }),
    fc.record({ M: fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }) }),
    fc.record({ L: fc.array(tie('value'), { maxLength: 4 }) }),
  ),
}));

/** Values that DynamoDB never sends, but that a replayed or hand-made record may contain. */
const malformed = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(fc.constantFrom('S', 'N', 'M', 'L', 'B', 'SS', 'NS', 'BS', 'BOOL', 'X'), fc.jsonValue()),
);

const sound = imageOf(anIssue({ stages: [aStage({ tasks: [aTask(), aTask({ taskId: 'task-2' })] })] }));

/** A valid issue, some attributes of which have any other value, at the top or in its first task. */
const image = <T>(odd: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T | RawValue> | undefined> =>
  fc.option(
    fc.oneof(
      fc.dictionary(name, odd, { noNullPrototype: true }),
      fc
        .dictionary(fc.constantFrom(...Object.keys(sound), 'bell', 'version', 'approvalFlow'), odd)
        .map((changes) => ({ ...sound, ...changes })),
    ),
    { nil: undefined },
  );

const recordOf = (odd: fc.Arbitrary<unknown>): fc.Arbitrary<DynamoDBRecord> =>
  fc
    .record({
      eventName: fc.constantFrom('INSERT', 'MODIFY', 'REMOVE', undefined),
      OldImage: image(odd),
      NewImage: image(odd),
    })
    // A stream record is JSON, so all of it comes as text.
    .map(({ eventName, ...images }) =>
      JSON.parse(
        JSON.stringify({
          eventID: 'event-1',
          eventName,
          dynamodb: { Keys: { issueId: { S: 'issue-1' } }, SequenceNumber: '1', ...images },
        }),
      ),
    );

function watching() {
  const hints: Hint[] = [];
  const logger = aLog();
  const counter = aCounter();
  const queue = { send: async (hint: Hint) => void hints.push(hint) };
  return { hints, logger, dependencies: { queue, counter, logger } };
}

/** An image that cannot be read at all is not called invalid: the worker reads the item. */
function isReadAsInvalid(image: Parameters<typeof parseImage>[0] | undefined): boolean {
  try {
    return image !== undefined && !parseImage(image).ok;
  } catch {
    return false;
  }
}

it.each([
  ['of any values at all', value, 2_000],
  ['of what is no value of DynamoDB', malformed, 1_500],
] as const)(
  'a record with images %s never stops the shard, and costs one hint at most',
  async (_, odd, numRuns) => {
    await fc.assert(
      fc.asyncProperty(recordOf(odd), async (record) => {
        const { hints, logger, dependencies } = watching();
        await watchRecord(record, dependencies);
        expect(hints.length).toBeLessThanOrEqual(1);
        for (const hint of hints) expect(hint).toMatchObject({ kind: 'RECORD_CHANGED', issueId: 'issue-1' });
        const isInvalid = isReadAsInvalid(record.dynamodb?.NewImage);
        for (const line of logger.lines) {
          expect(line).toEqual([
            'issue written',
            { issueId: 'issue-1', triggers: expect.any(Array), ...(isInvalid && { invalid: true }) },
          ]);
        }
      }),
      { numRuns },
    );
  },
);

it('parses an image of any values as valid, or says what is wrong, without throwing', () => {
  fc.assert(
    fc.property(image(value), (one) => {
      const parsed = parseImage(one ?? {});
      if (!parsed.ok) expect(parsed.message).toMatch(/^[^:]+: ./s);
    }),
    { numRuns: 2_000 },
  );
});

it('hints a change that cannot be read, because the worker reads the item itself', async () => {
  const { hints, dependencies } = watching();
  const [record] = fc.sample(recordOf(fc.constant(null)), 1);
  if (!record) throw new Error('no record');
  const unreadable = JSON.parse(JSON.stringify({ stages: { L: 'no list' } }));
  await watchRecord(
    {
      ...record,
      eventName: 'MODIFY',
      dynamodb: { ...record.dynamodb, OldImage: unreadable, NewImage: unreadable },
    },
    dependencies,
  );
  expect(hints).toHaveLength(1);
});

it.each([undefined, null, {}, { S: '' }, { S: 5 }, { N: '5' }, 'issue-1'])(
  'a record whose key is %j can never succeed, and is known as such',
  async (issueId) => {
    const { hints, dependencies } = watching();
    const record = JSON.parse(JSON.stringify({ eventID: 'event-9', dynamodb: { Keys: { issueId } } }));
    const failure: unknown = await watchRecord(record, dependencies).catch((error: unknown) => error);
    expect(isLasting(failure)).toBe(true);
    expect(hints).toEqual([]);
  },
);
