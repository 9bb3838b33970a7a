/** A card as one reader sees it: everything resolved in their language. */
export interface SeenCard {
  title: string;
  /** From top to bottom: the label above each field, and what stands in it. */
  fields: readonly { label: string; value: string }[];
}

export type Locale = 'zh-CN' | 'en-US';
/** What the values are written in; BOTH: one text for readers of either language. */
export type Wording = Locale | 'BOTH';
export type Level = 'FULL' | 'COMPACT' | 'MINIMAL';

export type Status = 'PENDING_APPROVAL' | 'PENDING' | 'RUNNING' | 'DONE' | 'FAILED' | 'CANCELED' | 'SKIPPED';
export type Check = 'RUNNING' | 'SUCCESS' | 'WARN' | 'ERROR';
export type Trigger = 'NEW_STAGE' | 'ASSIGNEE_CHANGED' | 'STATEMENT_CHANGED' | 'BELL';

/** How much of a text is on the card, in code points. */
export interface CutNote {
  shown: number;
  total: number;
}

/** A name or title, escapes undone. */
export interface ReadName {
  /** Without the note on a cut. */
  text: string;
  cut?: CutNote;
  /** All that stands there, in case that what looks like a note belongs to the name. */
  raw: string;
  /** The card says that there is nothing to see. */
  blank: boolean;
}

/** A list of positions; one that is too long is broken off, and says how many there are. */
export interface ReadPositions {
  positions: number[];
  /** Of a list that is broken off. */
  inAll?: number;
  /** It says that these are all tasks. */
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

/** The SQL as shown; line ends are those of the card. */
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
  /** The card says that no SQL is on it, or has no place for SQL. */
  | { kind: 'NOT_SHOWN' };

/** One SQL text of the card and the tasks that it is said to belong to. */
export interface ReadSection {
  positions: number[];
  sql: Exclude<ReadSql, { kind: 'NOT_SHOWN' }>;
  /** As the heading counts them. */
  counted: { lines: number } | { whiteSpace: number } | undefined;
  notes: SectionNote[];
}
export type SectionNote = 'RIGHT_TO_LEFT' | 'MIXED_SCRIPTS' | 'LOOK_ALIKES';

/** `left` of `total`, as a warning at the beginning counts them. */
export interface LeftOf {
  left: number;
  total: number;
}

/** What the beginning of the card warns of; absent: nothing. */
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

/** What the card says has changed since the last request. */
export interface ReadChanges {
  named: ReadChange[];
  /** How many more there are, as the card says. */
  left: number;
}
/** `before` and `now` of a value that Frabit did not name: undefined. */
export type ReadChange =
  | { kind: 'UNCHANGED' }
  | ({ kind: 'ASSIGNEE' | 'ENVIRONMENT' } & ReadReplaced)
  | ({ kind: 'INSTANCE' | 'DATABASE' | 'TYPE'; tasks: ReadPositions } & ReadReplaced)
  /** Of `REMOVED` the positions are those of the last request. */
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
  /** How many lines there were, and are. */
  | { kind: 'TOO_DIFFERENT'; before: number; now: number }
  | { kind: 'ROWS'; added: number; removed: number; rows: (ReadRow | ReadJump)[]; more: number };
export interface ReadRow {
  sign: ' ' | '+' | '-';
  pieces: ReadPiece[];
}
/** The line of the new SQL at which the rows go on. */
export interface ReadJump {
  line: number;
}
/** What stands of a line, escapes undone, or how much of it is left out at that place. */
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
  /** The issue's title above the card, before its id; undefined where a card has no title of its own. */
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
  /** Listed tasks, in the order of the card. */
  tasks: ReadTask[];
  /** Which tasks an approval covers; undefined: the card names none, because all ask or none does. */
  covers: ReadPositions | undefined;
  sections: ReadSection[];
  contentSha256: string;
}

/** The card has something that a person could not read, or that contradicts itself. */
export class Unreadable extends Error {
  constructor(what: string, where: string) {
    super(`${what}: ${JSON.stringify(where.slice(0, 200))}`);
    this.name = 'Unreadable';
  }
}

/** A line of the system's own within a list starts with it. */
export const MARK = '▌';
