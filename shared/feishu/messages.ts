import type { CloseReason, CommentKind, Ending } from '../issue/approval-words.ts';
import type { CheckStatus, TaskStatus } from '../issue/record.ts';
import type { Trigger } from '../issue/triggers.ts';
import type { FormLevel } from './form/form-kind.ts';
import type { Field, List } from './form/widgets.ts';

/**
 * All texts that people read in Feishu, one table for each language. Texts of other people come in as arguments,
 * escaped and on one line. The zh-CN texts have no Latin letters except in these arguments (docs/lessons.md 28).
 */
export interface Messages {
  definition: {
    name: string;
    description: string;
    node: string;
    fields: Record<Field, string>;
    lists: Record<List, (page: number) => string>;
  };
  triggers: Record<Trigger, string>;
  statuses: Record<TaskStatus, string>;
  checks: Record<CheckStatus, string>;
  /** Why a card was withdrawn: stands after a colon, without a full stop. */
  closeReasons: Record<CloseReason | Ending, string>;
  remarks: Record<
    CommentKind,
    (details: { reason?: string | undefined; successor?: string | undefined }) => string
  >;
  reminder: ReminderWords;
  /** The test approval. */
  test: { title: string; issue: string; reason: string };
  form: FormWords;
  changes: ChangeWords;
}

/** The texts of a card. `messages-both.ts` has them in both languages together. */
export type CardWords = Pick<Messages, 'triggers' | 'statuses' | 'checks' | 'test' | 'form' | 'changes'>;

export interface ReminderWords {
  /** One sentence. `waited`: one of the texts below. */
  text: (about: { issue: string; stage: string; waited: string }) => string;
  minutes: (minutes: number) => string;
  hours: (hours: number) => string;
  days: (days: number) => string;
}

export interface FormWords {
  /** Between sentences or parts on one line. */
  separator: string;
  /** Between positions of tasks: `1、3–5`. */
  comma: string;
  untitled: string;
  empty: string;
  onlyWhiteSpace: (characters: number) => string;
  issueId: (id: string) => string;
  requester: (email: string, name: string | undefined) => string;
  botAsks: string;
  taskCount: (tasks: number) => string;
  /** How many tasks have a status or a check result. */
  standingCount: (standing: string, tasks: number) => string;
  noTasks: string;
  /** For the middle of a sentence. `positions`: `1、3–5`. `all`: these are all tasks of the stage. */
  tasks: (positions: string, tasks: number, all: boolean) => string;
  /** Ends a list of positions that is too long, with the total number. */
  morePositions: (total: number) => string;
  /** `tasks` as a heading, with a note about what follows. */
  heading: (tasks: string, note: string) => string;
  /** Marks a warning. */
  warned: (text: string) => string;
  instance: (name: string) => string;
  database: (name: string) => string;
  /** The database of one task, if neighbouring lines have those of others. */
  databaseOfTask: (position: number, name: string) => string;
  type: (name: string) => string;
  /** The task hash of docs/contract.md 1, or its first digits. */
  taskHash: (hash: string) => string;
  /** The hash of one task, if neighbouring lines have those of others. */
  hashOfTask: (position: number, hash: string) => string;
  lines: (lines: number) => string;
  /** Which tasks an approval covers, if not all tasks of the stage ask. */
  coversOnly: (tasks: string) => string;
  /** Why letters are escaped. */
  rightToLeft: string;
  /** Notes on characters of a statement. `places`: a list of `place`. */
  mixedScripts: (places: string) => string;
  lookAlikes: (places: string) => string;
  /** `U+0430 in lines 3, 5` */
  place: (codePoint: string, lines: string, count: number) => string;
  morePlaces: (codePoints: number) => string;
  /** Names the tasks with such SQL if the SQL itself is not on the card. */
  oddSql: (tasks: string) => string;
  shortened: (shown: number, total: number) => string;
  /** Very short without a URL, because it stands at many places. */
  cut: (where: { shown: number; total: number; line: number; lines: number; url: Url }) => string;
  /** Note on a section that continues from the previous page. */
  continued: string;
  sheet: string;
  sheetUri: (uri: string) => string;
  sheetSize: (bytes: number) => string;
  sheetHash: (sha256: string) => string;
  previewFollows: string;
  noPreview: string;
  previewEnds: (url: Url) => string;
  leftOutSql: (missing: number, total: number, tasks: string) => string;
  leftOutSheets: (tasks: string) => string;
  leftOutTasks: (tasks: string) => string;
  leftOutTargets: (tasks: string) => string;
  readTheWhole: (url: Url) => string;
  /** In the first line of the card: the SQL of `left` of `total` tasks is not whole on the card. */
  incomplete: (left: number, total: number, url: Url) => string;
  unlisted: (left: number, total: number, url: Url) => string;
  shortenedTargets: (left: number, total: number, url: Url) => string;
  /** Stands instead of all SQL. */
  noSql: (url: Url) => string;
  contentHash: (sha256: string) => string;
  /** Names the form level of the card, and what it means for the reader. */
  levels: Record<FormLevel, string>;
}

/** Undefined: the sentence has no URL. */
type Url = string | undefined;

export interface ChangeWords {
  unchanged: string;
  assignee: string;
  environment: string;
  instance: (tasks: string) => string;
  database: (tasks: string) => string;
  type: (tasks: string) => string;
  /** Stands for an instance, database or other name that the record does not have. */
  none: string;
  added: (tasks: string) => string;
  /** `tasks`: positions in the last request. */
  removed: (tasks: string) => string;
  moved: (now: string, before: string) => string;
  sql: (tasks: string, added: number, removed: number) => string;
  /** Only line ends differ, which are invisible. */
  lineEnds: (tasks: string) => string;
  tooDifferent: (tasks: string, linesBefore: number, linesNow: number) => string;
  atLine: (line: number) => string;
  moreLines: (lines: number) => string;
  /** In a line that is shown in part, at the place of what is left out. */
  unchangedCharacters: (characters: number) => string;
  moreCharacters: (characters: number) => string;
  morePlaces: (places: number) => string;
  /** Tasks of both requests that ask now and did not ask in the last one, and the reverse. */
  asksNow: (tasks: string) => string;
  asksNoLonger: (tasks: string) => string;
  moreTitles: (titles: number) => string;
  moreChanges: (changes: number) => string;
}
