import type { FormWords } from '../messages.ts';
import { isBlank, isRightToLeft, linesOf, MARK } from './foreign-text.ts';
import type { Section } from './pages.ts';
import { showName } from './show-name.ts';
import type { SqlGroup, SqlPart } from './sql-groups.ts';
import { noteOddities } from './sql-oddities.ts';
import { nameAllTasks, nameTasks } from './task-positions.ts';

/** Code points of the URI of a sheet. Its hash stands below it. */
const URI_LIMIT = 1_000;

/**
 * Writes the section of one SQL text. The SQL is escaped, but not indented. Our lines begin with `MARK`.
 * @param tasks the number of tasks of the stage
 * @param url of the issue; undefined if notes must not have it
 * @param isOneOfMany whether notes must be short
 */
export function writeSql(
  part: SqlPart,
  { tasks, url, isOneOfMany }: { tasks: number; url: string | undefined; isOneOfMany: boolean },
  words: FormWords,
): Section {
  const { sheet, sql, positions, lines, oddities } = part.group;
  const { note, about } = sheet ? introduceSheet(sheet, words) : introduceStatement(part.group, words);
  const hasOddAddress = isRightToLeft(sheet?.uri ?? '');
  const ours = [
    words.heading(nameAllTasks(positions, tasks, words), note),
    ...about,
    ...noteOddities(hasOddAddress ? { ...oddities, isRightToLeft: true } : oddities, isOneOfMany, words),
  ];
  const notes: string[] = [];
  if (part.shown < part.total) {
    const { shown, total, text } = part;
    notes.push(words.cut({ shown, total, line: linesOf(text).length, lines, url }));
  }
  if (sheet && sql !== '') notes.push(words.previewEnds(url));
  return {
    text: [
      ...ours.map((line) => `${MARK}${line}`),
      ...(part.text === '' ? [] : [part.escaped]),
      ...notes.map((line) => `${MARK}${line}`),
    ].join('\n'),
    continued: `${MARK}${words.heading(nameTasks(positions, tasks, words), words.continued)}`,
    together: ours.length + 1,
  };
}

interface Introduction {
  /** In the heading. */
  note: string;
  /** Below it. */
  about: string[];
}

function introduceStatement({ sql, characters, lines }: SqlGroup, words: FormWords): Introduction {
  if (sql === '') return { note: words.empty, about: [] };
  return { note: isBlank(sql) ? words.onlyWhiteSpace(characters) : words.lines(lines), about: [] };
}

function introduceSheet(sheet: NonNullable<SqlGroup['sheet']>, words: FormWords): Introduction {
  return {
    note: words.warned(words.sheet),
    about: [
      words.sheetUri(showName(sheet.uri, words, { limit: URI_LIMIT })),
      words.sheetSize(sheet.sizeBytes),
      words.sheetHash(sheet.sha256.toLowerCase()),
      sheet.preview === '' ? words.noPreview : words.previewFollows,
    ],
  };
}
