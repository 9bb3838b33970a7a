import type { ChangeKind, Check, Level, Locale, Status, Trigger, Wording } from './card.ts';
import type { Phrase } from './phrase.ts';
import { BOTH } from './words-both.ts';
import { EN_US } from './words-en-us.ts';
import { ZH_CN } from './words-zh-cn.ts';

/** The words of a card, as a reader knows them. Written without the product's tables. */
export interface Words {
  separator: string;
  untitled: string;
  empty: string;
  warned: string;
  shortened: Phrase;
  issueId: Phrase;
  requester: Phrase;
  botAsks: string;
  triggers: Record<Trigger, string>;
  statuses: Record<Status, string>;
  checks: Record<Check, string>;
  taskCount: Phrase;
  noTasks: string;
  standingCount: Phrase;
  /** In a sentence. */
  tasks: Phrase;
  /** Above a section of SQL. */
  heading: Phrase;
  type: Phrase;
  instance: Phrase;
  database: Phrase;
  databaseOfTask: Phrase;
  taskHash: Phrase;
  hashOfTask: Phrase;
  continued: string;
  coversOnly: Phrase;
  rightToLeft: string;
  mixedScripts: Phrase;
  lookAlikes: Phrase;
  oddSql: Phrase;
  lines: Phrase;
  onlyWhiteSpace: Phrase;
  cut: Phrase[];
  sheet: string;
  sheetUri: Phrase;
  sheetSize: Phrase;
  sheetHash: Phrase;
  previewFollows: string;
  noPreview: string;
  previewEnds: Phrase;
  noSql: Phrase;
  incomplete: Phrase;
  unlisted: Phrase;
  shortenedTargets: Phrase;
  leftOutSql: Phrase;
  leftOutSheets: Phrase;
  leftOutTasks: Phrase;
  leftOutTargets: Phrase;
  readTheWhole: Phrase;
  contentHash: Phrase;
  levels: Record<Level, string>;
  changes: Record<ChangeKind, Phrase[]>;
  /** Shown for an absent value. */
  none: string;
  /** Between the rows of a change. */
  changeNotes: { line: Phrase; moreLines: Phrase; moreTitles: Phrase };
  /** In a row, between two marks. */
  rowNotes: { unchanged: Phrase; notShown: Phrase; morePlaces: Phrase };
  moreChanges: Phrase;
}

/** The labels of the fields. Every reader sees them in their own language. */
export interface Labels {
  fields: Record<LabelledField, string>;
  tasks: Phrase;
  sql: Phrase;
}
export type LabelledField =
  | 'issue'
  | 'stage'
  | 'environment'
  | 'reason'
  | 'changes'
  | 'left_out'
  | 'link'
  | 'requester'
  | 'project'
  | 'content_hash';

export const WORDS: Record<Wording, Words> = { 'zh-CN': ZH_CN.words, 'en-US': EN_US.words, BOTH };
export const LABELS: Record<Locale, Labels> = { 'zh-CN': ZH_CN.labels, 'en-US': EN_US.labels };
