import { describe, expect, it } from 'vitest';
import { anchorsOf, linkProblem, linksOf, pageNames, readPage } from './pages.ts';

describe('the links of the documentation', () => {
  it.each(pageNames())('lead to an existing file and heading: %s', (page) => {
    const broken = linksOf(readPage(page)).flatMap((target) => {
      const problem = linkProblem(page, target);
      return problem === undefined ? [] : [`${target}: ${problem}`];
    });
    expect(broken).toEqual([]);
  });

  it('reach every page of docs/ from its index, directly or through the index of decisions', () => {
    const pages = pageNames().filter((name) => name.startsWith('docs/'));
    const linked = new Set(
      ['docs', 'docs/adr'].flatMap((folder) =>
        linksOf(readPage(`${folder}/README.md`)).map((target) => `${folder}/${target.split('#')[0]}`),
      ),
    );
    const indexes = ['docs/README.md', 'docs/adr/README.md'];
    expect(pages.filter((name) => !linked.has(name) && !indexes.includes(name))).toEqual([]);
  });

  it('are found in text, tables, lists, images, references and HTML', () => {
    const page = [
      'A [link](a.md) and ![image](b.png).',
      '| [cell](c.md) |\n|---|\n| [cell](d.md#e) |',
      '- item\n  - [`code`](f.md)',
      '[reference][r]\n\n[r]: g.md',
      '<a href="h.md">h</a>',
      '`[no link](x.md)`\n\n```\n[no link](y.md)\n```',
    ].join('\n\n');
    expect(linksOf(page).toSorted()).toEqual(['a.md', 'b.png', 'c.md', 'd.md#e', 'f.md', 'g.md', 'h.md']);
  });

  it('are refused if the file is missing, the heading is missing, or they leave the repository', () => {
    expect(linkProblem('docs/README.md', 'contract.md')).toBeUndefined();
    expect(linkProblem('docs/README.md', '../README.md#quick-start')).toBeUndefined();
    expect(linkProblem('docs/README.md', 'no-such-page.md')).toBe('no such file');
    expect(linkProblem('docs/README.md', '#no-such-heading')).toMatch(/^no such heading/);
    expect(linkProblem('docs/README.md', '../../elsewhere.md')).toMatch(/^leads out/);
    expect(linkProblem('docs/README.md', '/docs/contract.md')).toMatch(/^begins with a slash/);
  });
});

describe('the anchors of headings', () => {
  it('are the same as on GitHub', () => {
    const page =
      '# `npm start`, and *more*\n\n## 1. The issue record (Frabit writes it)\n\n## Twice\n\n## Twice\n\n## A [link](x.md)';
    expect([...anchorsOf(page)]).toEqual([
      'npm-start-and-more',
      '1-the-issue-record-frabit-writes-it',
      'twice',
      'twice-1',
      'a-link',
    ]);
  });
});
