import type { Messages } from './messages.ts';

const number = (value: number): string => value.toLocaleString('en-US');
const count = (value: number, one: string): string => `${number(value)} ${one}${value === 1 ? '' : 's'}`;
const at = (url: string | undefined): string => (url === undefined ? '' : `: ${url}`);
const to = (url: string | undefined): string => (url === undefined ? '' : ` ${url}`);

/** American English. */
export const EN_US: Messages = {
  definition: {
    name: 'Frabit change approval',
    description:
      'Approves one stage of a Frabit issue. Sent by the system; once approved, all pending tasks of the stage may run.',
    node: 'Approval',
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
    lists: {
      tasks: (page) => (page === 1 ? 'Tasks' : `Tasks (part ${page})`),
      sql: (page) => (page === 1 ? 'SQL (lines with ▌ are our notes)' : `SQL (part ${page})`),
    },
  },
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
  closeReasons: {
    SUPERSEDED: 'the SQL, its target, the tasks that ask, the approver or the approval app has changed',
    BELL: 'the requester rang the bell to have it sent again',
    ISSUE_CLOSED: 'the issue is closed',
    ISSUE_DELETED: 'the issue was deleted',
    STAGE_LEFT: 'the issue has left this stage',
    APPROVED_IN_FRABIT:
      'no task of this stage needs approval any more, for example because it was approved in Frabit itself',
    NO_ASSIGNEE: 'the issue has no approver any more',
    CHECK_ERROR: 'the SQL check failed',
    FLOW_CHANGED: 'the approval flow of the issue has changed',
    EXPIRED_BY_US: 'nobody decided in time',
    DISABLED: 'the approval integration was switched off',
    RESENT: 'it was sent again as another card',
    TOO_LARGE_TO_SHOW: 'the card cannot show every statement whole, and the settings require that',
    REJECTED: 'it was returned to the requester, which counts as a rejection',
    CANCELED: 'the requester withdrew it',
    EXPIRED: 'its time limit has passed',
    DELETED: 'it had been deleted',
    REVERTED: 'its approval was revoked',
    FAILED: 'an error occurred when it was sent',
  },
  remarks: {
    CONTENT_MOVED_ON: () =>
      'The SQL, its target, the tasks that ask, the approver or the approval app has changed since this request; your decision was not applied; a new request is on its way.',
    WITHDRAWN: ({ reason, successor }) => {
      const why = reason === undefined ? '' : `: ${reason}`;
      const next = successor === undefined ? 'There' : `A new request goes to ${successor}; there`;
      return `This request was withdrawn${why}. ${next} is nothing left to do here.`;
    },
    TRANSFERRED: () =>
      'This request was transferred. Only an approval by the person who was asked is applied; to ask somebody else, change the assignee of the issue.',
    DECIDED_BY_ANOTHER: () =>
      'Approved by somebody who was not asked, so it was not applied. Change the assignee of the issue, or let the requester ring the bell to send it again.',
    DECIDED_AUTOMATICALLY: () =>
      'Decided automatically, without a person, so it was not applied. The requester can ring the bell to send it again.',
    LATE_DECISION: () =>
      'When this decision arrived, the request had been taken back or replaced, so it was not applied.',
  },
  reminder: {
    text: ({ issue, stage, waited }) =>
      `Reminder: the stage “${stage}” of the issue “${issue}” has been waiting for your approval for ${waited}.`,
    minutes: (minutes) => count(minutes, 'minute'),
    hours: (hours) => count(hours, 'hour'),
    days: (days) => count(days, 'day'),
  },
  test: {
    title: 'Test approval: nothing is run',
    issue: 'A test of the set-up by your administrator. It stands for no issue.',
    reason:
      'Tap Approve: that shows that requests reach you and that decisions come back. Nothing is run, whatever you tap.',
  },
  form: {
    separator: '; ',
    comma: ', ',
    untitled: '(untitled)',
    empty: '(empty)',
    onlyWhiteSpace: (characters) => `(only white space, ${count(characters, 'character')})`,
    issueId: (id) => `ID: ${id}`,
    requester: (email, name) => (name === undefined ? email : `${email} (${name})`),
    botAsks: 'The bot asks in their place: this app cannot see a person with that address',
    taskCount: (tasks) => count(tasks, 'task'),
    standingCount: (standing, tasks) => `${standing}: ${number(tasks)}`,
    noTasks: 'This stage has no tasks',
    tasks: (positions, tasks, all) =>
      `${tasks === 1 ? 'task' : 'tasks'} ${positions}${all && tasks > 1 ? ' (all)' : ''}`,
    morePositions: (total) => `, … (${number(total)} in all)`,
    heading: (tasks, note) => `${tasks.charAt(0).toUpperCase()}${tasks.slice(1)} · ${note}`,
    warned: (text) => `⚠ ${text}`,
    instance: (name) => `Instance: ${name}`,
    database: (name) => `Database: ${name}`,
    databaseOfTask: (position, name) => `Database ${position}: ${name}`,
    type: (name) => `Type: ${name}`,
    taskHash: (hash) => `Task hash: ${hash}`,
    hashOfTask: (position, hash) => `Task hash ${position}: ${hash}`,
    lines: (lines) => count(lines, 'line'),
    coversOnly: (tasks) => `An approval covers only what is pending approval: ${tasks}`,
    rightToLeft:
      'Letters that run from right to left stand as escapes, so that everything reads in the order in which it is written',
    mixedScripts: (places) => `Mixed scripts, may look like another word: ${places}`,
    lookAlikes: (places) => `Look like ASCII punctuation, but are not: ${places}`,
    place: (codePoint, lines, lineCount) => `${codePoint} in ${lineCount === 1 ? 'line' : 'lines'} ${lines}`,
    morePlaces: (codePoints) => `${count(codePoints, 'more character')} not listed`,
    oddSql: (tasks) =>
      `SQL with mixed scripts, look-alike characters or letters that run from right to left: ${tasks}`,
    shortened: (shown, total) => `… (cut after ${number(shown)} of ${count(total, 'character')})`,
    cut: ({ shown, total, line, lines, url }) =>
      `Cut after ${number(shown)} of ${count(total, 'character')}, in line ${number(line)} of ${number(lines)}` +
      (url === undefined ? '' : `; the whole is in Frabit: ${url}`),
    continued: 'continued',
    sheet: 'large file, only a preview here',
    sheetUri: (uri) => `File: ${uri}`,
    sheetSize: (bytes) => `Size: ${count(bytes, 'byte')}`,
    sheetHash: (sha256) => `SHA-256 of the file: ${sha256}`,
    previewFollows: 'A preview follows, not the whole',
    noPreview: '(no preview)',
    previewEnds: (url) => `End of the preview; the whole is in Frabit${at(url)}`,
    leftOutSql: (missing, total, tasks) =>
      `${number(missing)} of ${count(total, 'character')} of SQL are left out (${tasks})`,
    leftOutSheets: (tasks) => `Large files have a preview at most (${tasks})`,
    leftOutTasks: (tasks) => `Not listed: ${tasks}`,
    leftOutTargets: (tasks) => `Type, instance or database shortened: ${tasks}`,
    readTheWhole: (url) => `Read the whole in Frabit before you decide${at(url)}`,
    incomplete: (left, total, url) =>
      `${number(left)} of ${count(total, 'statement')} ${left === 1 ? 'is' : 'are'} not, or not wholly, on this card: open Frabit${to(url)}`,
    unlisted: (left, total, url) =>
      `${number(left)} of ${count(total, 'task')} ${left === 1 ? 'is' : 'are'} not listed: open Frabit${to(url)}`,
    shortenedTargets: (left, total, url) =>
      `${number(left)} of ${count(total, 'task')} ${left === 1 ? 'has' : 'have'} a shortened type, instance or database: open Frabit${to(url)}`,
    noSql: (url) => `There is no SQL on this card; read it in Frabit${at(url)}`,
    contentHash: (sha256) =>
      `${sha256.slice(0, 12)}\nIn full: ${sha256}\nAn approval counts for exactly this content and the tasks pending approval: once the SQL, its target or the approver changes, or another task comes to ask, this request lapses and a new one is sent.`,
    levels: {
      FULL: 'Form of this card: full. What is too long for a card is cut, and each cut is marked.',
      COMPACT: 'Form of this card: compact. It is shorter than the full form, so more may be left out.',
      MINIMAL: 'Form of this card: minimal. It lists the tasks without their SQL; read the SQL in Frabit.',
    },
  },
  changes: {
    unchanged: 'SQL, targets and approver are the same as before',
    assignee: 'Approver',
    environment: 'Environment',
    instance: (tasks) => `Instance of ${tasks}`,
    database: (tasks) => `Database of ${tasks}`,
    type: (tasks) => `Type of ${tasks}`,
    none: '(none named)',
    added: (tasks) => `Added: ${tasks}`,
    removed: (tasks) => `Removed: former ${tasks}`,
    moved: (now, before) => `Order changed: now ${now}, was ${before}`,
    sql: (tasks, added, removed) =>
      `SQL of ${tasks}: ${count(added, 'line')} added, ${number(removed)} removed`,
    lineEnds: (tasks) => `SQL of ${tasks}: only the (invisible) line ends have changed`,
    tooDifferent: (tasks, before, now) =>
      `SQL of ${tasks}: too different to list (${count(before, 'line')} before, ${number(now)} now)`,
    atLine: (line) => `Line ${number(line)}`,
    moreLines: (lines) => `${count(lines, 'more changed line')} not listed`,
    unchangedCharacters: (characters) => `${count(characters, 'character')} unchanged`,
    moreCharacters: (characters) => `${count(characters, 'more character')} not shown`,
    morePlaces: (places) => `${count(places, 'more changed place')} not shown`,
    asksNow: (tasks) => `Pending approval now, and not before: ${tasks}`,
    asksNoLonger: (tasks) => `No longer pending approval: ${tasks}`,
    moreTitles: (titles) => `${number(titles)} more not listed`,
    moreChanges: (changes) => `${count(changes, 'more change')} not listed; see the tasks and the SQL below`,
  },
};
