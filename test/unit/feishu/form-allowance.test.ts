import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildInstanceForm } from '../../../shared/feishu/form/build-form.ts';
import { createSqlWriter } from '../../../shared/feishu/form/fit-sql.ts';
import { largestThatFits } from '../../../shared/feishu/form/largest-that-fits.ts';
import { groupSql } from '../../../shared/feishu/form/sql-groups.ts';
import { aTask } from '../../support/issue.ts';
import { allValues, readForm } from './golden/read-form.ts';
import { aFormInput } from './golden/scenarios.ts';

const writerOf = (sizes: readonly number[], wording: 'KEYS' | 'PLAIN' = 'KEYS') => {
  const tasks = sizes.map((size, index) =>
    aTask({ taskId: `t${index}`, statement: `${index}`.padEnd(size, 'x').slice(0, size) }),
  );
  return createSqlWriter(groupSql(tasks), { tasks: tasks.length, url: undefined, wording });
};

describe('the SQL in its room', () => {
  it('is cut fairly: short texts are whole, and all long ones are cut after the same number of characters', () => {
    const sizes = [300, 20_000, 90, 5_000, 9_000, 1_200];
    const { shown } = writerOf(sizes).fit(20_000);
    const allowance = Math.max(...shown);
    expect(shown).toEqual(sizes.map((size) => Math.min(size, allowance)));
    expect(allowance).toBeGreaterThan(1_200);
    expect(allowance).toBeLessThan(5_000);
  });

  it('has the largest allowance that fits: one more character of each does not fit', () => {
    for (const room of [3_000, 10_000, 50_000]) {
      const writer = writerOf([40_000, 50_000]);
      const { shown, bytes } = writer.fit(room);
      const [allowance = 0] = shown;
      expect(shown).toEqual([allowance, allowance]);
      expect(bytes).toBeLessThanOrEqual(room);
      // Two texts in two languages: four more bytes, and one or two digits in the notes.
      expect(bytes).toBeGreaterThan(room - 10);
    }
  });

  it('is whole in exactly the room that it needs, and cut with a note in one byte less', () => {
    for (const wording of ['KEYS', 'PLAIN'] as const) {
      const writer = writerOf([5_000, 6_000], wording);
      const room = writer.bytesOfAll(Number.POSITIVE_INFINITY);
      expect(writer.fit(room).shown).toEqual([5_000, 6_000]);
      const { shown, sections } = writer.fit(room - 1);
      expect(shown[1]).toBeLessThan(6_000);
      for (const language of sections) expect(language[1]?.text).toMatch(/\n▌(?:已截断|Cut after)/);
    }
  });

  it('never takes more than its room, with any sizes', () => {
    const sizes = fc.array(fc.nat({ max: 3_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 200, max: 40_000 }), (each, room) => {
        const { bytes, shown } = writerOf(each).fit(room);
        expect(bytes).toBeLessThanOrEqual(room);
        const cut = shown.filter((characters, index) => characters < (each[index] ?? 0));
        expect(new Set(cut).size).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is absent if not even one character of each fits', () => {
    expect(writerOf([500, 500]).fit(150)).toEqual(writerOf([500, 500]).none());
    expect(writerOf([500, 500]).none().shown).toEqual([0, 0]);
  });
});

it('is cut if it is one character too long for the card, and every place says so', () => {
  const cardOf = (characters: number) =>
    buildInstanceForm(aFormInput({ stage: { tasks: [aTask({ statement: 'x'.repeat(characters) })] } }));
  const most = largestThatFits(1, 200_000, (characters) => cardOf(characters).whole) ?? 0;
  expect(most).toBeGreaterThan(90_000);
  const [whole, cut] = [most, most + 1].map((characters) => allValues(readForm(cardOf(characters), 'en-US')));
  expect(whole).not.toMatch(/⚠|Cut|left out/);
  expect(cut).toMatch(/^▌⚠ 1 of 1 statement is not, or not wholly, on this card/m);
  expect(cut).toMatch(/^[\d,]+ of [\d,]+ characters of SQL are left out/m);
  expect(cut).toMatch(/^▌Cut after /m);
});

it('largestThatFits returns the largest number that fits, or none', () => {
  for (const limit of [0, 1, 2, 5, 9, 10, 11]) {
    expect(largestThatFits(1, 10, (value) => value <= limit)).toBe(
      limit === 0 ? undefined : Math.min(limit, 10),
    );
  }
  expect(largestThatFits(1, 0, () => true)).toBeUndefined();
});
