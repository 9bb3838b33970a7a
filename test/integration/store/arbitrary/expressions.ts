import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { anyNumber, anyScalar, anyText, anyValue, mostly } from './values.ts';

/** Text, the name of an attribute to be written as a placeholder, or a value. */
type Fragment = string | { name: string } | { value: AttributeValue };
/** A part of an expression. */
export type Piece = readonly Fragment[];

function write(texts: TemplateStringsArray, ...parts: (Piece | string)[]): Piece {
  return texts.flatMap((text, index) => {
    const part = parts[index] ?? [];
    return [text, ...(typeof part === 'string' ? [part] : part)];
  });
}

const joined = (parts: readonly Piece[], between: string): Piece =>
  parts.flatMap((part, index) => (index === 0 ? part : [between, ...part]));

const literal = (value: AttributeValue): Piece => [{ value }];

/** `status` is a reserved word, so it is rarely used without a placeholder. */
const anyName = (names: readonly string[]): fc.Arbitrary<Piece> =>
  fc
    .tuple(fc.constantFrom(...names), fc.boolean(), mostly(fc.constant(false), fc.constant(true), 100))
    .map(([name, plain, careless]) => (careless || (plain && name !== 'status') ? [name] : [{ name }]));

const anyEntry = anyName(['a', 'b', 'm', 'l', 'toString']).map((name) => write`.${name}`);
const anyElement = fc.integer({ min: 0, max: 5 }).map((index): Piece => [`[${index}]`]);

/** Paths, mostly into the maps and lists of the items. The keys of table and index have no parts. */
const anyPath: fc.Arbitrary<Piece> = fc.oneof(
  { weight: 8, arbitrary: anyName(['a', 'b', 'm', 'l', 'n', 'status', 'zz']) },
  { weight: 4, arbitrary: fc.tuple(anyName(['m', 'm', 'a']), anyEntry).map((path) => path.flat()) },
  { weight: 4, arbitrary: fc.tuple(anyName(['l', 'l', 'a']), anyElement).map((path) => path.flat()) },
  { weight: 2, arbitrary: anyName(['due', 'checkAfter']) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(anyName(['a', 'm', 'l', 'zz']), fc.array(fc.oneof(anyEntry, anyElement), { maxLength: 4 }))
      .map(([name, parts]) => [...name, ...parts.flat()]),
  },
);

const anyOperand = fc.oneof(
  mostly(anyPath, anyName(['pk', 'sk', 'state', 'lock']), 20),
  anyScalar.map(literal),
  anyText.map(literal),
  anyNumber.map(literal),
);

const anyComparison: fc.Arbitrary<Piece> = fc.oneof(
  fc
    .tuple(anyOperand, fc.constantFrom('=', '<>'), fc.oneof(anyOperand, anyValue.map(literal)))
    .map(([left, comparator, right]) => write`${left} ${comparator} ${right}`),
  fc
    .tuple(
      anyPath,
      fc.constantFrom('<', '<=', '>', '>='),
      mostly(fc.oneof(anyText.map(literal), anyNumber.map(literal), anyPath), anyOperand, 10),
    )
    .map(([left, comparator, right]) => write`${left} ${comparator} ${right}`),
);

const anyTypeName = mostly(
  fc.constantFrom('S', 'N', 'M', 'L', 'NULL', 'SS').map((S) => ({ S })),
  anyText,
  10,
);

const anyFunction: fc.Arbitrary<Piece> = fc.oneof(
  mostly(anyPath, anyOperand).map((path) => write`attribute_exists(${path})`),
  mostly(anyPath, anyOperand).map((path) => write`attribute_not_exists(${path})`),
  fc.tuple(anyOperand, anyTypeName).map(([of, type]) => write`attribute_type(${of}, ${literal(type)})`),
);

export const anyCondition = fc.letrec<{ condition: Piece }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    anyComparison,
    anyFunction,
    fc
      .tuple(tie('condition'), fc.constantFrom('AND', 'OR', 'and'), tie('condition'))
      .map(([left, word, right]) => write`${left} ${word} ${right}`),
    fc
      .tuple(tie('condition'), fc.constantFrom('AND', 'OR'), tie('condition'))
      .map(([left, word, right]) => write`(${left} ${word} ${right})`),
    mostly(anyComparison, tie('condition'), 4).map((inner) => write`(${inner})`),
  ),
})).condition;

const anySetOperand = fc.letrec<{ operand: Piece }>((tie) => ({
  operand: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 5, arbitrary: anyValue.map(literal) },
    { weight: 1, arbitrary: anyPath },
    {
      weight: 2,
      arbitrary: fc
        .tuple(anyPath, tie('operand'))
        .map(([path, otherwise]) => write`if_not_exists(${path}, ${otherwise})`),
    },
  ),
})).operand;

const anySum = fc
  .tuple(
    mostly(anyName(['n']), anySetOperand, 4),
    mostly(anyNumber.map(literal), anySetOperand, 4),
    fc.boolean(),
  )
  .map(([left, right, turned]) => (turned ? write`${right} + ${left}` : write`${left} + ${right}`));

const anyAssignment = fc
  .tuple(anyPath, mostly(anySetOperand, anySum, 4))
  .map(([path, to]) => write`${path} = ${to}`);

const anyAssignments = mostly(fc.array(anyAssignment, { minLength: 1, maxLength: 3 }), fc.constant([]), 8);
const anyRemovals = mostly(fc.array(anyPath, { minLength: 1, maxLength: 2 }), fc.constant([]), 1);

export const anyUpdate: fc.Arbitrary<Piece> = fc
  .tuple(anyAssignments, anyRemovals, fc.boolean())
  .map(([sets, removes, turned]) => {
    const clauses = [
      ...(sets.length > 0 ? [write`SET ${joined(sets, ', ')}`] : []),
      ...(removes.length > 0 ? [write`REMOVE ${joined(removes, ', ')}`] : []),
    ];
    return joined(turned ? clauses.reverse() : clauses, ' ');
  });

/** A typing error in an expression. */
export const anySlip = mostly(
  fc.constant('NONE'),
  fc.constantFrom('UNUSED_NAME', 'UNUSED_VALUE', 'LOST_NAME', 'LOST_VALUE'),
);

/** The parameters of a request with these expressions. */
export function expressionsOf(
  { update, condition }: { update?: Piece | undefined; condition?: Piece | undefined },
  slip: string,
) {
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const text = (piece: Piece): string =>
    piece
      .map((fragment) => {
        if (typeof fragment === 'string') return fragment;
        if ('name' in fragment) {
          names[`#${fragment.name}`] = fragment.name;
          return `#${fragment.name}`;
        }
        const placeholder = `:v${Object.keys(values).length}`;
        values[placeholder] = fragment.value;
        return placeholder;
      })
      .join('');
  const expressions = {
    ...(update && { UpdateExpression: text(update) }),
    ...(condition && { ConditionExpression: text(condition) }),
  };
  if (slip === 'UNUSED_NAME') names['#unused'] = 'x';
  if (slip === 'UNUSED_VALUE') values[':unused'] = { S: 'x' };
  if (slip === 'LOST_NAME') delete names['#a'];
  if (slip === 'LOST_VALUE') delete values[':v0'];
  return {
    ...expressions,
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}
