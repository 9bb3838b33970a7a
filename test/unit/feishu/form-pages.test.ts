import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildInstanceForm } from '../../../shared/feishu/form/build-form.ts';
import { paginate, type Section } from '../../../shared/feishu/form/pages.ts';
import { PAGES } from '../../../shared/feishu/form/widgets.ts';
import { aTask } from '../../support/issue.ts';
import { readForm, type SeenField } from './golden/read-form.ts';
import { aFormInput } from './golden/scenarios.ts';

const section = (name: string, lines: number, length: number): Section => ({
  text: [`▌${name}`, ...Array.from({ length: lines }, (_, index) => `${index} `.padEnd(length, 'x'))].join(
    '\n',
  ),
  continued: `▌${name} continued`,
});
const paginateOne = (sections: Section[], count = 12): string[] =>
  paginate([sections], count, '\n\n')[0] ?? [];

describe('the pages of a list', () => {
  it('are one for a short list, and none for an empty list', () => {
    expect(paginateOne([section('a', 1, 5), section('b', 1, 5)])).toEqual(['▌a\n0 xxx\n\n▌b\n0 xxx']);
    expect(paginateOne([])).toEqual([]);
  });

  it('keep together what fits on a page', () => {
    const pages = paginateOne([section('a', 20, 100), section('b', 30, 100)]);
    expect(pages.map((page) => page.split('\n').length)).toEqual([21, 31]);
    expect(pages[1]?.startsWith('▌b\n')).toBe(true);
  });

  it('divide a section that is longer than a page between lines, and say on each page what continues', () => {
    const long = section('a', 100, 100);
    const pages = paginateOne([long]);
    expect(pages.map((page) => page.split('\n')[0])).toEqual(['▌a', '▌a continued', '▌a continued']);
    expect(pages.join('\n').replaceAll('▌a continued\n', '')).toBe(long.text);
    for (const page of pages) expect(page.length).toBeLessThan(4_100);
  });

  it('keep a line whole that is longer than a page', () => {
    const pages = paginateOne([section('a', 2, 9_000)]);
    expect(pages.map((page) => page.split('\n').length)).toEqual([2, 2]);
  });

  it('never leave a heading alone at the end of a page', () => {
    const pages = paginateOne([section('a', 39, 99), section('b', 60, 99)]);
    for (const page of pages) expect(page.split('\n').at(-1)).not.toMatch(/^▌/);
  });

  it('are not more than the maximum, about equally long, and contain every line once and in order', () => {
    const sections = fc.array(fc.tuple(fc.nat({ max: 80 }), fc.integer({ min: 1, max: 300 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(sections, fc.integer({ min: 1, max: 12 }), (sizes, count) => {
        const all = sizes.map(([lines, length], index) => section(`${index}`, lines, length));
        const pages = paginateOne(all, count);
        const total = all.reduce((sum, { text }) => sum + text.length + 2, 0);
        expect(pages.length).toBeLessThanOrEqual(count);
        for (const page of pages) expect(page.length).toBeLessThan(2 * Math.max(4_000, total / count) + 700);
        const lines = pages.flatMap((page) => page.split('\n'));
        expect(lines.filter((line) => line !== '' && !line.endsWith(' continued'))).toEqual(
          all.flatMap(({ text }) => text.split('\n')),
        );
      }),
    );
  });

  it('are divided in the same way in all languages, by the one that needs the most room', () => {
    const short = section('a', 100, 30);
    const [first = [], second = []] = paginate([[short], [section('a', 100, 100)]], 12, '\n\n');
    expect(first.map((page) => page.split('\n').length)).toEqual(
      second.map((page) => page.split('\n').length),
    );
    expect(second.length).toBe(3);
  });
});

describe('the pages of a form', () => {
  const pagesOf = (statement: string, locale: 'zh-CN' | 'en-US'): SeenField[] =>
    readForm(
      buildInstanceForm(aFormInput({ stage: { tasks: [aTask({ statement })] } })),
      locale,
    ).fields.filter(({ id }) => /^sql(?:_\d+)?$/.test(id));

  it('contain one statement of 80,000 characters, each page with a heading, with the same lines in both languages', () => {
    const lines = Array.from({ length: 1_000 }, (_, index) =>
      `INSERT INTO t VALUES (${index});`.padEnd(79, ' -'),
    );
    const [zh, en] = (['zh-CN', 'en-US'] as const).map((locale) => pagesOf(lines.join('\n'), locale));
    expect(en).toHaveLength(PAGES.sql);
    expect(en?.map(({ value }) => value.split('\n')[0])).toEqual([
      '▌Task 1 · 1,000 lines',
      ...Array.from({ length: PAGES.sql - 1 }, () => '▌Task 1 · continued'),
    ]);
    expect(zh?.[1]?.value.split('\n')[0]).toBe('▌任务 1 · 续上页');
    const foreign = (pages: SeenField[] = []) =>
      pages.map(({ value }) => value.split('\n').filter((line) => !line.startsWith('▌')));
    expect(foreign(en).flat()).toEqual(lines);
    expect(foreign(zh)).toEqual(foreign(en));
    for (const { value } of en ?? []) expect(value.length).toBeLessThan(7_000);
  });
});
