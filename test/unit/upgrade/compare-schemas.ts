import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';

/**
 * Compares a JSON Schema with the one of an earlier release.
 * `ACCEPTED`: whatever the earlier one accepts, the present one accepts (others write it).
 * `STORED`: in addition the earlier version reads what the present one writes (both versions write it).
 */
export type Use = 'ACCEPTED' | 'STORED';

const schemaSchema = z.looseObject({
  type: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
  anyOf: z.array(z.unknown()).optional(),
  enum: z.array(z.unknown()).optional(),
});

/** Keywords with a comparison of their own. */
const COMPARED = ['type', 'properties', 'required', 'anyOf', 'enum', 'items', 'additionalProperties'];
/** Keywords that do not affect what is valid. */
const WITHOUT_EFFECT = ['$schema', 'title', 'description', 'default', 'format'];
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'];
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'];

/** Returns a sentence for each difference that is not allowed. An unknown keyword must not change. */
export function differences(before: unknown, after: unknown, use: Use, path = 'it'): string[] {
  const old = schemaSchema.parse(before);
  const now = schemaSchema.parse(after);
  if (old.anyOf || now.anyOf) return optionsOf(old, now, use, path);
  return [
    ...(isDeepStrictEqual(old.type, now.type) ? [] : [`${path} has another type`]),
    ...membersOf(old, now, use, path),
    ...valuesOf(old, now, path),
    ...['items', 'additionalProperties'].flatMap((keyword) => inner(old, now, keyword, use, path)),
    ...rulesOf(old, now, use, path),
  ];
}

type Schema = z.infer<typeof schemaSchema>;

/** Requires for every earlier option a present one that allows the same. */
function optionsOf(old: Schema, now: Schema, use: Use, path: string): string[] {
  const isOptional = (old.anyOf === undefined) !== (now.anyOf === undefined);
  if (use === 'STORED' && isOptional) return [`${path} has another type`];
  const options = now.anyOf ?? [now];
  return (old.anyOf ?? [old]).flatMap((option, place) => {
    const best = options.map((one) => differences(option, one, use, `${path}, option ${place + 1}`));
    return best.some((problems) => problems.length === 0) ? [] : (best[place] ?? best[0] ?? []);
  });
}

function membersOf(old: Schema, now: Schema, use: Use, path: string): string[] {
  const added = now.required.filter((name) => !old.required.includes(name));
  const dropped = old.required.filter((name) => !now.required.includes(name));
  return [
    ...Object.entries(old.properties).flatMap(([name, member]) =>
      Object.hasOwn(now.properties, name)
        ? differences(member, now.properties[name], use, `${path}.${name}`)
        : [`${path}.${name} is gone`],
    ),
    ...added.map((name) => `${path}.${name} is required now`),
    ...(use === 'STORED' ? dropped.map((name) => `${path}.${name} is no longer required`) : []),
  ];
}

function valuesOf(old: Schema, now: Schema, path: string): string[] {
  if (old.enum === undefined) return now.enum === undefined ? [] : [`${path} is an enum now`];
  return old.enum.flatMap((value) =>
    now.enum === undefined || now.enum.includes(value) ? [] : [`${path} is no longer ${String(value)}`],
  );
}

function inner(old: Schema, now: Schema, keyword: string, use: Use, path: string): string[] {
  const [before, after] = [old[keyword], now[keyword]];
  if (before === undefined && after === undefined) return [];
  if (typeof before !== 'object' || typeof after !== 'object') {
    return isDeepStrictEqual(before, after) ? [] : [`${path} has another ${keyword}`];
  }
  return differences(before, after, use, `${path}[]`);
}

/** Bounds may become wider if others write. Any other rule may only stay or be removed. */
function rulesOf(old: Schema, now: Schema, use: Use, path: string): string[] {
  const keywords = new Set([...Object.keys(old), ...Object.keys(now)]);
  return [...keywords]
    .filter((keyword) => ![...COMPARED, ...WITHOUT_EFFECT].includes(keyword))
    .filter((keyword) => !isDeepStrictEqual(old[keyword], now[keyword]))
    .filter((keyword) => use === 'STORED' || !isWider(keyword, old[keyword], now[keyword]))
    .map((keyword) => `${path} has another ${keyword}`);
}

function isWider(keyword: string, before: unknown, after: unknown): boolean {
  if (after === undefined) return true;
  if (typeof before !== 'number' || typeof after !== 'number') return false;
  return (LOWER.includes(keyword) && after <= before) || (UPPER.includes(keyword) && after >= before);
}
