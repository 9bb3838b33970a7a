import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';

/** Random attribute values from a few of each type, so that two of them are often equal. */

/** One value in `weight` + 1 is rare, so that most sequences succeed. */
export const mostly = <T, U>(
  usual: fc.Arbitrary<T>,
  rare: fc.Arbitrary<U>,
  weight = 40,
): fc.Arbitrary<T | U> =>
  fc.oneof<fc.WeightedArbitrary<T | U>[]>({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });

export const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });

export const anyNumber = fc
  .constantFrom('0', '-0', '1', '1.0', '1.10', '1.1', '2', '10', '1e1', '-3', '0.5', '1E-7', '9'.repeat(38))
  .map((N) => ({ N }));

export const anyText = fc
  .constantFrom('', 'a', 'b', 'ab', 'S', 'M', 'L', '審', '\u{1F600}', '\uFFFD')
  .map((S) => ({ S }));

export const anyScalar: fc.Arbitrary<AttributeValue> = fc.oneof(
  { weight: 4, arbitrary: anyText },
  { weight: 4, arbitrary: anyNumber },
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true as const }),
  fc.constantFrom([], [1], [1, 2], [200]).map((bytes) => ({ B: Uint8Array.from(bytes) })),
  fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }).map((SS) => ({ SS })),
  fc.subarray(['0', '1.0', '1e1', '-3'], { minLength: 1 }).map((NS) => ({ NS })),
  fc
    .uniqueArray(fc.constantFrom(0, 1, 200), { minLength: 1 })
    .map((bytes) => ({ BS: bytes.map((byte) => Uint8Array.of(byte)) })),
);

const { value: anyWellFormed } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    anyScalar,
    anyMap(tie('value'), 3),
    anyList(tie('value'), 3),
  ),
}));

/** Values that DynamoDB refuses. */
const anyIllFormed = fc.constantFrom<AttributeValue[]>(
  { N: 'x' },
  { N: '' },
  { N: '1E126' },
  { N: '1E-131' },
  { N: '1234567890123456789012345678901234567890' },
  { SS: [] },
  { SS: ['a', 'a'] },
  { NS: ['1', '1.0'] },
  { M: { '': { S: 'a' } } },
);

export const anyValue = mostly(anyWellFormed, anyIllFormed);

function anyMap(value: fc.Arbitrary<AttributeValue>, maxKeys: number) {
  const name = fc.constantFrom('a', 'b', 'm', 'l', 'toString');
  return fc.dictionary(name, value, { maxKeys, noNullPrototype: true }).map((M) => ({ M }));
}

function anyList(value: fc.Arbitrary<AttributeValue>, maxLength: number) {
  return fc.array(value, { maxLength }).map((L) => ({ L }));
}

/** Attributes besides the key: a map, a list, a number, and the two of the index. */
export const anyAttributes: fc.Arbitrary<Record<string, AttributeValue>> = fc
  .record(
    {
      a: anyValue,
      b: anyValue,
      m: anyMap(anyValue, 4),
      l: anyList(anyValue, 4),
      n: anyNumber,
      status: anyText,
      due: mostly(fc.constant({ S: 'DUE' }), anyScalar),
      checkAfter: mostly(fc.constantFrom({ S: '2026' }, { S: '2027' }), anyScalar),
    },
    { requiredKeys: ['m', 'l', 'n'], noNullPrototype: true },
  )
  .map((attributes) => ({ ...attributes }));
