import { MARK, type ReadSection, type ReadSql, type SectionNote, Unreadable } from './card.ts';
import { codePoints, readForeign } from './characters.ts';
import type { Gaps } from './phrase.ts';
import { expand, readCut, readName, readTasks, requireHonestName } from './read-parts.ts';
import type { Words } from './words.ts';

/** A section as it stands: its heading, the lines of ours below it, the SQL, and the lines of ours behind it. */
interface Raw {
  positions: number[];
  note: string;
  about: string[];
  sql: string[];
  behind: string[];
}

/** The SQL of a card, text by text; none if the card says that it shows none. */
export function readSections(pages: readonly string[], words: Words): ReadSection[] {
  if (saysNoSql(pages, words)) return [];
  const sections = rawSections(pages, words).map((raw) => readSection(raw, words));
  const [first] = sections
    .flatMap(({ positions }) => positions)
    .filter((position, at, all) => all.indexOf(position) !== at);
  if (first !== undefined) throw new Unreadable('a task has two texts of SQL', `${first}`);
  const begins = sections.map(({ positions }) => positions[0] ?? 0);
  if (begins.some((position, index) => position < (begins[index - 1] ?? 0)))
    throw new Unreadable('the SQL is not in the order of the tasks', begins.join(' '));
  return sections;
}

function saysNoSql([page = '', ...more]: readonly string[], words: Words): boolean {
  const [first = '', odd, ...rest] = page.split('\n');
  if (!first.startsWith(MARK) || !words.noSql.match(first.slice(MARK.length))) return false;
  const named =
    odd === undefined ? undefined : words.oddSql.match(odd.slice(`${MARK}${words.warned}`.length));
  if (named) readTasks(named.text('tasks'), words);
  if (more.length > 0 || rest.length > 0 || (odd !== undefined && !named))
    throw new Unreadable('there is more where no SQL is said to be', page);
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
          throw new Unreadable('something continues that did not begin', line);
      } else if (heading) {
        if (last && index > 0) endWithBlank(last);
        sections.push({
          positions: expand(heading.text('positions')),
          note: heading.text('note'),
          about: [],
          sql: [],
          behind: [],
        });
      } else if (last) addLine(last, line);
      else throw new Unreadable('SQL belongs to no task', line);
    }
  }
  return sections;
}

/** The heading on a later page may break off the positions. */
function isSame(heading: Gaps, positions: readonly number[]): boolean {
  const named = expand(heading.text('positions'));
  const inAll = heading.optional('inAll') === undefined ? named.length : heading.number('inAll');
  return inAll === positions.length && named.every((position, index) => position === positions[index]);
}

/** One empty line stands between two sections of a page. */
function endWithBlank(section: Raw): void {
  const lines = section.sql;
  if (section.behind.at(-1) === '') section.behind.pop();
  else if (section.behind.length > 0 || lines.pop() !== '')
    throw new Unreadable('nothing stands between two texts of SQL', lines.at(-1) ?? '');
}

function addLine(section: Raw, line: string): void {
  const { about, sql, behind } = section;
  if (line.startsWith(MARK)) {
    (sql.length === 0 ? about : behind).push(line.slice(MARK.length));
  } else if (behind.length > 0) {
    if (line !== '' || behind.at(-1) === '') throw new Unreadable('SQL goes on behind its end', line);
    behind.push('');
  } else {
    if (line.includes(MARK)) throw new Unreadable('SQL holds our mark', line);
    sql.push(line);
  }
}

function readSection(raw: Raw, words: Words): ReadSection {
  const isSheet = raw.note === `${words.warned}${words.sheet}`;
  // Where not one character is shown, what stands behind SQL follows what stands above it.
  const ends = raw.about.findIndex((line) => isEnd(line, words));
  const about = ends < 0 ? [...raw.about] : raw.about.slice(0, ends);
  const behind = ends < 0 ? [...raw.behind] : raw.about.slice(ends);
  const sheet = isSheet ? readSheet(about, words) : undefined;
  const notes = about.map((line) => noteOf(line, words));
  const text = raw.sql.map(readForeign).join('\n');
  const cut = behind.length > 0 ? readCut(behind[0] ?? '', words) : undefined;
  if (cut) behind.shift();
  const hasPreview = sheet !== undefined && (raw.sql.length > 0 || behind.length > 0);
  if (hasPreview && !words.previewEnds.match(behind.shift() ?? ''))
    throw new Unreadable('a preview does not say where it ends', raw.note);
  if (behind.length > 0) throw new Unreadable('there is something behind SQL', behind[0] ?? '');
  const { positions } = raw;
  if (sheet) {
    if (sheet.hasPreview !== hasPreview)
      throw new Unreadable('a preview is said to follow, or not', raw.note);
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
    throw new Unreadable('a file is not described', sha256);
  if (preview !== words.previewFollows && preview !== words.noPreview)
    throw new Unreadable('a file does not say whether there is a preview', preview ?? '');
  const name = readName(uri.text('uri'), words);
  requireHonestName(name);
  return { uri: name, sizeBytes: size.number('bytes'), sha256, hasPreview: preview === words.previewFollows };
}

function noteOf(line: string, words: Words): SectionNote {
  if (line === words.rightToLeft) return 'RIGHT_TO_LEFT';
  const said = line.startsWith(words.warned) ? line.slice(words.warned.length) : '';
  if (words.mixedScripts.match(said)) return 'MIXED_SCRIPTS';
  if (words.lookAlikes.match(said)) return 'LOOK_ALIKES';
  throw new Unreadable('a note above SQL says something else', line);
}

function readCounted({ note, sql }: Raw, words: Words): ReadSection['counted'] {
  const lines = words.lines.match(note)?.number('n');
  if (lines !== undefined) return { lines };
  const whiteSpace = words.onlyWhiteSpace.match(note)?.number('n');
  if (whiteSpace !== undefined) return { whiteSpace };
  if (note !== words.empty || sql.length > 0) throw new Unreadable('SQL is not counted', note);
  return undefined;
}

/** Line ends count as one character or as two: of characters the card can only be said to have no more than counted. */
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
  if (!isRight || !isCutRight) throw new Unreadable('SQL is not as long as it says', shown[0] ?? '');
}
