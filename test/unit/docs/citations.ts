/** Citations of the pages in `docs/`: the file, and numbers of its sections or rows. */

/** A section such as 3, 3.1, 2a or 4.2a, but not a number with a unit. */
const NUMBER = String.raw`\d{1,2}[a-z]?(?:\.\d{1,2}[a-z]?)?(?![\w%]|\.\d)`;
const LIST = `${NUMBER}(?:(?:, and |, | and |–)${NUMBER})*`;

const CITATION = new RegExp(String.raw`\bdocs/([a-z-]+)\.md (${LIST})(?:, "([^"]+)")?`, 'g');
/** In Markdown: a link to a page, followed by a section. */
const LINK = new RegExp(String.raw`\((?:docs/|\.\./)?([a-z-]+)\.md\),? sections? (${LIST})`, 'g');
const DECISION = /\b(?:ADR|ADRs|[Dd]ecision|[Dd]ecisions) (\d{1,2})\b/g;
/** Earlier names of these pages in the sources. */
const OLD_FORM =
  /\b(?:(?:FEISHU|LESSONS|CONTRACT)(?:\.md\b|,? (?:sections?|rows?) \d| \d|,? "[A-Z])|DESIGN\b).{0,20}/g;

export interface Page {
  text: string;
  numbers: ReadonlySet<string>;
}

/** Reads the numbers of a page: of its headings, and of the rows of a numbered table. */
export function readPage(markdown: string): Page {
  const headings = [...markdown.matchAll(/^#{2,4} (\d{1,2}[a-z]?(?:\.\d{1,2}[a-z]?)?)\.? /gm)];
  const rows = [...markdown.matchAll(/^\| (\d{1,2}) \|/gm)];
  return {
    text: inOneLine(markdown),
    numbers: new Set([...headings, ...rows].map(([, number = '']) => number)),
  };
}

/** Joins lines, so that a citation may continue on the next line of a comment. */
const inOneLine = (text: string): string => text.replaceAll(/[ \t]*\n[ \t]*(?:\*(?!\/)|\/\/)?[ \t]*/g, ' ');

/**
 * Returns a sentence for each citation in `text` that leads nowhere or has an old form.
 * @param pages by name, such as `feishu`
 * @param decisions numbers of the ADRs
 */
export function brokenCitations(
  text: string,
  pages: Readonly<Record<string, Page>>,
  decisions: ReadonlySet<number>,
): string[] {
  const line = inOneLine(text);
  const cited = [...line.matchAll(CITATION), ...line.matchAll(LINK)].flatMap(
    ([all, name = '', list, quote]) => {
      const page = pages[name];
      if (!page) return [`no such page: ${all}`];
      const missing = (list ?? '').split(/, and |, | and |–/).filter((number) => !page.numbers.has(number));
      const isQuoted = quote === undefined || page.text.includes(quote);
      return [
        ...missing.map((number) => `docs/${name}.md has no ${number}: ${all}`),
        ...(isQuoted ? [] : [`docs/${name}.md does not say: ${quote}`]),
      ];
    },
  );
  const unknown = [...line.matchAll(DECISION)]
    .filter(([, number]) => !decisions.has(Number(number)))
    .map(([all]) => `no such decision: ${all}`);
  return [...cited, ...unknown, ...[...line.matchAll(OLD_FORM)].map(([all]) => `an old form: ${all}`)];
}
