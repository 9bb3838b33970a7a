import fc from 'fast-check';

/** Hostile JSON as text. A parsed value would lose some of it: repeated keys, and numbers that are too large. */

const key = fc.oneof(
  fc.constantFrom(
    '"__proto__"',
    '"constructor"',
    '"prototype"',
    '"toString"',
    '"valueOf"',
    '"hasOwnProperty"',
    '"then"',
    '"length"',
    '"toJSON"',
    '"encrypt"',
    '"token"',
    '"type"',
    '"header"',
    '"event"',
    '"challenge"',
    '"uuid"',
    '"app_id"',
    '"event_type"',
    '"instance_code"',
    '"approval_code"',
    '"status"',
    '"\\u005f\\u005fproto\\u005f\\u005f"',
    '"\\ud800"',
    '""',
  ),
  fc.string({ maxLength: 5 }).map((text) => JSON.stringify(text)),
);

const scalar = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    'false',
    '0',
    '-0',
    '1e400',
    '-1e400',
    '5e-400',
    '123456789012345678901234567890',
    '0.1e1',
    '""',
    '"\\ud800"',
    '"\\udfff\\ud800"',
    '"\\u0000"',
    '"\\u2028"',
    '"\ufeff"',
    '"url_verification"',
    '"event_callback"',
    '"approval_instance"',
    '"approval.instance.status_changed_v4"',
    '"ENCRYPT"',
    '"TOKEN"',
    '{"length":{"toString":null}}',
    '{"length":-1,"size":[]}',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text)),
  fc.double().map((number) => JSON.stringify(number)),
);

const { value, members } = fc.letrec<{ value: string; members: string[] }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    tie('members').map((entries) => `{${entries.join(',')}}`),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
  ),
  members: fc.array(
    fc.tuple(key, tie('value')).map(([name, one]) => `${name}:${one}`),
    { maxLength: 5 },
  ),
}));

const deep = fc
  .tuple(
    fc.integer({ min: 1, max: 30_000 }),
    fc.constantFrom<[string, string][]>(['[', ']'], ['{"a":', '}'], ['{"__proto__":', '}']),
  )
  .map(([depth, [open, close]]) => `${open.repeat(depth)}0${close.repeat(depth)}`);

/** Almost JSON. A parser must refuse it. */
const broken = fc.oneof(
  value.map((text) => text.slice(0, -1)),
  value.map((text) => `${text},`),
  value.map((text) => `${text}${text}`),
  fc.constantFrom(
    '',
    '{',
    'NaN',
    'undefined',
    "{'a':1}",
    '{"a":1,}',
    '// {}',
    '\ufeff\ufeff{}',
    '\0{}',
    '01',
  ),
);

/** Any JSON, or almost JSON. */
export const hostileJson = (): fc.Arbitrary<string> =>
  fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: deep }, { weight: 2, arbitrary: broken });

/** An object with unusual members and the named one: once or twice, sometimes with its own name as value. */
export const hostileMembers = (name: string): fc.Arbitrary<string> =>
  fc
    .tuple(members, members, fc.oneof(value, fc.constant(`"${name.toUpperCase()}"`)), fc.boolean())
    .map(([before, after, one, twice]) => {
      const member = `"${name}":${one}`;
      return `{${[...before, ...(twice ? [`"${name}":null`] : []), member, ...after].join(',')}}`;
    });
