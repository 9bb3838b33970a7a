import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { type Image, itemSize, readImage } from '../../../shared/runtime/attribute-values.ts';

describe('reading an image', () => {
  it('returns plain JSON for every kind of value', () => {
    const image: Record<string, AttributeValue> = {
      text: { S: 'a' },
      number: { N: '1.10' },
      yes: { BOOL: false },
      nothing: { NULL: true },
      map: { M: { list: { L: [{ N: '1' }, { S: 'x' }] } } },
      texts: { SS: ['a', 'b'] },
      numbers: { NS: ['1', '2'] },
      bytes: { B: Buffer.from('hi') },
      manyBytes: { BS: [Buffer.from('hi')] },
    };

    expect(readImage(image)).toEqual({
      text: 'a',
      number: 1.1,
      yes: false,
      nothing: null,
      map: { list: [1, 'x'] },
      texts: ['a', 'b'],
      numbers: [1, 2],
      bytes: 'aGk=',
      manyBytes: ['aGk='],
    });
  });

  it.each(['99999999999999999999999999999999999999', '1E+125', '-1E-130', '9007199254740993'])(
    'does not stumble over the number %s that a double cannot hold',
    (text) => {
      expect(readImage({ frabits: { N: text } })).toEqual({ frabits: Number(text) });
    },
  );

  it('reads an unknown kind of value as null', () => {
    expect(readImage({ future: { $unknown: ['Z', 'z'] } as AttributeValue })).toEqual({ future: null });
  });

  it('keeps __proto__ as a key', () => {
    const image: Image = { map: { M: Object.fromEntries([['__proto__', { M: { title: { S: 'x' } } }]]) } };

    expect(JSON.stringify(readImage(image))).toBe('{"map":{"__proto__":{"title":"x"}}}');
  });

  it('reads the image of a Lambda event, in which binary values are base64', () => {
    const record: DynamoDBRecord = { dynamodb: { NewImage: { bytes: { B: 'aGk=' } } } };

    expect(readImage(record.dynamodb?.NewImage ?? {})).toEqual({ bytes: 'aGk=' });
  });
});

describe('the size of an item', () => {
  it.each<[string, Image, number]>([
    ['a text counts its UTF-8 bytes, name and value', { é: { S: '语' } }, 2 + 3],
    ['a number counts one byte for two digits and one more', { n: { N: '12345' } }, 1 + 4],
    ['zero counts one byte', { n: { N: '0' } }, 1 + 1],
    ['zeros at the end of a number count nothing', { n: { N: '1000' } }, 1 + 2],
    ['a minus counts one byte', { n: { N: '-1' } }, 1 + 3],
    ['digits are paired from the decimal point', { n: { N: '1.5' } }, 1 + 3],
    ['with an exponent, too', { n: { N: '-1.5E+1' } }, 1 + 3],
    ['and behind zeros', { n: { N: '0.0123' } }, 1 + 3],
    ['zeros at both ends of a number count nothing', { n: { N: '0.00120' } }, 1 + 2],
    ['an exponent counts nothing', { n: { N: '1E+125' } }, 1 + 2],
    ['null counts one byte', { n: { NULL: true } }, 1 + 1],
    ['a Boolean counts one byte', { n: { BOOL: true } }, 1 + 1],
    ['an empty list counts three bytes', { n: { L: [] } }, 1 + 3],
    ['each element of a list counts one byte more', { n: { L: [{ S: 'ab' }, { S: 'c' }] } }, 1 + 3 + 2 + 3],
    [
      'each entry of a map counts one byte more and its name',
      { n: { M: { k: { S: 'ab' } } } },
      1 + 3 + 1 + 1 + 2,
    ],
    ['a set counts its values', { n: { SS: ['ab', 'c'] } }, 1 + 3],
    ['binary counts its bytes', { n: { B: Buffer.from('hi') } }, 1 + 2],
    ['binary of a raw event counts its decoded bytes', { n: { B: 'aGk=' } }, 1 + 2],
  ])('%s', (_name, image, bytes) => {
    expect(itemSize(image)).toBe(bytes);
  });
});
