import type { CloseReason, Ending, FormLevel, Remark, RoundErrorCode } from '../approval/plan/round.ts';
import type { CheckStatus, TaskStatus } from '../issue/record.ts';
import type { Trigger } from '../issue/triggers.ts';
import { cutAfter, escapeLine } from './form/foreign-text.ts';
import { largestThatFits } from './form/largest-that-fits.ts';
import type { Field, List } from './form/widgets.ts';
import { EN_US } from './messages-en-us.ts';
import { ZH_CN } from './messages-zh-cn.ts';

/**
 * Every word that a person reads in Feishu, one table a language. What people wrote themselves comes in as
 * arguments, already escaped and on one line. zh-CN values hold no Latin letter but in those arguments
 * (LESSONS row 28).
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
    Remark,
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
  /** The task hash of CONTRACT section 1, or its first digits. */
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

export const MESSAGES = { 'zh-CN': ZH_CN, 'en-US': EN_US } as const satisfies Record<string, Messages>;
export type Locale = keyof typeof MESSAGES;

export interface RemarkDetails {
  /** Why the card was withdrawn; only WITHDRAWN says it. */
  reason?: CloseReason | Ending | undefined;
  /** The e-mail of who is asked by the request that follows; only WITHDRAWN says it. */
  successor?: string | undefined;
}

/** How long an address is at most, escapes included; none of them is cut. */
const ADDRESS_LIMIT = 120;

/** An address is what somebody typed: on one line, and nothing in it is invisible. */
function showAddress(email: string): string {
  const cut = (limit: number) => cutAfter(email, limit);
  const limit = largestThatFits(
    1,
    ADDRESS_LIMIT,
    (characters) => escapeLine(cut(characters).text).length <= ADDRESS_LIMIT,
  );
  const { text, shown, total } = cut(limit ?? 1);
  return `${escapeLine(text)}${shown < total ? '…' : ''}`;
}

/**
 * The text of a remark on a Feishu instance. People of both languages read the same comment, so both stand in
 * it, on one line. It depends on nothing but its arguments: the outbox compares it with the comments already there.
 * It never holds SQL (FEISHU section 12.17).
 */
export function remarkText(remark: Remark, details: RemarkDetails = {}): string {
  const successor = details.successor === undefined ? undefined : showAddress(details.successor);
  return [ZH_CN, EN_US]
    .map(({ remarks, closeReasons }) =>
      remarks[remark]({ reason: details.reason && closeReasons[details.reason], successor }),
    )
    .join(' / ');
}

export interface ErrorDetails {
  /** Whose address was looked for: the assignee's. */
  email?: string | undefined;
  /** Who decided, as far as known: an e-mail or open_id. */
  decidedBy?: string | undefined;
  /** What was decided without a person; an approval, if it is not told. */
  result?: 'APPROVED' | 'REJECTED' | undefined;
  channel?: 'FEISHU' | 'EXTERNAL';
  /** Feishu's own code. Its message is left out on purpose: it may quote the form, that is SQL. */
  feishuCode?: number | undefined;
  /** A sentence of our own, e.g. which scope is missing; never a foreign message. */
  detail?: string | undefined;
}

/** `error.message` on the record (CONTRACT section 1): one English sentence or two that say what to do. */
export function errorSentence(code: RoundErrorCode, details: ErrorDetails = {}): string {
  const feishuCode = details.feishuCode === undefined ? '' : ` (Feishu code ${details.feishuCode})`;
  const detail = details.detail === undefined ? '' : ` ${details.detail}`;
  switch (code) {
    case 'ASSIGNEE_NOT_IN_FEISHU':
      return (
        `Feishu knows nobody with the e-mail ${details.email ?? 'of the assignee'} who could approve. Usually the address is not the ` +
        "one in their Feishu profile, they are outside the app's availability range, or their account is frozen or " +
        'closed. Correct the assignee or widen the range; it is tried again daily and when the creator rings the bell.'
      );
    case 'FEISHU_REFUSED':
      return `Feishu refused this request${feishuCode}.${detail} Nothing was sent; the creator can ring the bell to try again.`;
    case 'DECIDED_BY_ANOTHER':
      return (
        `The request was approved by ${details.decidedBy ?? 'somebody'}, who was not asked, so the approval was not applied. ` +
        'Make them the assignee, or ring the bell to ask the assignee again.'
      );
    case 'DECIDED_AUTOMATICALLY':
      return (
        `Feishu ${details.result === 'REJECTED' ? 'rejected' : 'passed'} the request by itself, without a person deciding, so it was not ` +
        'applied. Remove the rule that does so automatically in the Feishu admin console, then ring the bell to ask again.'
      );
    case 'FEISHU_SETUP':
      return (
        `Feishu's set-up stops this request${feishuCode}.${detail} Nothing is wrong with the issue; it is sent by itself once ` +
        'the set-up is mended: run the check of the Feishu settings.'
      );
    case 'FEISHU_UNAVAILABLE':
      return `Feishu is out of reach${feishuCode}. Nothing is wrong with the issue; it is sent by itself once Feishu is back.`;
    case 'OA_UNAVAILABLE':
      return (
        'The OA system has been out of reach for a day. Nothing is wrong with the issue; it is asked again ' +
        'until it answers.'
      );
    case 'CANCEL_REFUSED':
      return (
        `${details.channel === 'EXTERNAL' ? 'The OA system did not' : 'Feishu refused to'} take the old request back${feishuCode}, so it may still stand open. ` +
        'A decision on it will not be applied.'
      );
    default:
      return code satisfies never;
  }
}
