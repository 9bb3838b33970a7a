import { isDeepStrictEqual } from 'node:util';
import { codePoints } from '../../shared/issue/record.ts';

/**
 * Validates a value with the keywords of JSON Schema 2020-12 that the published schema uses. Throws at any other
 * keyword, so that a new keyword in the schema cannot stay untested.
 */
export function accepts(schema: unknown, value: unknown): boolean {
  return Object.entries(asObject(schema)).every(([keyword, rule]) =>
    keywordHolds(keyword, rule, value, asObject(schema)),
  );
}

function keywordHolds(
  keyword: string,
  rule: unknown,
  value: unknown,
  schema: Record<string, unknown>,
): boolean {
  switch (keyword) {
    case '$schema':
    case 'title':
    case 'description':
    case 'format':
    // Handled with `if`.
    case 'then':
    case 'else':
      return true;
    case 'type':
      return [rule].flat().some((type) => isOfType(type, value));
    case 'enum':
      return asArray(rule).some((option) => isDeepStrictEqual(option, value));
    case 'const':
      return isDeepStrictEqual(rule, value);
    case 'anyOf':
      return asArray(rule).some((one) => accepts(one, value));
    case 'not':
      return !accepts(rule, value);
    case 'if':
      return accepts((accepts(rule, value) ? schema.then : schema.else) ?? {}, value);
    case 'minimum':
      return typeof value !== 'number' || value >= Number(rule);
    case 'maximum':
      return typeof value !== 'number' || value <= Number(rule);
    case 'minLength':
      return typeof value !== 'string' || codePoints(value) >= Number(rule);
    case 'maxLength':
      return typeof value !== 'string' || codePoints(value) <= Number(rule);
    case 'pattern':
      return typeof value !== 'string' || new RegExp(String(rule), 'u').test(value);
    case 'minItems':
      return !Array.isArray(value) || value.length >= Number(rule);
    case 'maxItems':
      return !Array.isArray(value) || value.length <= Number(rule);
    case 'items':
      return !Array.isArray(value) || value.every((one) => accepts(rule, one));
    case 'required':
      return !isObject(value) || asArray(rule).every((name) => Object.hasOwn(value, String(name)));
    case 'properties':
      return (
        !isObject(value) ||
        Object.entries(asObject(rule)).every(
          ([name, one]) => !Object.hasOwn(value, name) || accepts(one, value[name]),
        )
      );
    default:
      throw new Error(`the published schema uses an unknown keyword: ${keyword}`);
  }
}

function isOfType(type: unknown, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
    default:
      throw new Error(`unknown type: ${String(type)}`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function asObject(value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw new Error('a schema must be an object');
  return value;
}

function asArray(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error('this keyword takes a list');
  return value;
}
