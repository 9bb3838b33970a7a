import { describe, expect, it } from 'vitest';
import { leftOverMarks, structureOf } from './page-structure.ts';
import { linksOf, pageNames, readPage } from './pages.ts';

const TRANSLATED = /\.zh-CN\.md$/;

/** The README of the repository has its translation in docs/. */
const originalOf = (page: string): string =>
  page === 'docs/README.zh-CN.md' ? 'README.md' : page.replace(TRANSLATED, '.md');

const translations = pageNames().filter((name) => TRANSLATED.test(name));
const pairs = translations.map((name) => ({ name, original: originalOf(name) }));

it('README and the set-up page have a Chinese translation', () => {
  expect(pairs.map(({ original }) => original)).toEqual(['README.md', 'docs/set-up.md']);
});

describe.each(pairs)('$name', ({ name, original }) => {
  it('has the headings, blocks, numbered steps, code, links and images of its original', () => {
    const [translated, written] = [name, original].map((page) => structureOf(page, readPage, originalOf));
    expect(translated).toEqual(written);
  });

  it('links to the translation of a page if there is one, and to its original at the top', () => {
    const [top, ...others] = linksOf(readPage(name));
    expect([top, linksOf(readPage(original))[0]]).toEqual(
      name === 'docs/README.zh-CN.md'
        ? ['../README.md', 'docs/README.zh-CN.md']
        : [original.replace('docs/', ''), name.replace('docs/', '')],
    );
    // docs/README.md is the index. The README of the repository is ../README.md there.
    const originals = pairs.map((pair) =>
      pair.original.includes('/') ? pair.original.replace('docs/', '') : `../${pair.original}`,
    );
    expect(others.filter((target) => originals.includes(target.split('#')[0] ?? ''))).toEqual([]);
  });

  it('is written in Chinese, and every mark of emphasis has an effect', () => {
    const paragraphs = readPage(name)
      .replaceAll(/```.*?```/gs, '')
      .split('\n')
      .filter((line) => /^[A-Za-z]/.test(line) && !/\p{Script=Han}/u.test(line));
    expect(paragraphs).toEqual([]);
    expect(leftOverMarks(readPage(name))).toEqual([]);
  });
});

describe('structureOf', () => {
  const pages: Record<string, string> = {
    'docs/a.md': '# A\n\n1. one `x`\n2. [two](a.md#b)\n\n## B\n\n```sh\nls\n```\n',
    'docs/a.zh-CN.md': '# 甲\n\n1. 一 `x`\n2. [二](#乙)\n\n## 乙\n\n```sh\nls\n```\n',
  };
  const read = (changed: string) => (page: string) =>
    page === 'docs/a.zh-CN.md' ? changed : (pages[page] ?? '');
  const chinese = pages['docs/a.zh-CN.md'] ?? '';
  const of = (text: string) => structureOf('docs/a.zh-CN.md', read(text), originalOf);
  const expected = structureOf('docs/a.md', read(chinese), originalOf);

  it('treats a link to a heading like a link to the same heading of the original', () => {
    expect(of(chinese)).toEqual(expected);
    expect(expected[0]?.links).toEqual(['docs/a.md, heading 2']);
  });

  it.each([
    ['a heading of another level', '## 乙', '### 乙'],
    ['a missing list item', '\n2. [二](#乙)', ' [二](#乙)'],
    ['another number', '1. 一', '3. 一'],
    ['another anchor', '(#乙)', '(#甲)'],
    ['other code', 'ls', 'ls -l'],
    ['another name', '`x`', '`y`'],
    ['a further paragraph', '## 乙', '多一段。\n\n## 乙'],
  ])('finds %s', (_, from, to) => {
    expect(chinese).toContain(from);
    expect(of(chinese.replace(from, to))).not.toEqual(expected);
  });
});

it('the check finds a mark of emphasis without an effect before Chinese text', () => {
  expect(leftOverMarks('**先这样。**再那样')).toHaveLength(1);
  expect(leftOverMarks('**先这样**。再那样')).toEqual([]);
});
