/**
 * A phrase of the card with gaps, as a pattern. `{name}` is any text, `{name#}` a number with commas, `{name@}` a list of
 * tasks' positions, `{name=words}` these very words; a gap that comes again holds the same again. `<a|b>` is one or the
 * other.
 */
export interface Phrase {
  /** The gaps of a text that is this phrase from beginning to end. */
  match(text: string): Gaps | undefined;
  /** The phrase with these in its gaps, which are texts or numbers. A number of 1 takes the first of two words. */
  fill(gaps: Readonly<Record<string, string | number>>): string;
}
export interface Gaps {
  /** Throws on a gap that is left out. */
  text(name: string): string;
  optional(name: string): string | undefined;
  number(name: string): number;
}

const NUMBER = '\\d{1,3}(?:,\\d{3})*';
/** `1, 3–5` */
const POSITIONS = '\\d+(?:–\\d+)?(?:(?:, |、)\\d+(?:–\\d+)?)*';
const TOKEN = /\{(?<name>\w+)(?:(?<kind>[#@])|=(?<words>[^}]*))?\}|[<|>]|[\\^$.*+?()[\]{}]/gu;

export function phrase(template: string): Phrase {
  const known = new Set<string>();
  let source = '';
  let end = 0;
  for (const { 0: found, index, groups } of template.matchAll(TOKEN)) {
    source += template.slice(end, index) + patternOf(found, groups ?? {}, known);
    end = index + found.length;
  }
  const pattern = new RegExp(`^${source}${template.slice(end)}$`, 'su');
  return {
    match: (text) => {
      const found = pattern.exec(text);
      return found ? gapsOf(found.groups ?? {}) : undefined;
    },
    fill: (gaps) => {
      const word = Object.values(gaps).includes(1) ? '$<one>' : '$<more>';
      return template.replace(/<(?<one>[^|]*)\|(?<more>[^>]*)>/gu, word).replace(TOKEN, (found, name) => {
        const gap = gaps[name] ?? found;
        return typeof gap === 'number' ? gap.toLocaleString('en-US') : gap;
      });
    },
  };
}

function patternOf(found: string, { name, kind, words }: Record<string, string>, known: Set<string>): string {
  if (name === undefined) {
    const grouping: Record<string, string> = { '<': '(?:', '>': ')', '|': '|' };
    return grouping[found] ?? `\\${found}`;
  }
  if (known.has(name)) return `\\k<${name}>`;
  known.add(name);
  const inside =
    words === undefined
      ? ({ '#': NUMBER, '@': POSITIONS }[kind ?? ''] ?? '.*?')
      : words.replace(/[\\^$.*+?()[\]{}|]/gu, '\\$&');
  return `(?<${name}>${inside})`;
}

function gapsOf(groups: Record<string, string | undefined>): Gaps {
  const text = (name: string): string => {
    const found = groups[name];
    if (found === undefined) throw new Error(`the phrase has no gap ${name}`);
    return found;
  };
  return {
    text,
    optional: (name) => groups[name],
    number: (name) => Number(text(name).replaceAll(',', '')),
  };
}
