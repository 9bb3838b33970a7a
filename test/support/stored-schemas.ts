import { globSync, readFileSync } from 'node:fs';
import * as z from 'zod';

/**
 * Finds the stored schemas in the sources, their paths, and sample values
 * (docs/adr/0015-reading-what-a-newer-version-wrote.md).
 */

const root = new URL('../..', import.meta.url);
const EXPORTED = /export const (\w+) = storedSchema\(/g;

/** Returns the files that use `storedSchema`, with the names of the schemas that they export. */
export function findStoredSchemas(): { file: string; names: string[]; uses: number }[] {
  return globSync('shared/**/*.ts', { cwd: root })
    .filter((file) => !file.endsWith('runtime/stored.ts'))
    .map((file) => ({ file, source: readFileSync(new URL(file, root), 'utf8') }))
    .map(({ file, source }) => ({
      file,
      names: [...source.matchAll(EXPORTED)].flatMap(([, name]) => name ?? []),
      uses: source.match(/\bstoredSchema\(/g)?.length ?? 0,
    }))
    .filter(({ uses }) => uses > 0);
}

/** Returns each stored schema by its name. Each option of a union is one entry. */
export async function readStoredSchemas(): Promise<Map<string, z.core.$ZodType>> {
  const all = new Map<string, z.core.$ZodType>();
  for (const { file, names } of findStoredSchemas()) {
    const module: Record<string, unknown> = await import(new URL(file, root).href);
    for (const name of names) {
      const schema = module[name];
      if (!(schema instanceof z.ZodType)) throw new Error(`${file} exports no schema ${name}`);
      for (const [own, option] of optionsOf(name, schema)) all.set(own, option);
    }
  }
  return all;
}

/** Names the options of a union by their literal, or by their position. */
export function optionsOf(name: string, schema: z.core.$ZodType): [string, z.core.$ZodType][] {
  if (!(schema instanceof z.ZodUnion)) return [[name, schema]];
  return schema.options.map((option, place) => {
    const members = option instanceof z.ZodObject ? Object.values(option.shape) : [];
    const literal = members.find((member) => member instanceof z.ZodLiteral);
    return [`${name}/${literal ? String(literal.value) : place}`, option];
  });
}

/** Returns the enum in a schema that accepts any text; undefined if there is none. */
function enumOf(schema: z.core.$ZodType): z.ZodEnum | undefined {
  const [first] = schema instanceof z.ZodUnion ? schema.options : [];
  return first instanceof z.ZodEnum ? first : undefined;
}

function innerOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const wraps =
    schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault;
  return wraps ? schema.unwrap() : undefined;
}

/** Returns the paths of all members, with `[]` for elements, `{}` for entries, and `path=VALUE` for each enum value. */
export function pathsOf(schema: z.core.$ZodType, path = ''): string[] {
  const inner = innerOf(schema);
  if (inner) return pathsOf(inner, path);
  const values = enumOf(schema);
  if (values) return values.options.map((value) => `${path}=${value}`);
  if (schema instanceof z.ZodArray) return pathsOf(schema.element, `${path}[]`);
  if (schema instanceof z.ZodRecord) return pathsOf(schema.valueType, `${path}{}`);
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([name, member]) => {
    const own = path === '' ? name : `${path}.${name}`;
    return [own, ...pathsOf(member, own)];
  });
}

/** One of these texts fits each rule for a text. */
const TEXTS = ['text', 'person@example.com', 'https://example.com/', 'a'.repeat(64)];

/** Returns a value with every member. Of two members that exclude each other it has one. */
export function sampleOf(schema: z.core.$ZodType): unknown {
  const inner = innerOf(schema);
  if (inner) return sampleOf(inner);
  const values = enumOf(schema);
  if (values) return values.options[0];
  if (schema instanceof z.ZodArray) return [sampleOf(schema.element)];
  if (schema instanceof z.ZodRecord) return { entry: sampleOf(schema.valueType) };
  if (schema instanceof z.ZodLiteral) return schema.value;
  if (schema instanceof z.ZodBoolean) return true;
  if (schema instanceof z.ZodNumber) return 1;
  if (schema instanceof z.ZodString) return TEXTS.find((text) => schema.safeParse(text).success);
  if (!(schema instanceof z.ZodObject)) throw new Error(`no sample of a ${schema._zod.def.type}`);
  const whole = Object.entries(schema.shape).map(([name, member]) => [name, sampleOf(member)] as const);
  const fits = (entries: typeof whole) => schema.safeParse(Object.fromEntries(entries)).success;
  if (fits(whole)) return Object.fromEntries(whole);
  const one = whole.findIndex((_, place) => fits(whole.toSpliced(place, 1)));
  if (one < 0) throw new Error('no sample of an object');
  return Object.fromEntries(whole.toSpliced(one, 1));
}

/** A member that a newer version may add to any object, with a list and a map in it. */
export const NEWER = { fromANewerVersion: { list: [1, { deep: true }], text: 'kept' } };

/** Adds an unknown member to every object of the value, at every level. */
export function withNewerMembers(schema: z.core.$ZodType, value: unknown): unknown {
  const inner = innerOf(schema);
  if (inner) return withNewerMembers(inner, value);
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((one) => withNewerMembers(schema.element, one));
  }
  if (typeof value !== 'object' || value === null) return value;
  if (schema instanceof z.ZodRecord) {
    return mapped(value, (_, entry) => withNewerMembers(schema.valueType, entry));
  }
  if (!(schema instanceof z.ZodObject)) return value;
  const members = mapped(value, (name, one) => {
    const member = schema.shape[name];
    return member ? withNewerMembers(member, one) : one;
  });
  return { ...members, ...NEWER };
}

const mapped = (value: object, change: (name: string, one: unknown) => unknown) =>
  Object.fromEntries(Object.entries(value).map(([name, one]) => [name, change(name, one)]));

/** Returns the value with `wanted` at a path of `pathsOf`. */
export function withValueAt(value: unknown, path: string, wanted: unknown): unknown {
  const [head, ...rest] = path.split(/(?=[.[{])/);
  if (head === undefined || head === '') return wanted;
  const next = rest.join('');
  const change = (one: unknown) => (next === '' ? wanted : withValueAt(one, next, wanted));
  if (head === '[]') return Array.isArray(value) ? value.map(change) : [change(undefined)];
  const map = typeof value === 'object' && value !== null ? value : {};
  if (head === '{}') return mapped(map, (_, one) => change(one));
  const name = head.replace(/^\./, '');
  return { ...map, [name]: change(name in map ? Reflect.get(map, name) : undefined) };
}
