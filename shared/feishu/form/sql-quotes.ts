/**
 * Finds comments, strings and quoted names in SQL. The dialect is unknown, so a part counts only if every dialect
 * agrees: a note too many is better than a missing one. So these do not count: a comment after `#`; a comment after
 * `--` without white space or a non-ASCII character behind it (MySQL reads `--1` as arithmetic); the text between
 * `$tag$`, which is mostly the code of a function; anything that is not closed.
 */

interface Dialect {
  /** What may begin a comment, a string or a quoted name. */
  opener: RegExp;
  /** Whether backslashes escape in every string, or only in `E'…'`. */
  backslash: 'ALWAYS' | 'AFTER_E';
  nestedComments: boolean;
  /** What ends a one-line comment. */
  lineEnd: RegExp;
}

const MYSQL: Dialect = {
  opener: /['"`]|#|--(?=[\s\u0080-\u{10FFFF}]|$)|\/\*(?!M?!)/gu,
  backslash: 'ALWAYS',
  nestedComments: false,
  lineEnd: /\n/g,
};
const POSTGRES: Dialect = {
  opener: /['"]|--|\/\*|\$(?:[A-Za-z_\u0080-\u{10FFFF}][\w\u0080-\u{10FFFF}]*)?\$/gu,
  backslash: 'AFTER_E',
  nestedComments: true,
  lineEnd: /[\r\n]/g,
};
const ORACLE: Dialect = {
  opener: /\b[nN]?[qQ]'|['"]|--|\/\*/gu,
  backslash: 'AFTER_E',
  nestedComments: false,
  lineEnd: /\n/g,
};
const SQL_SERVER: Dialect = {
  opener: /['"[]|--|\/\*/gu,
  backslash: 'AFTER_E',
  nestedComments: true,
  lineEnd: /\n/g,
};
const DIALECTS = [MYSQL, POSTGRES, ORACLE, SQL_SERVER];

/** From the opener to after the closer, in UTF-16 units. */
type Range = readonly [from: number, to: number];

/** Returns a function that says whether an index is in a comment, a string or a quoted name in every dialect. */
export function isQuotedEverywhere(sql: string): (at: number) => boolean {
  const all = DIALECTS.map((dialect) => findQuoted(sql, dialect));
  return (at) => all.every((ranges) => isWithin(ranges, at));
}

function isWithin(ranges: readonly Range[], at: number): boolean {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.[1] ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return (ranges[low]?.[0] ?? Number.POSITIVE_INFINITY) <= at;
}

/** After this many unclosed openers of a kind the search for this kind ends, to limit the work. */
const MOST_UNCLOSED = 20;

function findQuoted(sql: string, dialect: Dialect): Range[] {
  const ranges: Range[] = [];
  const unclosed = new Map<string, number>();
  const scan = (from: number, to: number, isDollarText: boolean): void => {
    const opener = new RegExp(dialect.opener);
    opener.lastIndex = from;
    for (let match = opener.exec(sql); match && match.index < to; match = opener.exec(sql)) {
      const { 0: text, index } = match;
      const isDollar = text.startsWith('$');
      const kind = isDollar ? '$' : text;
      if ((isDollar && isDollarText) || (unclosed.get(kind) ?? 0) >= MOST_UNCLOSED) continue;
      const end = findEnd(sql, text, index, dialect);
      if (end === undefined || end > to) unclosed.set(kind, (unclosed.get(kind) ?? 0) + 1);
      else {
        if (isDollar) scan(index + text.length, end - text.length, true);
        else ranges.push([index, end]);
        opener.lastIndex = end;
      }
    }
  };
  scan(0, sql.length, false);
  return ranges;
}

/** Returns the index after the closer; undefined if there is none. */
function findEnd(sql: string, opener: string, at: number, dialect: Dialect): number | undefined {
  const from = at + opener.length;
  switch (opener) {
    case "'":
    case '"':
    case '`':
    case '[': {
      const closer = opener === '[' ? ']' : opener;
      const isEscaped =
        dialect.backslash === 'ALWAYS' ||
        (opener === "'" && /(?<![\w$])[eE]$/.test(sql.slice(Math.max(0, at - 2), at)));
      return endOfQuote(sql, closer, from, isEscaped && opener !== '`');
    }
    case '--':
    case '#': {
      const lineEnd = new RegExp(dialect.lineEnd);
      lineEnd.lastIndex = from;
      return lineEnd.exec(sql)?.index ?? sql.length;
    }
    case '/*':
      return dialect.nestedComments ? endOfNested(sql, from) : behind(sql, '*/', from);
    default:
      return opener.startsWith('$') ? behind(sql, opener, from) : endOfOracleQuote(sql, from);
  }
}

function behind(sql: string, closer: string, from: number): number | undefined {
  const found = sql.indexOf(closer, from);
  return found === -1 ? undefined : found + closer.length;
}

/** A doubled closer stands for itself. */
function endOfQuote(sql: string, closer: string, from: number, isEscaped: boolean): number | undefined {
  for (let at = from; at < sql.length; at += 1) {
    if (isEscaped && sql[at] === '\\') at += 1;
    else if (sql[at] === closer) {
      if (sql[at + 1] !== closer) return at + 1;
      at += 1;
    }
  }
  return undefined;
}

function endOfNested(sql: string, from: number): number | undefined {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = from;
  let depth = 1;
  for (let match = marks.exec(sql); match; match = marks.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return undefined;
}

const PAIRS: Record<string, string> = { '[': ']', '(': ')', '{': '}', '<': '>' };

/** `q'[it's]'` */
function endOfOracleQuote(sql: string, from: number): number | undefined {
  const delimiter = String.fromCodePoint(sql.codePointAt(from) ?? 0);
  return behind(sql, `${PAIRS[delimiter] ?? delimiter}'`, from + delimiter.length);
}
