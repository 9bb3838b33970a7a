import type { CloseReason, CommentKind, Ending } from '../issue/approval-words.ts';
import type { CheckStatus, TaskStatus } from '../issue/record.ts';
import type { Trigger } from '../issue/triggers.ts';
import type { FormLevel } from './form/form-kind.ts';
import type { Field, List } from './form/widgets.ts';

/**
 * Every word that a person reads in Feishu, one table a language. What people wrote themselves comes in as
 * arguments, already escaped and on one line. zh-CN values hold no Latin letter but in those arguments
 * (docs/lessons.md 28).
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
  /** Why a card was withdrawn: what follows a colon, without a full stop. */
  closeReasons: Record<CloseReason | Ending, string>;
  remarks: Record<
    CommentKind,
    (details: { reason?: string | undefined; successor?: string | undefined }) => string
  >;
  reminder: ReminderWords;
  /** The doctor's test approval. */
  test: { title: string; issue: string; reason: string };
  form: FormWords;
  changes: ChangeWords;
}

/** The words of a card; `messages-both.ts` has them in both languages at once. */
export type CardWords = Pick<Messages, 'triggers' | 'statuses' | 'checks' | 'test' | 'form' | 'changes'>;

export interface ReminderWords {
  /** One sentence; `waited` is one of the other words. */
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
  /** How many tasks stand so: in a status, or with a check result. */
  standingCount: (standing: string, tasks: number) => string;
  noTasks: string;
  /** For the middle of a sentence; `positions` as `1、3–5`, `all` when these are all tasks of the stage. */
  tasks: (positions: string, tasks: number, all: boolean) => string;
  /** Ends a list of positions that is too long: how many there are in all. */
  morePositions: (total: number) => string;
  /** `tasks` as a heading, with a note on what follows. */
  heading: (tasks: string, note: string) => string;
  /** Mark of a warning that must not be overlooked. */
  warned: (text: string) => string;
  instance: (name: string) => string;
  database: (name: string) => string;
  /** The database of one task among several on neighbouring lines. */
  databaseOfTask: (position: number, name: string) => string;
  type: (name: string) => string;
  /** The task hash of docs/contract.md 1, or its first digits. */
  taskHash: (hash: string) => string;
  /** The hash of one task among several on neighbouring lines. */
  hashOfTask: (position: number, hash: string) => string;
  lines: (lines: number) => string;
  /** Which tasks an approval covers, where not all of the stage ask for one. */
  coversOnly: (tasks: string) => string;
  /** Why letters stand escaped. */
  rightToLeft: string;
  /** Notes on characters of a statement; `places` are joined from `place`. */
  mixedScripts: (places: string) => string;
  lookAlikes: (places: string) => string;
  /** `U+0430 in lines 3, 5` */
  place: (codePoint: string, lines: string, count: number) => string;
  morePlaces: (codePoints: number) => string;
  /** Names the tasks with such SQL where the SQL itself is not on the card. */
  oddSql: (tasks: string) => string;
  shortened: (shown: number, total: number) => string;
  /** Without a URL it is as short as can be: it stands at many places. */
  cut: (where: { shown: number; total: number; line: number; lines: number; url: Url }) => string;
  /** Note on a piece that goes on from the page before. */
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
  /** In the first line of the card: `left` of `total` tasks with SQL do not have it whole on the card. */
  incomplete: (left: number, total: number, url: Url) => string;
  unlisted: (left: number, total: number, url: Url) => string;
  shortenedTargets: (left: number, total: number, url: Url) => string;
  /** Stands in the place of all SQL. */
  noSql: (url: Url) => string;
  contentHash: (sha256: string) => string;
  /** Names the level of the card, and what it means for the reader. */
  levels: Record<FormLevel, string>;
}

/** undefined: the sentence omits it. */
type Url = string | undefined;

export interface ChangeWords {
  unchanged: string;
  assignee: string;
  environment: string;
  instance: (tasks: string) => string;
  database: (tasks: string) => string;
  type: (tasks: string) => string;
  /** Stands for an instance, database, … that is not named. */
  none: string;
  added: (tasks: string) => string;
  /** `tasks` count as the last request counted them. */
  removed: (tasks: string) => string;
  moved: (now: string, before: string) => string;
  sql: (tasks: string, added: number, removed: number) => string;
  /** Nothing differs but the invisible ends of lines. */
  lineEnds: (tasks: string) => string;
  tooDifferent: (tasks: string, linesBefore: number, linesNow: number) => string;
  atLine: (line: number) => string;
  moreLines: (lines: number) => string;
  /** Within a line that is shown in part, at the place of what is left out. */
  unchangedCharacters: (characters: number) => string;
  moreCharacters: (characters: number) => string;
  morePlaces: (places: number) => string;
  /** Kept tasks that stand at PENDING_APPROVAL now and did not in the last request, and those that no longer do. */
  asksNow: (tasks: string) => string;
  asksNoLonger: (tasks: string) => string;
  moreTitles: (titles: number) => string;
  moreChanges: (changes: number) => string;
}
