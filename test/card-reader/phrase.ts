/**
 * A phrase of the card with gaps. `{name}` is any text, `{name#}` a number with commas, `{name@}` a list of positions,
 * `{name=words}` exactly these words. A gap that is repeated has the same text each time. `<a|b>` is a or b.
 */
export interface Phrase {
  /** Returns the gaps if the whole text is this phrase. */
  match(text: string): Gaps | undefined;
  /** Fills the gaps with texts or numbers. With a number of 1, the first of two words is used. */
  fill(gaps: Readonly<Record<string, string | number>>): string;
}
export interface Gaps {
  /** Throws if the gap is absent. */
  text(name: string): string;
  optional(name: string): string | undefined;
  number(name: string): number;
}

const NUMBER = '\\d{1,3}(?:,\\d{3})*';
/** For example `1, 3–5`. */
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
