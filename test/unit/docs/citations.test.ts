import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brokenCitations, type Page, readPage } from './citations.ts';

const ROOT = new URL('../../..', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, ROOT), 'utf8');

const FOLDERS = '{.ci,.github,docs,functions,infra,shared,test}/**/*';
const TEXT = /\.(?:ts|js|java|md|json|ya?ml|py|go|txt|html|css|sh)$|^\.ci\//;

describe('citations in all files', () => {
  const pages = Object.fromEntries(
    globSync('docs/*.md', { cwd: ROOT }).map((file) => [basename(file, '.md'), readPage(read(file))]),
  );
  const decisions = new Set(
    globSync('docs/adr/[0-9]*.md', { cwd: ROOT }).map((file) => Number(basename(file).slice(0, 4))),
  );
  const files = globSync(['*.md', '*.ts', FOLDERS], { cwd: ROOT }).filter(
    (file) => TEXT.test(file) && !/citations(?:\.test)?\.ts$/.test(file),
  );

  it('lead to an existing page and section', () => {
    const broken = files.flatMap((file) =>
      brokenCitations(read(file), pages, decisions).map((problem) => `${file}: ${problem}`),
    );
    expect(broken).toEqual([]);
  });

  it('are found: some hundreds in code, tests and docs', () => {
    const cited = files.filter((file) =>
      /\bdocs\/(?:feishu|lessons|design|contract)\.md \d/.test(read(file)),
    );
    expect(cited.length).toBeGreaterThan(200);
  });

  it('can cite each of the 53 lessons', () => {
    expect([...(pages.lessons?.numbers ?? [])]).toEqual(
      Array.from({ length: 53 }, (_, index) => `${index + 1}`),
    );
  });
});

describe('a citation', () => {
  const pages: Record<string, Page> = {
    feishu: readPage(
      '# Notes\n\n## 2. People\n## 2a. Scopes\n### 3.1 Create: POST\n### 4.2a Seen\nIt says so.\n',
    ),
    lessons: readPage('| # | what |\n|---|---|\n| 3 | a |\n| 12 | b |\n'),
  };
  const broken = (text: string) => brokenCitations(text, pages, new Set([1, 13]));

  it.each([
    'docs/feishu.md 3.1',
    'docs/feishu.md 2, 2a and 4.2a.',
    '(docs/lessons.md 3 and 12)',
    '/**\n * As it stands in docs/feishu.md\n * 3.1, recorded.\n */',
    'docs/feishu.md 2, "It says so"',
    'docs/lessons.md 3, 500 times',
    '[feishu.md](feishu.md), section 2a',
    'ADR 13, decision 1',
    "channel: 'FEISHU', FEISHU_APP_ID, LESSONS",
  ])('is good: %s', (text) => {
    expect(broken(text)).toEqual([]);
  });

  it.each([
    ['docs/feishu.md 3.2', 'docs/feishu.md has no 3.2: docs/feishu.md 3.2'],
    ['docs/lessons.md 3 and 13', 'docs/lessons.md has no 13: docs/lessons.md 3 and 13'],
    ['docs/nowhere.md 1', 'no such page: docs/nowhere.md 1'],
    ['docs/feishu.md 2, "It does not"', 'docs/feishu.md does not say: It does not'],
    ['[notes](feishu.md) section 9', 'docs/feishu.md has no 9: (feishu.md) section 9'],
    ['ADR 14', 'no such decision: ADR 14'],
    ['(FEISHU 3.1)', 'an old form: FEISHU 3.1)'],
    ['LESSONS rows 3 and 12', 'an old form: LESSONS rows 3 and 12'],
    ['// LESSONS row\n// 3', 'an old form: LESSONS row 3'],
    ['DESIGN, "The plan"', 'an old form: DESIGN, "The plan"'],
    ['CONTRACT section 5', 'an old form: CONTRACT section 5'],
    ['as DESIGN says', 'an old form: DESIGN says'],
    ['see LESSONS.md', 'an old form: LESSONS.md'],
  ])('is broken: %s', (text, problem) => {
    expect(broken(text)).toEqual([problem]);
  });
});
