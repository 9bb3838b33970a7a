import type { Messages } from './messages.ts';

const number = (value: number): string => value.toLocaleString('en-US');
const at = (url: string | undefined): string => (url === undefined ? '' : `：${url}`);

/** 简体中文。 */
export const ZH_CN: Messages = {
  definition: {
    name: 'Frabit 变更审批',
    description: '审批 Frabit 工单的一个阶段。由系统发起，同意后该阶段的全部待审批任务即可执行。',
    node: '审批',
    fields: {
      issue: '工单',
      stage: '阶段',
      environment: '环境',
      reason: '审批原因',
      changes: '与上次请求相比',
      left_out: '注意：内容未全部显示',
      link: '工单链接',
      requester: '发起人',
      project: '项目',
      content_hash: '内容校验值',
    },
    lists: {
      tasks: (page) => (page === 1 ? '任务' : `任务（续 ${page}）`),
      sql: (page) => (page === 1 ? 'SQL（▌ 开头的行是系统标注）' : `SQL（续 ${page}）`),
    },
  },
  triggers: {
    NEW_STAGE: '本阶段需要审批',
    ASSIGNEE_CHANGED: '审批人已变更',
    STATEMENT_CHANGED: '语句、执行目标或待审批的任务已变更，请重新审批',
    BELL: '发起人按铃提醒',
  },
  statuses: {
    PENDING_APPROVAL: '待审批',
    PENDING: '待执行',
    RUNNING: '执行中',
    DONE: '已完成',
    FAILED: '执行失败',
    CANCELED: '已取消',
    SKIPPED: '已跳过',
  },
  checks: {
    RUNNING: '检查中',
    SUCCESS: '检查通过',
    WARN: '检查有警告',
    ERROR: '检查未通过',
  },
  closeReasons: {
    SUPERSEDED: '语句、执行目标、待审批的任务、审批人或审批应用已变更',
    BELL: '发起人按铃，要求重新发送',
    ISSUE_CLOSED: '工单已关闭',
    ISSUE_DELETED: '工单已删除',
    STAGE_LEFT: '工单已离开该阶段',
    APPROVED_IN_FRABIT: '该阶段已没有待审批的任务，例如已在工单系统中完成审批',
    NO_ASSIGNEE: '工单已没有审批人',
    CHECK_ERROR: '语句检查未通过',
    FLOW_CHANGED: '工单的审批流程已变更',
    EXPIRED_BY_US: '未在期限内作出决定',
    DISABLED: '审批集成已停用',
    RESENT: '已作为另一张卡片重新发送',
    TOO_LARGE_TO_SHOW: '卡片无法完整显示全部语句，而设置要求完整显示',
    REJECTED: '已退回给发起人，视为拒绝',
    CANCELED: '发起人已撤回',
    EXPIRED: '已超过审批时限',
    DELETED: '此前已被删除',
    REVERTED: '已通过的审批被撤销',
    FAILED: '发送时出现错误',
  },
  remarks: {
    CONTENT_MOVED_ON: () =>
      '此请求发出后，语句、执行目标、待审批的任务、审批人或审批应用已变更；您的决定没有生效，新的请求即将发出。',
    WITHDRAWN: ({ reason, successor }) => {
      const why = reason === undefined ? '' : `：${reason}`;
      const next = successor === undefined ? '' : `新的请求将发送给 ${successor}，`;
      return `此请求已撤回${why}。${next}此处无需再处理。`;
    },
    TRANSFERRED: () => '此请求已被转交。只有原审批人本人的同意才会生效；如需换人，请在工单中变更审批人。',
    DECIDED_BY_ANOTHER: () =>
      '同意者不是此请求的审批人，因此没有生效。请在工单中变更审批人，或由发起人按铃重新发送。',
    DECIDED_AUTOMATICALLY: () =>
      '此请求由规则自动处理，没有人作出决定，因此没有生效。可由发起人按铃重新发送。',
    LATE_DECISION: () => '此决定到达时，请求已被撤回或取代，因此没有生效。',
  },
  reminder: {
    text: ({ issue, stage, waited }) =>
      `提醒：工单“${issue}”的阶段“${stage}”已等待您审批 ${waited}，请处理。`,
    minutes: (minutes) => `${number(minutes)} 分钟`,
    hours: (hours) => `${number(hours)} 小时`,
    days: (days) => `${number(days)} 天`,
  },
  test: {
    title: '测试审批：不会执行任何操作',
    issue: '管理员正在检查配置，本审批不对应任何工单。',
    reason: '请点击“同意”，以确认审批能送达您、决定能返回系统。无论点击什么，都不会执行任何操作。',
  },
  form: {
    separator: '；',
    comma: '、',
    untitled: '（无标题）',
    empty: '（空）',
    onlyWhiteSpace: (characters) => `（只有空白字符，共 ${number(characters)} 个）`,
    issueId: (id) => `编号：${id}`,
    requester: (email, name) => (name === undefined ? email : `${email}（${name}）`),
    botAsks: '由机器人代为发起：本应用的可见范围内找不到此人',
    taskCount: (tasks) => `共 ${number(tasks)} 个任务`,
    standingCount: (standing, tasks) => `${standing} ${number(tasks)}`,
    noTasks: '本阶段没有任务',
    tasks: (positions, tasks, all) => `任务 ${positions}${all && tasks > 1 ? '（全部）' : ''}`,
    morePositions: (total) => `…（共 ${number(total)} 个）`,
    heading: (tasks, note) => `${tasks} · ${note}`,
    warned: (text) => `⚠ ${text}`,
    instance: (name) => `实例：${name}`,
    database: (name) => `数据库：${name}`,
    databaseOfTask: (position, name) => `数据库 ${position}：${name}`,
    type: (name) => `类型：${name}`,
    taskHash: (hash) => `任务校验值：${hash}`,
    hashOfTask: (position, hash) => `任务校验值 ${position}：${hash}`,
    lines: (lines) => `${number(lines)} 行`,
    coversOnly: (tasks) => `同意只对待审批的任务有效：${tasks}`,
    rightToLeft: '从右向左书写的字符以转义形式显示，使全文按书写顺序阅读',
    mixedScripts: (places) => `混用多种文字，可能形似另一个词：${places}`,
    lookAlikes: (places) => `形似英文标点，但不是：${places}`,
    place: (codePoint, lines) => `${codePoint}（第 ${lines} 行）`,
    morePlaces: (codePoints) => `另有 ${number(codePoints)} 个字符未列出`,
    oddSql: (tasks) => `语句中有混用的文字、形似标点的字符或从右向左书写的字符：${tasks}`,
    shortened: (shown, total) => `…（已截断：前 ${number(shown)} 个字符，共 ${number(total)} 个）`,
    cut: ({ shown, total, line, lines, url }) =>
      url === undefined
        ? `已截断：${number(shown)}/${number(total)} 个字符，第 ${number(line)}/${number(lines)} 行`
        : `已截断：以上为前 ${number(shown)} 个字符（共 ${number(total)} 个），止于第 ${number(line)} 行（共 ${number(lines)} 行）；` +
          `全文请在工单中查看：${url}`,
    continued: '续上页',
    sheet: '大文件，此处仅为预览',
    sheetUri: (uri) => `文件：${uri}`,
    sheetSize: (bytes) => `大小：${number(bytes)} 字节`,
    sheetHash: (sha256) => `文件校验值：${sha256}`,
    previewFollows: '以下为预览，不是全文',
    noPreview: '（没有预览）',
    previewEnds: (url) => `预览结束；全文请在工单中查看${at(url)}`,
    leftOutSql: (missing, total, tasks) =>
      `语句共 ${number(total)} 个字符，省略 ${number(missing)} 个（${tasks}）`,
    leftOutSheets: (tasks) => `大文件至多只有预览（${tasks}）`,
    leftOutTasks: (tasks) => `未列出：${tasks}`,
    leftOutTargets: (tasks) => `类型、实例或数据库名称有截断：${tasks}`,
    readTheWhole: (url) => `请在工单中查看全文后再决定${at(url)}`,
    incomplete: (left, total, url) =>
      `本卡片未完整显示 ${number(total)} 条语句中的 ${number(left)} 条，请打开工单查看${at(url)}`,
    unlisted: (left, total, url) =>
      `本卡片未列出 ${number(total)} 个任务中的 ${number(left)} 个，请打开工单查看${at(url)}`,
    shortenedTargets: (left, total, url) =>
      `${number(total)} 个任务中有 ${number(left)} 个的类型、实例或数据库名称有截断，请打开工单查看${at(url)}`,
    noSql: (url) => `本卡片不含语句，请在工单中查看${at(url)}`,
    contentHash: (sha256) =>
      `${sha256.slice(0, 12)}\n完整值：${sha256}\n同意只对这份内容中待审批的任务有效：语句、执行目标或审批人一旦变更，或有其他任务需要审批，本请求作废并重新发送。`,
    levels: {
      FULL: '卡片形式：标准。过长的内容会截断，并在截断处注明。',
      COMPACT: '卡片形式：精简。比标准形式更短，省略的内容可能更多。',
      MINIMAL: '卡片形式：最简。只列任务，不含语句；语句请在工单中查看。',
    },
  },
  changes: {
    unchanged: '语句、执行目标和审批人均无变化',
    assignee: '审批人',
    environment: '环境',
    instance: (tasks) => `${tasks} 的实例`,
    database: (tasks) => `${tasks} 的数据库`,
    type: (tasks) => `${tasks} 的类型`,
    none: '（未指定）',
    added: (tasks) => `新增：${tasks}`,
    removed: (tasks) => `移除：原${tasks}`,
    moved: (now, before) => `顺序变更：现${now}，原${before}`,
    sql: (tasks, added, removed) => `${tasks} 的语句：新增 ${number(added)} 行，删除 ${number(removed)} 行`,
    lineEnds: (tasks) => `${tasks} 的语句：仅换行符有变化`,
    tooDifferent: (tasks, before, now) =>
      `${tasks} 的语句：改动过大，不逐行列出（原 ${number(before)} 行，现 ${number(now)} 行）`,
    atLine: (line) => `第 ${number(line)} 行`,
    moreLines: (lines) => `另有 ${number(lines)} 行改动未列出`,
    unchangedCharacters: (characters) => `${number(characters)} 个字符无变化`,
    moreCharacters: (characters) => `另有 ${number(characters)} 个字符未显示`,
    morePlaces: (places) => `另有 ${number(places)} 处改动未显示`,
    asksNow: (tasks) => `现在待审批，上次不是：${tasks}`,
    asksNoLonger: (tasks) => `不再待审批：${tasks}`,
    moreTitles: (titles) => `另有 ${number(titles)} 个未列出`,
    moreChanges: (changes) => `另有 ${number(changes)} 处变化未列出，请看下方的任务和语句`,
  },
};
