import { MARK, type ReadSection, type ReadSql, type SectionNote, Unreadable } from './card.ts';
import { codePoints, readForeign } from './characters.ts';
import type { Gaps } from './phrase.ts';
import { expand, readCut, readName, readTasks, requireConsistentCut } from './read-parts.ts';
import type { Words } from './words.ts';

/** The lines of a section: its heading, our lines below it, the SQL, and our lines after the SQL. */
interface Raw {
  positions: number[];
  note: string;
  about: string[];
  sql: string[];
  after: string[];
}

/** Reads the sections of SQL. Returns none if the card says that it has no SQL. */
export function readSections(pages: readonly string[], words: Words): ReadSection[] {
  if (saysNoSql(pages, words)) return [];
  const sections = rawSections(pages, words).map((raw) => readSection(raw, words));
  const [first] = sections
    .flatMap(({ positions }) => positions)
    .filter((position, at, all) => all.indexOf(position) !== at);
  if (first !== undefined) throw new Unreadable('a task is in two sections', `${first}`);
  const begins = sections.map(({ positions }) => positions[0] ?? 0);
  if (begins.some((position, index) => position < (begins[index - 1] ?? 0)))
    throw new Unreadable('the sections are not in the order of the tasks', begins.join(' '));
  return sections;
}

function saysNoSql([page = '', ...more]: readonly string[], words: Words): boolean {
  const [first = '', odd, ...rest] = page.split('\n');
  if (!first.startsWith(MARK) || !words.noSql.match(first.slice(MARK.length))) return false;
  const named =
    odd === undefined ? undefined : words.oddSql.match(odd.slice(`${MARK}${words.warned}`.length));
  if (named) readTasks(named.text('tasks'), words);
  if (more.length > 0 || rest.length > 0 || (odd !== undefined && !named))
    throw new Unreadable('the card says that it has no SQL, but there is more text', page);
  return true;
}

function rawSections(pages: readonly string[], words: Words): Raw[] {
  const sections: Raw[] = [];
  for (const [page, text] of pages.entries()) {
    for (const [index, line] of text.split('\n').entries()) {
      const last = sections.at(-1);
      const heading = line.startsWith(MARK) ? words.heading.match(line.slice(MARK.length)) : undefined;
      if (heading?.text('note') === words.continued) {
        if (page === 0 || index > 0 || !last || !isSame(heading, last.positions))
          throw new Unreadable('a page continues a section that did not begin', line);
      } else if (heading) {
        if (last && index > 0) endWithBlank(last);
        sections.push({
          positions: expand(heading.text('positions')),
          note: heading.text('note'),
          about: [],
          sql: [],
          after: [],
        });
      } else if (last) addLine(last, line);
      else throw new Unreadable('SQL belongs to no task', line);
    }
  }
  return sections;
}

/** Compares a heading with positions. On a later page the heading can cut its list. */
function isSame(heading: Gaps, positions: readonly number[]): boolean {
  const named = expand(heading.text('positions'));
  const inAll = heading.optional('inAll') === undefined ? named.length : heading.number('inAll');
  return inAll === positions.length && named.every((position, index) => position === positions[index]);
}

/** Removes the empty line between two sections of a page. */
function endWithBlank(section: Raw): void {
  const lines = section.sql;
  if (section.after.at(-1) === '') section.after.pop();
  else if (section.after.length > 0 || lines.pop() !== '')
    throw new Unreadable('no empty line is between two sections', lines.at(-1) ?? '');
}

function addLine(section: Raw, line: string): void {
  const { about, sql, after } = section;
  if (line.startsWith(MARK)) {
    (sql.length === 0 ? about : after).push(line.slice(MARK.length));
  } else if (after.length > 0) {
    if (line !== '' || after.at(-1) === '') throw new Unreadable('SQL continues after its end', line);
    after.push('');
  } else {
    if (line.includes(MARK)) throw new Unreadable('SQL contains our mark', line);
    sql.push(line);
  }
}

function readSection(raw: Raw, words: Words): ReadSection {
  const isSheet = raw.note === `${words.warned}${words.sheet}`;
  // If no character is shown, the lines after the SQL follow directly after those above it.
  const ends = raw.about.findIndex((line) => isEnd(line, words));
  const about = ends < 0 ? [...raw.about] : raw.about.slice(0, ends);
  const after = ends < 0 ? [...raw.after] : raw.about.slice(ends);
  const sheet = isSheet ? readSheet(about, words) : undefined;
  const notes = about.map((line) => noteOf(line, words));
  const text = raw.sql.map(readForeign).join('\n');
  const cut = after.length > 0 ? readCut(after[0] ?? '', words) : undefined;
  if (cut) after.shift();
  const hasPreview = sheet !== undefined && (raw.sql.length > 0 || after.length > 0);
  if (hasPreview && !words.previewEnds.match(after.shift() ?? ''))
    throw new Unreadable('a preview has no end line', raw.note);
  if (after.length > 0) throw new Unreadable('unknown line after SQL', after[0] ?? '');
  const { positions } = raw;
  if (sheet) {
    if (sheet.hasPreview !== hasPreview)
      throw new Unreadable('the card is wrong about whether a preview follows', raw.note);
    const { uri, sizeBytes, sha256 } = sheet;
    const sql: ReadSql = { kind: 'SHEET', uri, sizeBytes, sha256, preview: text, cut };
    return { positions, notes, counted: undefined, sql };
  }
  const counted = readCounted(raw, words);
  requireCounted(counted, raw.sql, text, cut);
  return { positions, notes, counted, sql: { kind: 'TEXT', text, cut } };
}

const isEnd = (line: string, words: Words): boolean =>
  readCut(line, words) !== undefined || words.previewEnds.match(line) !== undefined;

function readSheet(about: string[], words: Words) {
  const [uri, size, hash] = [words.sheetUri, words.sheetSize, words.sheetHash].map((line) =>
    line.match(about.shift() ?? ''),
  );
  const sha256 = hash?.text('sha256') ?? '';
  const preview = about.shift();
  if (!uri || !size || !/^[0-9a-f]{64}$/.test(sha256))
    throw new Unreadable('a sheet has no URI, size or hash', sha256);
  if (preview !== words.previewFollows && preview !== words.noPreview)
    throw new Unreadable('a sheet does not say whether a preview follows', preview ?? '');
  const name = readName(uri.text('uri'), words);
  requireConsistentCut(name);
  return { uri: name, sizeBytes: size.number('bytes'), sha256, hasPreview: preview === words.previewFollows };
}

function noteOf(line: string, words: Words): SectionNote {
  if (line === words.rightToLeft) return 'RIGHT_TO_LEFT';
  const said = line.startsWith(words.warned) ? line.slice(words.warned.length) : '';
  if (words.mixedScripts.match(said)) return 'MIXED_SCRIPTS';
  if (words.lookAlikes.match(said)) return 'LOOK_ALIKES';
  throw new Unreadable('unknown note above SQL', line);
}

function readCounted({ note, sql }: Raw, words: Words): ReadSection['counted'] {
  const lines = words.lines.match(note)?.number('n');
  if (lines !== undefined) return { lines };
  const whiteSpace = words.onlyWhiteSpace.match(note)?.number('n');
  if (whiteSpace !== undefined) return { whiteSpace };
  if (note !== words.empty || sql.length > 0)
    throw new Unreadable('the heading does not count the SQL', note);
  return undefined;
}

/**
 * Checks the counts in a heading. A line end counts as one or two characters, so the card can have fewer characters
 * than counted, but not more.
 */
function requireCounted(
  counted: ReadSection['counted'],
  shown: readonly string[],
  text: string,
  cut: ReturnType<typeof readCut>,
): void {
  const isRight =
    counted === undefined ||
    ('whiteSpace' in counted
      ? text.trim() === '' && codePoints(text) <= counted.whiteSpace
      : shown.length === (cut?.line ?? counted.lines) && counted.lines === (cut?.lines ?? counted.lines));
  const isCutRight = cut === undefined || (codePoints(text) <= cut.shown && cut.shown < cut.total);
  if (!isRight || !isCutRight) throw new Unreadable('SQL is not as long as the card says', shown[0] ?? '');
}
