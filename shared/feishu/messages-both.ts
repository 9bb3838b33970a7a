import { MESSAGES } from './message-tables.ts';
import type { CardWords } from './messages.ts';

const ZH = MESSAGES['zh-CN'];
const EN = MESSAGES['en-US'];

const number = (value: number): string => value.toLocaleString('en-US');
const at = (url: string | undefined): string => (url === undefined ? '' : `：${url}`);
/** Two words, or two sentences. */
const beside = (zh: string, en: string): string => (zh === en ? zh : `${zh} ${en}`);
const after = (zh: string, en: string): string => `${zh} / ${en}`;

function pair<K extends string>(
  zh: Readonly<Record<K, string>>,
  en: Readonly<Record<K, string>>,
  join: (zh: string, en: string) => string,
): Record<K, string> {
  const english = new Map(Object.entries<string>(en));
  const pairs = Object.entries<string>(zh).map(([key, text]) => [key, join(text, english.get(key) ?? text)]);
  return Object.fromEntries(pairs);
}

/**
 * Both languages in one text, Chinese first, for a tenant that refuses i18n keys as values. User text and long values
 * appear once.
 */
export const BOTH: CardWords = {
  triggers: pair(ZH.triggers, EN.triggers, after),
  statuses: pair(ZH.statuses, EN.statuses, beside),
  checks: pair(ZH.checks, EN.checks, beside),
  test: pair(ZH.test, EN.test, after),
  form: {
    separator: '；',
    comma: '、',
    untitled: '（无标题 untitled）',
    empty: '（空 empty）',
    onlyWhiteSpace: (characters) =>
      after(ZH.form.onlyWhiteSpace(characters), EN.form.onlyWhiteSpace(characters)),
    issueId: (id) => `编号 ID：${id}`,
    requester: ZH.form.requester,
    botAsks: after(ZH.form.botAsks, EN.form.botAsks),
    taskCount: (tasks) => after(ZH.form.taskCount(tasks), EN.form.taskCount(tasks)),
    standingCount: ZH.form.standingCount,
    noTasks: after(ZH.form.noTasks, EN.form.noTasks),
    tasks: (positions, tasks, all) =>
      `任务 ${tasks === 1 ? 'task' : 'tasks'} ${positions}${all && tasks > 1 ? '（全部 all）' : ''}`,
    morePositions: (total) => `…（共 ${number(total)} 个 in all）`,
    heading: ZH.form.heading,
    warned: ZH.form.warned,
    instance: (name) => `实例 Instance：${name}`,
    database: (name) => `数据库 Database：${name}`,
    databaseOfTask: (position, name) => `数据库 Database ${position}：${name}`,
    type: (name) => `类型 Type：${name}`,
    taskHash: (hash) => `任务校验值 Task hash：${hash}`,
    hashOfTask: (position, hash) => `任务校验值 Task hash ${position}：${hash}`,
    lines: (lines) => after(ZH.form.lines(lines), EN.form.lines(lines)),
    coversOnly: (tasks) =>
      `同意只对待审批的任务有效 An approval covers only what is pending approval：${tasks}`,
    rightToLeft: after(ZH.form.rightToLeft, EN.form.rightToLeft),
    mixedScripts: (places) =>
      `混用多种文字，可能形似另一个词 Mixed scripts, may look like another word：${places}`,
    lookAlikes: (places) => `形似英文标点，但不是 Look like ASCII punctuation, but are not：${places}`,
    place: (codePoint, lines, count) => `${codePoint}（第 ${lines} 行 in ${count === 1 ? 'line' : 'lines'}）`,
    morePlaces: (codePoints) => after(ZH.form.morePlaces(codePoints), EN.form.morePlaces(codePoints)),
    oddSql: (tasks) =>
      '语句中有混用的文字、形似标点的字符或从右向左书写的字符 ' +
      `SQL with mixed scripts, look-alike characters or letters that run from right to left：${tasks}`,
    shortened: (shown, total) => `${ZH.form.shortened(shown, total)} ${EN.form.shortened(shown, total)}`,
    cut: ({ shown, total, line, lines, url }) =>
      `已截断 Cut after：${number(shown)}/${number(total)} 个字符 characters，第 ${number(line)}/${number(lines)} 行 line` +
      (url === undefined ? '' : `；全文请在工单中查看 the whole is in Frabit：${url}`),
    continued: beside(ZH.form.continued, EN.form.continued),
    sheet: after(ZH.form.sheet, EN.form.sheet),
    sheetUri: (uri) => `文件 File：${uri}`,
    sheetSize: (bytes) => `大小 Size：${number(bytes)} 字节 ${bytes === 1 ? 'byte' : 'bytes'}`,
    sheetHash: (sha256) => `文件校验值 SHA-256 of the file：${sha256}`,
    previewFollows: after(ZH.form.previewFollows, EN.form.previewFollows),
    noPreview: after(ZH.form.noPreview, EN.form.noPreview),
    previewEnds: (url) =>
      `${after(ZH.form.previewEnds(undefined), EN.form.previewEnds(undefined))}${at(url)}`,
    leftOutSql: (missing, total, tasks) =>
      `语句共 ${number(total)} 个字符，省略 ${number(missing)} 个 / ` +
      `${number(missing)} of ${number(total)} ${total === 1 ? 'character' : 'characters'} of SQL are left out（${tasks}）`,
    leftOutSheets: (tasks) => `大文件至多只有预览 Large files have a preview at most（${tasks}）`,
    leftOutTasks: (tasks) => `未列出 Not listed：${tasks}`,
    leftOutTargets: (tasks) => `类型、实例或数据库名称有截断 Type, instance or database shortened：${tasks}`,
    readTheWhole: (url) =>
      `${after(ZH.form.readTheWhole(undefined), EN.form.readTheWhole(undefined))}${at(url)}`,
    incomplete: (left, total, url) =>
      `${after(ZH.form.incomplete(left, total, undefined), EN.form.incomplete(left, total, undefined))}${at(url)}`,
    unlisted: (left, total, url) =>
      `${after(ZH.form.unlisted(left, total, undefined), EN.form.unlisted(left, total, undefined))}${at(url)}`,
    shortenedTargets: (left, total, url) =>
      `${after(ZH.form.shortenedTargets(left, total, undefined), EN.form.shortenedTargets(left, total, undefined))}${at(url)}`,
    noSql: (url) => `${after(ZH.form.noSql(undefined), EN.form.noSql(undefined))}${at(url)}`,
    contentHash: (sha256) =>
      `${sha256.slice(0, 12)}\n完整值 In full：${sha256}\n` +
      '同意只对这份内容中待审批的任务有效：语句、执行目标或审批人一旦变更，或有其他任务需要审批，本请求作废并重新发送。\n' +
      'An approval counts for exactly this content and the tasks pending approval: once the SQL, its target or the approver changes, or another task comes to ask, this request lapses and a new one is sent.',
    levels: pair(ZH.form.levels, EN.form.levels, after),
  },
  changes: {
    unchanged: after(ZH.changes.unchanged, EN.changes.unchanged),
    assignee: beside(ZH.changes.assignee, EN.changes.assignee),
    environment: beside(ZH.changes.environment, EN.changes.environment),
    instance: (tasks) => `实例 Instance · ${tasks}`,
    database: (tasks) => `数据库 Database · ${tasks}`,
    type: (tasks) => `类型 Type · ${tasks}`,
    none: '（未指定 none named）',
    added: (tasks) => `新增 Added：${tasks}`,
    removed: (tasks) => `移除（原编号） Removed (former number)：${tasks}`,
    moved: (now, before) => `顺序变更 Order changed：现 now ${now}，原 was ${before}`,
    sql: (tasks, added, removed) =>
      `语句 SQL · ${tasks}：新增 ${number(added)} 行，删除 ${number(removed)} 行 / ` +
      `${number(added)} ${added === 1 ? 'line' : 'lines'} added, ${number(removed)} removed`,
    lineEnds: (tasks) => `语句 SQL · ${tasks}：仅换行符有变化 / only the (invisible) line ends have changed`,
    tooDifferent: (tasks, before, now) =>
      `语句 SQL · ${tasks}：改动过大，不逐行列出（原 ${number(before)} 行，现 ${number(now)} 行） / ` +
      `too different to list (${number(before)} ${before === 1 ? 'line' : 'lines'} before, ${number(now)} now)`,
    atLine: (line) => after(ZH.changes.atLine(line), EN.changes.atLine(line)),
    moreLines: (lines) => after(ZH.changes.moreLines(lines), EN.changes.moreLines(lines)),
    unchangedCharacters: (characters) =>
      after(ZH.changes.unchangedCharacters(characters), EN.changes.unchangedCharacters(characters)),
    moreCharacters: (characters) =>
      after(ZH.changes.moreCharacters(characters), EN.changes.moreCharacters(characters)),
    morePlaces: (places) => after(ZH.changes.morePlaces(places), EN.changes.morePlaces(places)),
    asksNow: (tasks) => `现在待审批，上次不是 Pending approval now, and not before：${tasks}`,
    asksNoLonger: (tasks) => `不再待审批 No longer pending approval：${tasks}`,
    moreTitles: (titles) => after(ZH.changes.moreTitles(titles), EN.changes.moreTitles(titles)),
    moreChanges: (changes) => after(ZH.changes.moreChanges(changes), EN.changes.moreChanges(changes)),
  },
};
