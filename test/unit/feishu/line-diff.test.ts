import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareLines,
  type Part,
  type Piece,
  printContext,
  printParts,
  printStart,
} from '../../../shared/feishu/form/line-diff.ts';
import { codePoints } from '../../../shared/issue/record.ts';

const ALL = Number.POSITIVE_INFINITY;
const textOf = (parts: readonly Part[]): string => parts.map(({ text }) => text).join('');
/** Counts printed code points, and those that are reported as left out. */
const counted = (pieces: readonly Piece[]): number =>
  pieces.reduce(
    (sum, piece) =>
      sum +
      (piece.kind === 'TEXT' ? codePoints(piece.text) : piece.kind === 'MORE_PLACES' ? 0 : piece.characters),
    0,
  );
const word = fc.constantFrom(
  'SELECT',
  'a',
  '订单',
  '👩‍💻',
  ' ',
  ', ',
  '\t',
  'x'.repeat(90),
  'e\u0301',
  '5',
  "'",
);
const line = fc.array(word, { maxLength: 60 }).map((words) => words.join(''));
/** Two lines with many equal parts. */
const pair = fc
  .array(fc.tuple(line, fc.option(fc.tuple(line, line), { nil: undefined })), { maxLength: 6 })
  .map((runs) =>
    [0, 1].map((side) => runs.map(([same, changed]) => `${same}${changed?.[side] ?? ''}`).join('')),
  );

describe('two lines compared', () => {
  it('keep all of their text, in parts of the same kinds, and SAME parts are equal', () => {
    fc.assert(
      fc.property(pair, ([one = '', other = '']) => {
        const { before, now } = compareLines(one, other);
        expect([textOf(before), textOf(now)]).toEqual([one, other]);
        expect(before.map(({ kind }) => kind)).toEqual(now.map(({ kind }) => kind));
        for (const [index, { kind, text }] of before.entries()) {
          if (kind === 'SAME') expect(now[index]?.text).toBe(text);
        }
      }),
    );
  });

  it('show every change if there is room, and count every character that is left out', () => {
    fc.assert(
      fc.property(pair, fc.constantFrom(160, 400, ALL), ([one = '', other = ''], limit) => {
        const { now } = compareLines(one, other);
        const pieces = printParts(now, limit);
        const isWhole = !pieces.some(({ kind }) => kind === 'MORE_PLACES');
        if (isWhole) expect(counted(pieces)).toBe(codePoints(other));
        if (limit === ALL) {
          const kinds = new Set(pieces.map(({ kind }) => kind));
          expect([kinds.has('NOT_SHOWN'), kinds.has('MORE_PLACES')]).toEqual([false, false]);
          const text = pieces.map((piece) => (piece.kind === 'TEXT' ? piece.text : '▌')).join('');
          for (const part of now) if (part.kind === 'CHANGED') expect(text).toContain(part.text);
        }
      }),
    );
  });

  it('are one change from the first to the last difference if they differ at too many places', () => {
    const of = (mark: string) =>
      `SELECT ${Array.from({ length: 300 }, (_, n) => `${mark}${n}`).join(', ')} FROM t`;
    expect(compareLines(of('a'), of('b')).now.map(({ kind }) => kind)).toEqual(['SAME', 'CHANGED', 'SAME']);
  });

  it('are compared at any length', () => {
    const of = (mark: string) => `${mark}, 订'`.repeat(50_000);
    const kindsOf = (now: string) => compareLines(of('a'), now).now.map(({ kind }) => kind);
    expect(kindsOf(of('b'))).toEqual(['CHANGED', 'SAME']);
    expect(kindsOf(`${of('a')}x`)).toEqual(['SAME', 'CHANGED']);
  });
});

describe('the printed part of a line', () => {
  const parts = (...texts: string[]): Part[] =>
    texts.map((text, index) => ({ kind: index % 2 === 0 ? 'SAME' : 'CHANGED', text }));

  it('is the whole line if it is short', () => {
    expect(printParts(parts('a'.repeat(100), 'b', 'c'), 160)).toEqual([
      { kind: 'TEXT', text: `${'a'.repeat(100)}bc` },
    ]);
  });

  it('is each change with thirty characters around it, and how many are between', () => {
    expect(printParts(parts('a'.repeat(100), 'X', 'b'.repeat(200), 'Y', 'c'.repeat(75)), ALL)).toEqual([
      { kind: 'UNCHANGED', characters: 70 },
      { kind: 'TEXT', text: `${'a'.repeat(30)}X${'b'.repeat(30)}` },
      { kind: 'UNCHANGED', characters: 140 },
      { kind: 'TEXT', text: `${'b'.repeat(30)}Y${'c'.repeat(30)}` },
      { kind: 'UNCHANGED', characters: 45 },
    ]);
  });

  it('counts the rest of a change, and the changed places, for which there is no room', () => {
    const pieces = printParts(parts('', 'X'.repeat(500), 'b'.repeat(200), 'Y', 'c', 'Z', ''), 160);
    expect(pieces).toEqual([
      { kind: 'TEXT', text: 'X'.repeat(160) },
      { kind: 'NOT_SHOWN', characters: 340 },
      { kind: 'MORE_PLACES', places: 2 },
    ]);
  });

  it('counts a single changed place for which there is no room', () => {
    expect(printParts(parts('', 'X'.repeat(160), 'b'.repeat(200), 'Y', ''), 160).at(-1)).toEqual({
      kind: 'MORE_PLACES',
      places: 1,
    });
  });

  it('includes the place where only the other line has text', () => {
    expect(printParts(parts('a'.repeat(200), '', 'b'.repeat(200)), ALL)).toEqual([
      { kind: 'UNCHANGED', characters: 170 },
      { kind: 'TEXT', text: `${'a'.repeat(30)}${'b'.repeat(30)}` },
      { kind: 'UNCHANGED', characters: 170 },
    ]);
  });

  it('is the beginning of a line that is not compared or did not change', () => {
    expect(printStart('x'.repeat(200), 160)).toEqual([
      { kind: 'TEXT', text: 'x'.repeat(160) },
      { kind: 'NOT_SHOWN', characters: 40 },
    ]);
    expect(printStart('x', 160)).toEqual([{ kind: 'TEXT', text: 'x' }]);
    expect(printContext('x'.repeat(200))).toEqual([
      { kind: 'TEXT', text: 'x'.repeat(160) },
      { kind: 'UNCHANGED', characters: 40 },
    ]);
  });
});
