import { dirname, relative, resolve, sep } from 'node:path';
import type { Token } from 'marked';
import { anchorsOf, markdown, REPOSITORY } from './pages.ts';

/** What a page and its translation must have in common: the sections and their contents. */
export interface Section {
  depth: number;
  blocks: string[];
  /** Sorted, because another language may have another order. */
  links: string[];
  code: string[];
}

/**
 * Reads the structure of a page. `originalOf` returns the path of the page that a page translates, or the same path.
 * @param name path from the root of the repository
 */
export function structureOf(
  name: string,
  read: (page: string) => string,
  originalOf: (page: string) => string,
): Section[] {
  const sections: Section[] = [];
  for (const token of markdown.lexer(read(name))) {
    if (token.type === 'heading') {
      sections.push({ depth: token.depth, blocks: [], links: [], code: [] });
    }
    const section = sections.at(-1);
    if (!section) throw new Error(`${name} does not begin with a heading`);
    if (token.type !== 'heading') section.blocks.push(...blockOf(token));
    markdown.walkTokens([token], (inner) => {
      if (inner.type === 'codespan') section.code.push(inner.text);
      if (inner.type === 'image') section.links.push(`image ${targetOf(name, inner.href, read, originalOf)}`);
      if (inner.type === 'link') section.links.push(targetOf(name, inner.href, read, originalOf));
    });
  }
  return sections.map((section) => ({
    ...section,
    links: section.links.toSorted(),
    code: section.code.toSorted(),
  }));
}

/** Returns a line for each block, including lists and their items. */
function blockOf(token: Token): string[] {
  switch (token.type) {
    case 'space':
      return [];
    case 'code':
      return [`code ${token.lang ?? ''}\n${token.text}`];
    case 'table':
      return [`table of ${token.header.length} columns and ${token.rows.length} rows`];
    case 'list':
      return [
        `list of ${token.items.length}${token.ordered ? ` from ${token.start}` : ''}`,
        ...token.items.flatMap((item: { tokens: Token[] }) => item.tokens.flatMap(blockOf)),
      ];
    default:
      return [token.type];
  }
}

/** Returns a link target without its language: the path of the original, and the index of the heading. */
function targetOf(
  page: string,
  href: string,
  read: (page: string) => string,
  originalOf: (page: string) => string,
): string {
  if (/^(?:https?|mailto):/.test(href)) return href;
  const [path = '', anchor] = decodeURIComponent(href).split('#');
  const file =
    path === '' ? page : relative(REPOSITORY, resolve(REPOSITORY, dirname(page), path)).replaceAll(sep, '/');
  if (anchor === undefined) return originalOf(file);
  return `${originalOf(file)}, heading ${[...anchorsOf(read(file))].indexOf(anchor) + 1}`;
}

/** Returns texts that contain a mark of emphasis that Markdown did not accept. */
export function leftOverMarks(text: string): string[] {
  const found: string[] = [];
  markdown.walkTokens(markdown.lexer(text), (token) => {
    if (token.type === 'text' && !token.tokens && /[*_]{2}|\*/.test(token.raw)) found.push(token.raw);
  });
  return found;
}
