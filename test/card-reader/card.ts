/** A card as one reader sees it, with all keys replaced by texts in their language. */
export interface SeenCard {
  title: string;
  /** From top to bottom: the label and the value of each field. */
  fields: readonly { label: string; value: string }[];
}

export type Locale = 'zh-CN' | 'en-US';
/** The language of the values. BOTH: one text with both languages. */
export type Wording = Locale | 'BOTH';
export type Level = 'FULL' | 'COMPACT' | 'MINIMAL';

export type Status = 'PENDING_APPROVAL' | 'PENDING' | 'RUNNING' | 'DONE' | 'FAILED' | 'CANCELED' | 'SKIPPED';
export type Check = 'RUNNING' | 'SUCCESS' | 'WARN' | 'ERROR';
export type Trigger = 'NEW_STAGE' | 'ASSIGNEE_CHANGED' | 'STATEMENT_CHANGED' | 'BELL';

/** How much of a text is on the card, in code points. */
interface CutNote {
  shown: number;
  total: number;
}

/** A name or title, with escapes undone. */
export interface ReadName {
  /** The text without the note about a cut. */
  text: string;
  cut?: CutNote;
  /** The whole text. Needed if what looks like a note is part of the name. */
  raw: string;
  /** The card says that the name is empty. */
  blank: boolean;
}

/** A list of positions. A long list is cut, and says how many there are. */
export interface ReadPositions {
  positions: number[];
  /** In a cut list: how many there are. */
  inAll?: number;
  /** The list says that these are all tasks. */
  all: boolean;
}

export interface Standing {
  status: Status;
  check: Check | undefined;
}

export interface ReadTask {
  position: number;
  title: ReadName;
  type: ReadName | undefined;
  instance: ReadName | undefined;
  database: ReadName | undefined;
  status: Status;
  check: Check | undefined;
  /** The hash, or its first 16 digits. */
  hash: string;
  sql: ReadSql;
}

/** The SQL as shown, with the line ends of the card. */
export type ReadSql =
  | { kind: 'TEXT'; text: string; cut: (CutNote & { line: number; lines: number }) | undefined }
  | {
      kind: 'SHEET';
      uri: ReadName;
      sizeBytes: number;
      sha256: string;
      preview: string;
      cut: (CutNote & { line: number; lines: number }) | undefined;
    }
  /** The card says that it has no SQL, or has no field for SQL. */
  | { kind: 'NOT_SHOWN' };

/** One SQL text of the card, with the tasks to which it belongs. */
export interface ReadSection {
  positions: number[];
  sql: Exclude<ReadSql, { kind: 'NOT_SHOWN' }>;
  /** The count in the heading. */
  counted: { lines: number } | { whiteSpace: number } | undefined;
  notes: SectionNote[];
}
export type SectionNote = 'RIGHT_TO_LEFT' | 'MIXED_SCRIPTS' | 'LOOK_ALIKES';

/** `left` of `total`, as a warning at the beginning of the card says. */
export interface LeftOf {
  left: number;
  total: number;
}

/** The warnings at the beginning of the card. */
export interface Warnings {
  incomplete?: LeftOf;
  unlisted?: LeftOf;
  shortenedTargets?: LeftOf;
}

/** The field that lists what is not shown. */
export interface ReadLeftOut {
  sql?: { missing: number; total: number; tasks: ReadPositions };
  sheets?: ReadPositions;
  unlisted?: ReadPositions;
  targets?: ReadPositions;
}

/** The changes since the last request, as the card lists them. */
export interface ReadChanges {
  named: ReadChange[];
  /** How many more changes there are, as the card says. */
  left: number;
}
/** `before` and `now` are undefined if the record had no value. */
export type ReadChange =
  | { kind: 'UNCHANGED' }
  | ({ kind: 'ASSIGNEE' | 'ENVIRONMENT' } & ReadReplaced)
  | ({ kind: 'INSTANCE' | 'DATABASE' | 'TYPE'; tasks: ReadPositions } & ReadReplaced)
  /** For `REMOVED` the positions are those in the last request. */
  | { kind: 'ADDED' | 'REMOVED'; tasks: ReadPositions; titles: ReadName[]; more: number }
  | { kind: 'MOVED'; is: number; was: number }
  | { kind: 'SQL'; tasks: ReadPositions; diff: ReadDiff }
  | { kind: 'ASKS_NOW' | 'ASKS_NO_LONGER'; tasks: ReadPositions };
export interface ReadReplaced {
  before: ReadName | undefined;
  now: ReadName | undefined;
}
export type ReadDiff =
  | { kind: 'LINE_ENDS' }
  /** The number of lines before and now. */
  | { kind: 'TOO_DIFFERENT'; before: number; now: number }
  | { kind: 'ROWS'; added: number; removed: number; rows: (ReadRow | ReadJump)[]; more: number };
export interface ReadRow {
  sign: ' ' | '+' | '-';
  pieces: ReadPiece[];
}
/** The line of the new SQL at which the rows continue. */
interface ReadJump {
  line: number;
}
/** A part of a line, with escapes undone, or how much is left out at this place. */
export type ReadPiece =
  | { kind: 'TEXT'; text: string }
  | { kind: 'UNCHANGED'; characters: number }
  | { kind: 'NOT_SHOWN'; characters: number }
  | { kind: 'MORE_PLACES' };
export type ChangeKind =
  | 'UNCHANGED'
  | 'ASSIGNEE'
  | 'ENVIRONMENT'
  | 'INSTANCE'
  | 'DATABASE'
  | 'TYPE'
  | 'ADDED'
  | 'REMOVED'
  | 'MOVED'
  | 'SQL'
  | 'ASKS_NOW'
  | 'ASKS_NO_LONGER';

/** A card as a person reads it. */
export interface ReadCard {
  wording: Wording;
  level: Level;
  /** The issue's title in the title of the card; undefined if the card has no title of its own. */
  title: ReadName | undefined;
  issue: { id: ReadName; title: ReadName; url: ReadName; projectId: ReadName | undefined };
  stage: { title: ReadName; environment: ReadName | undefined };
  creator: { email: ReadName; name: ReadName | undefined; botAsks: boolean };
  reasons: Trigger[];
  warnings: Warnings;
  leftOut: ReadLeftOut | undefined;
  changes: ReadChanges | undefined;
  /** How many tasks the stage has, as the card says. */
  taskCount: number;
  /** The listed tasks, in the order of the card. */
  tasks: ReadTask[];
  /** The tasks that an approval covers. Undefined if the card names none, because all tasks ask or none does. */
  covers: ReadPositions | undefined;
  sections: ReadSection[];
  contentSha256: string;
}

/** Thrown if a person could not read the card, or the card contradicts itself. */
export class Unreadable extends Error {
  constructor(what: string, where: string) {
    super(`${what}: ${JSON.stringify(where.slice(0, 200))}`);
    this.name = 'Unreadable';
  }
}

/** Starts each line that this product adds to a list or to SQL. */
export const MARK = '▌';
