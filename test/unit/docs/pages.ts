import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import GithubSlugger from 'github-slugger';
import { Marked, type Token } from 'marked';

/** The Markdown pages of the repository, with their links, headings and diagrams as GitHub reads them. */

export const REPOSITORY = resolve(import.meta.dirname, '../../..');
const PAGES = ['README.md', 'CHANGELOG.md', 'docs/**/*.md', '.github/**/*.md', 'test/**/*.md'];

export const markdown = new Marked({ gfm: true });

/** Paths from the root of the repository, with slashes. */
export const pageNames = (): string[] =>
  globSync(PAGES, { cwd: REPOSITORY })
    .map((name) => name.replaceAll(sep, '/'))
    .toSorted();

export const readPage = (name: string): string => readFileSync(join(REPOSITORY, name), 'utf8');

/** Returns every token of a page, including those in tables, lists and links. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  markdown.walkTokens(markdown.lexer(text), (token) => void tokens.push(token));
  return tokens;
}

/** Returns the targets of links and images, in order. */
export function linksOf(text: string): string[] {
  return tokensOf(text).flatMap((token): string[] => {
    if (token.type === 'link' || token.type === 'image') return [String(token.href)];
    if (token.type !== 'html') return [];
    return [...token.raw.matchAll(/\b(?:href|src)="([^"]*)"/g)].map(([, target = '']) => target);
  });
}

/** Returns the anchors of the headings of a page. A repeated heading gets a number, as on GitHub. */
export function anchorsOf(text: string): Set<string> {
  const slugger = new GithubSlugger();
  return new Set(
    tokensOf(text).flatMap((token) =>
      token.type === 'heading' ? [slugger.slug(plainText(token.tokens ?? []))] : [],
    ),
  );
}

/** Returns the code blocks in a language, in order. */
export const codeBlocksOf = (text: string, language: string): string[] =>
  tokensOf(text).flatMap((token) =>
    token.type === 'code' && token.lang === language ? [String(token.text)] : [],
  );

/** Returns all code of a page: blocks, and spans in text. */
export const codeOf = (text: string): string[] =>
  tokensOf(text).flatMap((token) =>
    token.type === 'code' || token.type === 'codespan' ? [String(token.text)] : [],
  );

const FOLDERS = /^(?:\.ci|\.github|docs|functions|infra|shared|test)\/[\w./*-]*$/;

/** Returns the files and folders of the repository that a text names as code. A folder ends with a slash. */
export const pathsIn = (text: string): string[] => codeOf(text).filter((code) => FOLDERS.test(code));

/** Returns the text below a heading of the second level, up to the next one. */
export function sectionOf(page: string, heading: string): string {
  const [, text] = readPage(page).split(`\n## ${heading}\n`);
  if (text === undefined) throw new Error(`${page} has no section "${heading}"`);
  return text.split('\n## ')[0] ?? '';
}

/** Returns the code in the first cell of each row of the tables of a text. */
export const firstCells = (text: string): string[] =>
  [...text.matchAll(/^\| (`[^|]*)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code),
  );

/** Returns a heading without its markup. */
function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === 'html' || token.type === 'image') return '';
      if ('tokens' in token && token.tokens) return plainText(token.tokens);
      return 'text' in token ? String(token.text) : '';
    })
    .join('');
}

/** Returns what is wrong with a link of a page, or undefined. Links to other hosts are not checked. */
export function linkProblem(page: string, target: string, read = readPage): string | undefined {
  if (/^(https?|mailto):/.test(target)) return undefined;
  if (target.startsWith('/')) return 'begins with a slash: GitHub and a clone resolve it differently';
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : relative(REPOSITORY, resolve(REPOSITORY, dirname(page), decodeURI(path)));
  if (file.startsWith('..')) return 'leads out of the repository';
  if (!existsSync(join(REPOSITORY, file))) return 'no such file';
  if (anchor === undefined) return undefined;
  if (!file.endsWith('.md')) return 'an anchor in a file that has no headings';
  return anchorsOf(read(file)).has(decodeURIComponent(anchor)) ? undefined : `no such heading in ${file}`;
}
