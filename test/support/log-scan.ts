/** Searches the output of a test run for what must never be logged. Pure: `log-scan-run.ts` reads the output. */

/** One stream of one test file, as one text. So a value that was split over two writes is found too. */
export interface Source {
  /** Path of the test file. */
  test: string;
  /** stdout, console, notes, … */
  name: string;
  text: string;
}

/** A value that a test declared, because it must not appear. */
export interface Declared {
  what: 'SECRET' | 'STATEMENT';
  /** For the report: `app secret`, `tenant token`, … */
  kind: string;
  value: string;
}

export interface Finding {
  kind: string;
  test: string;
  source: string;
  spelling: Spelling;
}

/** How a value can be encoded in a text. */
type Spelling = 'plain' | 'JSON' | 'URL' | 'base64' | 'hex';

/** Shorter values can be in a text by chance. */
const MIN_SECRET = 8;
const MIN_STATEMENT = 12;

/** Number of different characters. Tests of sizes repeat one letter, which ids and titles contain too. */
const MIN_DISTINCT = 5;
/** A part of a long statement with this many characters is a finding, because the text can be cut. */
const PIECE = 64;
const LINES = 3;
/** Needles are indexed by this many first characters. No spelling is shorter. */
const PREFIX = 8;

/** Returns false for a value that can be in a text by chance. */
export function isScannable({ what, value }: Pick<Declared, 'what' | 'value'>): boolean {
  const least = what === 'SECRET' ? MIN_SECRET : MIN_STATEMENT;
  return value.length >= least && new Set(value.slice(0, 1_000)).size >= MIN_DISTINCT;
}

/** Returns each kind, source and spelling in which a declared value appears, once. It never returns the value. */
export function scan(sources: readonly Source[], declared: readonly Declared[]): Finding[] {
  const needles = index(declared);
  const found = new Map<string, Finding>();
  for (const { test, name, text } of sources) {
    for (let at = 0; at + PREFIX <= text.length; at += 1) {
      const candidates = needles.get(text.slice(at, at + PREFIX));
      if (!candidates) continue;
      for (const { kind, spelling, needle } of candidates) {
        if (!text.startsWith(needle, at)) continue;
        const finding: Finding = { kind, test, source: name, spelling };
        found.set(JSON.stringify(finding), finding);
      }
    }
  }
  return [...found.values()];
}

interface Needle {
  kind: string;
  spelling: Spelling;
  needle: string;
}

function index(declared: readonly Declared[]): Map<string, Needle[]> {
  const needles = new Map<string, Needle[]>();
  const seen = new Set<string>();
  for (const one of declared) {
    for (const part of isScannable(one) ? partsOf(one) : []) {
      for (const [spelling, needle] of spellings(part)) {
        if (seen.has(needle)) continue;
        seen.add(needle);
        const prefix = needle.slice(0, PREFIX);
        const entry = { kind: one.kind, spelling, needle };
        const neighbours = needles.get(prefix);
        if (neighbours) neighbours.push(entry);
        else needles.set(prefix, [entry]);
      }
    }
  }
  return needles;
}

/** Returns the parts to search for: a secret as a whole; of a statement the beginning, middle, end and first lines. */
function partsOf({ what, value }: Declared): string[] {
  if (what === 'SECRET') return [value];
  const middle = Math.floor((value.length - PIECE) / 2);
  const pieces =
    value.length <= PIECE
      ? [value]
      : [value.slice(0, PIECE), value.slice(middle, middle + PIECE), value.slice(-PIECE)];
  const lines = value.includes('\n') ? value.split('\n', LINES).map((line) => line.trim()) : [];
  return [...pieces, ...lines.filter((line) => line.length >= 2 * MIN_STATEMENT)].filter((part) =>
    isScannable({ what, value: part }),
  );
}

function spellings(value: string): [Spelling, string][] {
  const json = escaped(value);
  const url = encodeURIComponent(value.toWellFormed());
  const bytes = Buffer.from(value, 'utf8');
  return [
    ['plain', value],
    ['JSON', json],
    ['JSON', escaped(json)],
    ['JSON', ascii(json)],
    ['URL', url],
    ['URL', url.replaceAll('%20', '+')],
    ['URL', url.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())],
    ...[0, 1, 2].flatMap((offset): [Spelling, string][] => {
      const base64 = base64At(bytes, offset);
      return [
        ['base64', base64],
        ['base64', base64.replaceAll('+', '-').replaceAll('/', '_')],
      ];
    }),
    ['hex', bytes.toString('hex')],
    ['hex', bytes.toString('hex').toUpperCase()],
  ];
}

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

const ascii = (text: string): string =>
  text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * Returns the base64 characters that depend on these bytes only, if `offset` other bytes (modulo 3) come before them.
 */
function base64At(bytes: Buffer, offset: number): string {
  const shifted = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return shifted.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}
