import { phrase } from './phrase.ts';
import type { Words } from './words.ts';

/** The words of a card that has both languages in one text. */
export const BOTH: Words = {
  separator: '；',
  untitled: '（无标题 untitled）',
  empty: '（空 empty）',
  warned: '⚠ ',
  shortened: phrase(
    '{text}…（已截断：前 {shown#} 个字符，共 {total#} 个） … (cut after {shown#} of {total#} character<|s>)',
  ),
  issueId: phrase('编号 ID：{id}'),
  requester: phrase('{email}（{name}）'),
  botAsks:
    '由机器人代为发起：本应用的可见范围内找不到此人 / The bot asks in their place: this app cannot see a person with that address',
  triggers: {
    NEW_STAGE: '本阶段需要审批 / This stage needs approval',
    ASSIGNEE_CHANGED: '审批人已变更 / The approver has changed',
    STATEMENT_CHANGED:
      '语句、执行目标或待审批的任务已变更，请重新审批 / The SQL, its target or the tasks that ask have changed; please look again',
    BELL: '发起人按铃提醒 / The requester rang the bell',
  },
  statuses: {
    PENDING_APPROVAL: '待审批 pending approval',
    PENDING: '待执行 ready to run',
    RUNNING: '执行中 running',
    DONE: '已完成 done',
    FAILED: '执行失败 failed',
    CANCELED: '已取消 canceled',
    SKIPPED: '已跳过 skipped',
  },
  checks: {
    RUNNING: '检查中 check running',
    SUCCESS: '检查通过 check passed',
    WARN: '检查有警告 check has warnings',
    ERROR: '检查未通过 check failed',
  },
  taskCount: phrase('共 {n#} 个任务 / {n#} task<|s>'),
  noTasks: '本阶段没有任务 / This stage has no tasks',
  standingCount: phrase('{standing} {n#}'),
  tasks: phrase('任务 task<|s> {positions@}<|…（共 {inAll#} 个 in all）><|{all=（全部 all）}>'),
  heading: phrase('任务 task<|s> {positions@}<|…（共 {inAll#} 个 in all）><|{all=（全部 all）}> · {note}'),
  type: phrase('类型 Type：{name}'),
  instance: phrase('实例 Instance：{name}'),
  database: phrase('数据库 Database：{name}'),
  databaseOfTask: phrase('数据库 Database {position#}：{name}'),
  taskHash: phrase('任务校验值 Task hash：{hash}'),
  hashOfTask: phrase('任务校验值 Task hash {position#}：{hash}'),
  continued: '续上页 continued',
  coversOnly: phrase('同意只对待审批的任务有效 An approval covers only what is pending approval：{tasks}'),
  rightToLeft:
    '从右向左书写的字符以转义形式显示，使全文按书写顺序阅读 / Letters that run from right to left stand as escapes, so that everything reads in the order in which it is written',
  mixedScripts: phrase('混用多种文字，可能形似另一个词 Mixed scripts, may look like another word：{places}'),
  lookAlikes: phrase('形似英文标点，但不是 Look like ASCII punctuation, but are not：{places}'),
  oddSql: phrase(
    '语句中有混用的文字、形似标点的字符或从右向左书写的字符 SQL with mixed scripts, look-alike characters or letters that run from right to left：{tasks}',
  ),
  lines: phrase('{n#} 行 / {n#} line<|s>'),
  onlyWhiteSpace: phrase('（只有空白字符，共 {n#} 个） / (only white space, {n#} character<|s>)'),
  cut: [
    phrase(
      '已截断 Cut after：{shown#}/{total#} 个字符 characters，第 {line#}/{lines#} 行 line<|；全文请在工单中查看 the whole is in Frabit：{url}>',
    ),
  ],
  sheet: '大文件，此处仅为预览 / large file, only a preview here',
  sheetUri: phrase('文件 File：{uri}'),
  sheetSize: phrase('大小 Size：{bytes#} 字节 byte<|s>'),
  sheetHash: phrase('文件校验值 SHA-256 of the file：{sha256}'),
  previewFollows: '以下为预览，不是全文 / A preview follows, not the whole',
  noPreview: '（没有预览） / (no preview)',
  previewEnds: phrase('预览结束；全文请在工单中查看 / End of the preview; the whole is in Frabit<|：{url}>'),
  noSql: phrase('本卡片不含语句，请在工单中查看 / There is no SQL on this card; read it in Frabit<|：{url}>'),
  incomplete: phrase(
    '本卡片未完整显示 {total#} 条语句中的 {left#} 条，请打开工单查看 / {left#} of {total#} statement<|s> <is|are> not, or not wholly, on this card: open Frabit<|：{url}>',
  ),
  unlisted: phrase(
    '本卡片未列出 {total#} 个任务中的 {left#} 个，请打开工单查看 / {left#} of {total#} task<|s> <is|are> not listed: open Frabit<|：{url}>',
  ),
  shortenedTargets: phrase(
    '{total#} 个任务中有 {left#} 个的类型、实例或数据库名称有截断，请打开工单查看 / {left#} of {total#} task<|s> <has|have> a shortened type, instance or database: open Frabit<|：{url}>',
  ),
  leftOutSql: phrase(
    '语句共 {total#} 个字符，省略 {missing#} 个 / {missing#} of {total#} character<|s> of SQL are left out（{tasks}）',
  ),
  leftOutSheets: phrase('大文件至多只有预览 Large files have a preview at most（{tasks}）'),
  leftOutTasks: phrase('未列出 Not listed：{tasks}'),
  leftOutTargets: phrase('类型、实例或数据库名称有截断 Type, instance or database shortened：{tasks}'),
  readTheWhole: phrase('请在工单中查看全文后再决定 / Read the whole in Frabit before you decide<|：{url}>'),
  contentHash: phrase(
    '{first}\n完整值 In full：{sha256}\n同意只对这份内容中待审批的任务有效：语句、执行目标或审批人一旦变更，或有其他任务需要审批，本请求作废并重新发送。\nAn approval counts for exactly this content and the tasks pending approval: once the SQL, its target or the approver changes, or another task comes to ask, this request lapses and a new one is sent.\n{level}',
  ),
  levels: {
    FULL: '卡片形式：标准。过长的内容会截断，并在截断处注明。 / Form of this card: full. What is too long for a card is cut, and each cut is marked.',
    COMPACT:
      '卡片形式：精简。比标准形式更短，省略的内容可能更多。 / Form of this card: compact. It is shorter than the full form, so more may be left out.',
    MINIMAL:
      '卡片形式：最简。只列任务，不含语句；语句请在工单中查看。 / Form of this card: minimal. It lists the tasks without their SQL; read the SQL in Frabit.',
  },
  changes: {
    UNCHANGED: [phrase('语句、执行目标和审批人均无变化 / SQL, targets and approver are the same as before')],
    ASSIGNEE: [phrase('审批人 Approver')],
    ENVIRONMENT: [phrase('环境 Environment')],
    INSTANCE: [phrase('实例 Instance · {tasks}')],
    DATABASE: [phrase('数据库 Database · {tasks}')],
    TYPE: [phrase('类型 Type · {tasks}')],
    ADDED: [phrase('新增 Added：{tasks}')],
    REMOVED: [phrase('移除（原编号） Removed (former number)：{former}')],
    MOVED: [phrase('顺序变更 Order changed：现 now {tasks}，原 was {former}')],
    SQL: [
      phrase(
        '语句 SQL · {tasks}：新增 {added#} 行，删除 {removed#} 行 / {added#} line<|s> added, {removed#} removed',
      ),
      phrase('语句 SQL · {tasks}：仅换行符有变化 / only the (invisible) line ends have changed'),
      phrase(
        '语句 SQL · {tasks}：改动过大，不逐行列出（原 {before#} 行，现 {now#} 行） / too different to list ({before#} line<|s> before, {now#} now)',
      ),
    ],
    ASKS_NOW: [phrase('现在待审批，上次不是 Pending approval now, and not before：{tasks}')],
    ASKS_NO_LONGER: [phrase('不再待审批 No longer pending approval：{tasks}')],
  },
  none: '（未指定 none named）',
  changeNotes: {
    line: phrase('第 {n#} 行 / Line {n#}'),
    moreLines: phrase('另有 {n#} 行改动未列出 / {n#} more changed line<|s> not listed'),
    moreTitles: phrase('另有 {n#} 个未列出 / {n#} more not listed'),
  },
  rowNotes: {
    unchanged: phrase('{n#} 个字符无变化 / {n#} character<|s> unchanged'),
    notShown: phrase('另有 {n#} 个字符未显示 / {n#} more character<|s> not shown'),
    morePlaces: phrase('另有 {n#} 处改动未显示 / {n#} more changed place<|s> not shown'),
  },
  moreChanges: phrase(
    '另有 {n#} 处变化未列出，请看下方的任务和语句 / {n#} more change<|s> not listed; see the tasks and the SQL below',
  ),
};
