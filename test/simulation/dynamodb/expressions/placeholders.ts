import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { invalid } from '../errors.ts';
import { refuseName, storeValue } from '../values.ts';

/** The parameters of a request that give names and values to its expressions. */
export interface PlaceholderInput {
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

const PLACEHOLDER = /^[#:][A-Za-z0-9_]+$/;
const MAX_KEY_BYTES = 255;

/** The names and values of one request. Each must be used, and each that is used must exist. */
export class Placeholders {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, AttributeValue>;
  readonly #used = new Set<string>();

  /** `expressions` are the texts of the request. Without any, the request must not have placeholders. */
  constructor(input: PlaceholderInput, expressions: readonly (string | undefined)[]) {
    const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
    if ((names || values) && expressions.every((expression) => expression === undefined)) {
      throw invalid('ExpressionAttributeNames and -Values can only be specified when using expressions');
    }
    this.#names = new Map(entries('ExpressionAttributeNames', '#', names).map(checkedName));
    this.#values = new Map(
      entries('ExpressionAttributeValues', ':', values).map(([key, value]) => [key, storeValue(value)]),
    );
  }

  name(key: string): string {
    const name = this.#names.get(key);
    if (name === undefined) {
      throw invalid(
        `Invalid expression: An expression attribute name used in the document path is not defined; attribute name: ${key}`,
      );
    }
    this.#used.add(key);
    return name;
  }

  value(key: string): AttributeValue {
    const value = this.#values.get(key);
    if (value === undefined) {
      throw invalid(
        `Invalid expression: An expression attribute value used in expression is not defined; attribute value: ${key}`,
      );
    }
    this.#used.add(key);
    return value;
  }

  refuseUnused(): void {
    if (this.#used.size === this.#names.size + this.#values.size) return;
    const unused = [...this.#names.keys(), ...this.#values.keys()].filter((key) => !this.#used.has(key));
    throw invalid(
      `Value provided in ExpressionAttribute… unused in expressions: keys: {${unused.join(', ')}}`,
    );
  }
}

function entries<T>(parameter: string, sign: string, given: Record<string, T> | undefined): [string, T][] {
  if (given === undefined) return [];
  const all = Object.entries(given);
  if (all.length === 0) throw invalid(`${parameter} must not be empty`);
  for (const [key] of all) {
    if (!key.startsWith(sign) || !PLACEHOLDER.test(key)) {
      throw invalid(`${parameter} contains invalid key: Syntax error; key: "${key}"`);
    }
    if (key.length > MAX_KEY_BYTES) {
      throw invalid(`${parameter} contains invalid key: the key is too long`);
    }
  }
  return all;
}

function checkedName([key, name]: [string, string]): [string, string] {
  refuseName(name);
  return [key, name];
}
