import { describe, expect, it, test } from 'vitest';
import * as z from 'zod';
import { storedSchema } from '../../../shared/runtime/stored-items.ts';
import { ADDED_SCHEMAS, ADDED_SINCE } from '../../support/frozen/added-since.ts';
import { FROZEN } from '../../support/frozen/schemas-1.ts';
import {
  findStoredSchemas,
  optionsOf,
  pathsOf,
  readStoredSchemas,
  sampleOf,
  withNewerMembers,
  withValueAt,
} from '../../support/stored-schemas.ts';

/** docs/lessons.md 51 for the schemas: this version and its frozen copy read each other's data. */

const PRESENT = await readStoredSchemas();
const OLDER = new Map(Object.entries(FROZEN).flatMap(([name, schema]) => optionsOf(name, schema)));
const schemaOf = (all: typeof PRESENT, name: string): z.core.$ZodType => {
  const schema = all.get(name);
  if (!schema) throw new Error(`there is no schema ${name}`);
  return schema;
};
const read = (all: typeof PRESENT, name: string, value: unknown) => z.parse(schemaOf(all, name), value);
const BOTH = [...PRESENT.keys()].filter((name) => OLDER.has(name));
const ADDED = Object.entries(ADDED_SINCE).flatMap(([name, members]) =>
  Object.entries(members).map(([path, value]) => [name, path, value] as const),
);

describe('a change of the stored schemas', () => {
  it('leaves every stored schema exported, so that the tests find it', () => {
    for (const { file, names, uses } of findStoredSchemas())
      expect([file, names.length]).toEqual([file, uses]);
    expect(BOTH.length).toBeGreaterThan(15);
  });

  it('lists every schema without a frozen copy as added', () => {
    const added = [...PRESENT.keys()].filter((name) => !OLDER.has(name));
    expect(added.toSorted()).toEqual([...ADDED_SCHEMAS].toSorted());
  });

  it('removes no schema, member or enum value', () => {
    expect([...OLDER.keys()].filter((name) => !PRESENT.has(name))).toEqual([]);
    for (const name of BOTH) {
      const present = new Set(pathsOf(schemaOf(PRESENT, name)));
      expect([name, pathsOf(schemaOf(OLDER, name)).filter((path) => !present.has(path))]).toEqual([name, []]);
    }
  });

  it.each(BOTH)('lists every new member and enum value of %s with a value', (name) => {
    const frozen = new Set(pathsOf(schemaOf(OLDER, name)));
    const added = pathsOf(schemaOf(PRESENT, name)).filter((path) => !frozen.has(path));
    // A value for a member includes all members below it.
    const listed = Object.keys(ADDED_SINCE[name] ?? {});
    const isBelow = (path: string) =>
      listed.some((one) => path !== one && /^[.[{=]/.test(path.slice(one.length)) && path.startsWith(one));
    expect(added.filter((path) => !isBelow(path)).toSorted()).toEqual(listed.toSorted());
  });
});

describe('docs/lessons.md 51: what this version writes', () => {
  test.each(BOTH)('is read completely by the frozen copy of %s', (name) => {
    const written = sampleOf(schemaOf(PRESENT, name));
    expect(read(OLDER, name, written)).toEqual(written);
  });

  test.each(ADDED)('is kept by the frozen copy of %s: %s', (name, path, value) => {
    const written = withValueAt(sampleOf(schemaOf(PRESENT, name)), path.replace(/=.*$/, ''), value);
    expect(read(PRESENT, name, written)).toEqual(written);
    expect(read(OLDER, name, written)).toEqual(written);
  });
});

describe('docs/lessons.md 51: what the frozen version wrote', () => {
  test.each(BOTH)('is read by %s, although later members are missing', (name) => {
    const written = sampleOf(schemaOf(OLDER, name));
    // An added member may have a default.
    expect(read(PRESENT, name, written)).toMatchObject(Object(written));
  });
});

describe.each([
  ['this version', PRESENT],
  ['its frozen copy', OLDER],
])('docs/lessons.md 51: what a newer version wrote, read by %s', (_, all) => {
  test.each([...all.keys()])('keeps unknown members at every level: %s', (name) => {
    const schema = schemaOf(all, name);
    const newer = withNewerMembers(schema, sampleOf(schema));
    expect(read(all, name, newer)).toEqual(newer);
  });

  const enums = [...all].flatMap(([name, schema]) =>
    [...new Set(pathsOf(schema).flatMap((path) => (path.includes('=') ? path.replace(/=.*$/, '') : [])))].map(
      (path) => [name, path] as const,
    ),
  );
  test.each(enums)('may have any word in %s as %s', (name, path) => {
    const newer = withValueAt(sampleOf(schemaOf(all, name)), path, 'FROM_A_NEWER_VERSION');
    expect(read(all, name, newer)).toEqual(newer);
  });
});

describe('storedSchema', () => {
  it('refuses a kind of schema that it cannot make tolerant', () => {
    for (const schema of [z.tuple([z.string()]), z.string().transform(String), z.set(z.string())]) {
      expect(() => storedSchema(z.object({ member: schema }))).toThrow('cannot be stored');
    }
  });

  it('keeps every rule except those about unknown members and values', () => {
    const schema = storedSchema(z.object({ list: z.array(z.enum(['A'])).min(1), count: z.int() }));
    expect(schema.safeParse({ list: [], count: 1 }).success).toBe(false);
    expect(schema.safeParse({ list: ['B'], count: 1.5 }).success).toBe(false);
    expect(schema.safeParse({ list: [1], count: 1 }).success).toBe(false);
    expect(schema.safeParse({ list: ['B'], count: 1 }).success).toBe(true);
  });
});
