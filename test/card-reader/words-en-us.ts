import { phrase } from './phrase.ts';
import type { Labels, Words } from './words.ts';

const labels: Labels = {
  fields: {
    issue: 'Issue',
    stage: 'Stage',
    environment: 'Environment',
    reason: 'Why you are asked',
    changes: 'Since the last request',
    left_out: 'Note: not everything is shown',
    link: 'Open the issue',
    requester: 'Requested by',
    project: 'Project',
    content_hash: 'Content hash',
  },
  tasks: phrase('Tasks<| (part {page#})>'),
  sql: phrase('SQL< (lines with ▌ are our notes)| (part {page#})>'),
};

const words: Words = {
  separator: '; ',
  untitled: '(untitled)',
  empty: '(empty)',
  warned: '⚠ ',
  shortened: phrase('{text}… (cut after {shown#} of {total#} character<|s>)'),
  issueId: phrase('ID: {id}'),
  requester: phrase('{email} ({name})'),
  botAsks: 'The bot asks in their place: this app cannot see a person with that address',
  triggers: {
    NEW_STAGE: 'This stage needs approval',
    ASSIGNEE_CHANGED: 'The approver has changed',
    STATEMENT_CHANGED: 'The SQL, its target or the tasks that ask have changed; please look again',
    BELL: 'The requester rang the bell',
  },
  statuses: {
    PENDING_APPROVAL: 'pending approval',
    PENDING: 'ready to run',
    RUNNING: 'running',
    DONE: 'done',
    FAILED: 'failed',
    CANCELED: 'canceled',
    SKIPPED: 'skipped',
  },
  checks: {
    RUNNING: 'check running',
    SUCCESS: 'check passed',
    WARN: 'check has warnings',
    ERROR: 'check failed',
  },
  taskCount: phrase('{n#} task<|s>'),
  noTasks: 'This stage has no tasks',
  standingCount: phrase('{standing}: {n#}'),
  tasks: phrase('task<|s> {positions@}<|, … ({inAll#} in all)><|{all= (all)}>'),
  heading: phrase('Task<|s> {positions@}<|, … ({inAll#} in all)><|{all= (all)}> · {note}'),
  type: phrase('Type: {name}'),
  instance: phrase('Instance: {name}'),
  database: phrase('Database: {name}'),
  databaseOfTask: phrase('Database {position#}: {name}'),
  taskHash: phrase('Task hash: {hash}'),
  hashOfTask: phrase('Task hash {position#}: {hash}'),
  continued: 'continued',
  coversOnly: phrase('An approval covers only what is pending approval: {tasks}'),
  rightToLeft:
    'Letters that run from right to left stand as escapes, so that everything reads in the order in which it is written',
  mixedScripts: phrase('Mixed scripts, may look like another word: {places}'),
  lookAlikes: phrase('Look like ASCII punctuation, but are not: {places}'),
  oddSql: phrase(
    'SQL with mixed scripts, look-alike characters or letters that run from right to left: {tasks}',
  ),
  lines: phrase('{n#} line<|s>'),
  onlyWhiteSpace: phrase('(only white space, {n#} character<|s>)'),
  cut: [
    phrase(
      'Cut after {shown#} of {total#} character<|s>, in line {line#} of {lines#}<|; the whole is in Frabit: {url}>',
    ),
  ],
  sheet: 'large file, only a preview here',
  sheetUri: phrase('File: {uri}'),
  sheetSize: phrase('Size: {bytes#} byte<|s>'),
  sheetHash: phrase('SHA-256 of the file: {sha256}'),
  previewFollows: 'A preview follows, not the whole',
  noPreview: '(no preview)',
  previewEnds: phrase('End of the preview; the whole is in Frabit<|: {url}>'),
  noSql: phrase('There is no SQL on this card; read it in Frabit<|: {url}>'),
  incomplete: phrase(
    '{left#} of {total#} statement<|s> <is|are> not, or not wholly, on this card: open Frabit<| {url}>',
  ),
  unlisted: phrase('{left#} of {total#} task<|s> <is|are> not listed: open Frabit<| {url}>'),
  shortenedTargets: phrase(
    '{left#} of {total#} task<|s> <has|have> a shortened type, instance or database: open Frabit<| {url}>',
  ),
  leftOutSql: phrase('{missing#} of {total#} character<|s> of SQL are left out ({tasks})'),
  leftOutSheets: phrase('Large files have a preview at most ({tasks})'),
  leftOutTasks: phrase('Not listed: {tasks}'),
  leftOutTargets: phrase('Type, instance or database shortened: {tasks}'),
  readTheWhole: phrase('Read the whole in Frabit before you decide<|: {url}>'),
  contentHash: phrase(
    '{first}\nIn full: {sha256}\nAn approval counts for exactly this content and the tasks pending approval: once the SQL, its target or the approver changes, or another task comes to ask, this request lapses and a new one is sent.\n{level}',
  ),
  levels: {
    FULL: 'Form of this card: full. What is too long for a card is cut, and each cut is marked.',
    COMPACT: 'Form of this card: compact. It is shorter than the full form, so more may be left out.',
    MINIMAL: 'Form of this card: minimal. It lists the tasks without their SQL; read the SQL in Frabit.',
  },
  changes: {
    UNCHANGED: [phrase('SQL, targets and approver are the same as before')],
    ASSIGNEE: [phrase('Approver')],
    ENVIRONMENT: [phrase('Environment')],
    INSTANCE: [phrase('Instance of {tasks}')],
    DATABASE: [phrase('Database of {tasks}')],
    TYPE: [phrase('Type of {tasks}')],
    ADDED: [phrase('Added: {tasks}')],
    REMOVED: [phrase('Removed: former {former}')],
    MOVED: [phrase('Order changed: now {tasks}, was {former}')],
    SQL: [
      phrase('SQL of {tasks}: {added#} line<|s> added, {removed#} removed'),
      phrase('SQL of {tasks}: only the (invisible) line ends have changed'),
      phrase('SQL of {tasks}: too different to list ({before#} line<|s> before, {now#} now)'),
    ],
    ASKS_NOW: [phrase('Pending approval now, and not before: {tasks}')],
    ASKS_NO_LONGER: [phrase('No longer pending approval: {tasks}')],
  },
  none: '(none named)',
  changeNotes: {
    line: phrase('Line {n#}'),
    moreLines: phrase('{n#} more changed line<|s> not listed'),
    moreTitles: phrase('{n#} more not listed'),
  },
  rowNotes: {
    unchanged: phrase('{n#} character<|s> unchanged'),
    notShown: phrase('{n#} more character<|s> not shown'),
    morePlaces: phrase('{n#} more changed place<|s> not shown'),
  },
  moreChanges: phrase('{n#} more change<|s> not listed; see the tasks and the SQL below'),
};

/** The words for a reader of English. */
export const EN_US = { labels, words };
