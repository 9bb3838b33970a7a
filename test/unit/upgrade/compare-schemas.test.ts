import { describe, expect, it } from 'vitest';
import { differences, type Use } from './compare-schemas.ts';

const before = {
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 10 },
    word: { anyOf: [{ type: 'string', enum: ['A', 'B'] }, { type: 'string' }] },
    list: {
      type: 'array',
      items: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
    },
  },
  required: ['id'],
};
const of = (change: object, use: Use = 'STORED') => differences(before, { ...before, ...change }, use);
const member = (name: string, schema: object) => ({ properties: { ...before.properties, [name]: schema } });

describe('a later schema', () => {
  it.each([
    ['no change', {}],
    ['a new optional member', member('more', { type: 'string' })],
    [
      'a new value of an enum',
      member('word', { anyOf: [{ type: 'string', enum: ['A', 'B', 'C'] }, { type: 'string' }] }),
    ],
    ['another description', { description: 'new' }],
  ])('may have %s', (_, change) => {
    expect(of(change)).toEqual([]);
    expect(of(change, 'ACCEPTED')).toEqual([]);
  });

  it.each([
    [
      'may not remove a member',
      { properties: { id: before.properties.id } },
      ['it.word is gone', 'it.list is gone'],
    ],
    ['may not require another member', { required: ['id', 'list'] }, ['it.list is required now']],
    ['may not change a type', member('id', { type: 'number', maxLength: 10 }), ['it.id has another type']],
    [
      'may not narrow a bound',
      member('id', { type: 'string', maxLength: 9 }),
      ['it.id has another maxLength'],
    ],
    [
      'may not add a rule',
      member('id', { type: 'string', maxLength: 10, pattern: 'a' }),
      ['it.id has another pattern'],
    ],
    [
      'may not remove a value of an enum',
      member('word', {
        anyOf: [
          { type: 'string', enum: ['A'] },
          { type: 'string', enum: ['C'] },
        ],
      }),
      ['it.word, option 1 is no longer B', 'it.word, option 2 is an enum now'],
    ],
    [
      'may not change an element of a list',
      member('list', { type: 'array', items: { type: 'object', properties: {}, required: ['n'] } }),
      ['it.list[].n is gone'],
    ],
  ])('%s', (_, change, expected) => {
    expect(of(change)).toEqual(expected);
    expect(of(change, 'ACCEPTED')).toEqual(expected);
  });

  it.each([
    ['a wider bound', member('id', { type: 'string', maxLength: 11 }), ['it.id has another maxLength']],
    ['a member that is no longer required', { required: [] }, ['it.id is no longer required']],
    [
      'null as a new value',
      member('id', { anyOf: [{ type: 'string', maxLength: 10 }, { type: 'null' }] }),
      ['it.id has another type'],
    ],
  ])('may have %s only if nobody else reads it', (_, change, expected) => {
    expect(of(change, 'ACCEPTED')).toEqual([]);
    expect(of(change)).toEqual(expected);
  });
});
