/** A page is filled up to this many UTF-16 units before the next is begun. */
const PAGE_LENGTH = 4_000;

/**
 * Says for each section of a list on which page it stands, counted from 1: few pages for little text, and all
 * `count` pages about equally long when there is more.
 * @param lengths of the sections, in order
 */
export function assignPages(lengths: readonly number[], count: number): number[] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const room = Math.max(PAGE_LENGTH, Math.ceil(total / count));
  let page = 1;
  let filled = 0;
  return lengths.map((length) => {
    if (filled > 0 && filled + length > room && page < count) {
      page += 1;
      filled = 0;
    }
    filled += length;
    return page;
  });
}

/** The pages' texts, in order: page number → its sections, joined. */
export function joinPages(
  sections: readonly string[],
  pages: readonly number[],
  separator: string,
): Map<number, string> {
  const joined = new Map<number, string>();
  for (const [index, section] of sections.entries()) {
    const page = pages[index] ?? 1;
    const text = joined.get(page);
    joined.set(page, text === undefined ? section : `${text}${separator}${section}`);
  }
  return joined;
}

/** For each section its length in the language that needs most room. */
export function longestOf(languages: readonly (readonly string[])[]): number[] {
  const [first = []] = languages;
  return first.map((_, index) => Math.max(...languages.map((sections) => sections[index]?.length ?? 0)));
}
