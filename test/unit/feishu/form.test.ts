import { describe, expect, it } from 'vitest';
import { buildInstanceForm, type FormInput } from '../../../shared/feishu/form/build-form.ts';
import { SQL_LIMIT } from '../../../shared/feishu/form/sql-sections.ts';
import { PAGES } from '../../../shared/feishu/form/widgets.ts';
import { shownOf } from '../../../shared/feishu/shown.ts';
import { CHECK_STATUSES, TASK_STATUSES, type Task } from '../../../shared/issue/record.ts';
import { TRIGGERS } from '../../../shared/issue/triggers.ts';
import { anIssue, aTask } from '../../support/issue.ts';
import { allValues, type Locale, readForm, textOfField } from './golden/read-form.ts';
import { aFormInput, SCENARIOS } from './golden/scenarios.ts';

const LOCALES: Locale[] = ['zh-CN', 'en-US'];
const read = (input: FormInput, locale: Locale = 'en-US') => readForm(buildInstanceForm(input), locale);
const manyTasks = (count: number, make: (index: number) => Partial<Task>): Task[] =>
  Array.from({ length: count }, (_, index) => aTask({ taskId: `task-${index}`, ...make(index) }));

describe('the form as the approver sees it', () => {
  it.each(Object.keys(SCENARIOS))('has no unresolved key and no blank value: %s (LESSONS row 20)', (name) => {
    for (const locale of LOCALES) {
      const seen = read(SCENARIOS[name] ?? aFormInput(), locale);
      expect(seen.title.trim()).not.toBe('');
      for (const { value } of seen.fields) {
        expect(value.trim()).not.toBe('');
        expect(value).not.toMatch(/^@i18n@/);
        expect(value).not.toContain('undefined');
      }
    }
  });

  it('has exactly the same keys in both languages, all of them used', () => {
    for (const input of Object.values(SCENARIOS)) {
      const sent = buildInstanceForm(input);
      const [zh, en] = sent.i18nResources.map(({ texts }) => texts.map(({ key }) => key));
      expect(en).toEqual(zh);
      for (const key of zh ?? []) expect(`${sent.title}${sent.form}`).toContain(key);
    }
  });

  it('tells id, title, URL, stage, requester, targets and hash', () => {
    const input = aFormInput();
    const text = allValues(read(input));
    for (const part of [
      'issue-1',
      'Orders get a note',
      input.issue.url,
      'Production',
      'creator@example.com',
      'prod',
    ]) {
      expect(text).toContain(part);
    }
    for (const part of ['Add a column', 'mysql-prod-1', 'shop', input.contentSha256, 'pending approval']) {
      expect(text).toContain(part);
    }
  });

  it('has the id and the title of the issue in the title of the instance', () => {
    expect(read(aFormInput()).title).toBe('Orders get a note · issue-1');
  });

  it('leaves out project and environment when there are none', () => {
    const seen = read(aFormInput({ issue: { projectId: null }, stage: { environment: null } }));
    expect(seen.fields.map(({ id }) => id)).toEqual([
      'issue',
      'stage',
      'reason',
      'link',
      'requester',
      'tasks',
      'sql',
      'content_hash',
    ]);
  });

  it('says that the bot asks when the requester is not known to Feishu (LESSONS row 21)', () => {
    expect(textOfField(read(aFormInput({ requesterIsBot: true })), 'requester')).toContain('The bot asks');
    expect(textOfField(read(aFormInput()), 'requester')).not.toContain('bot');
  });

  it('has no Latin letter in zh-CN that no person wrote, in any status, check or trigger (LESSONS row 28)', () => {
    const people = { email: '安@例子', name: '安' };
    const tasks = TASK_STATUSES.flatMap((status, row) =>
      [undefined, ...CHECK_STATUSES].map((check, column) =>
        aTask({
          taskId: `${row}-${column}`,
          title: `任务${row % 3}`,
          type: '改表',
          instance: '实例',
          database: `库${column}`,
          status,
          check,
          statement: `-- ${row}`,
        }),
      ),
    );
    const sheet = { uri: '文件/1', sha256: '1'.repeat(64), sizeBytes: 5, preview: '预览' };
    const more = [
      aTask({
        taskId: '8',
        title: '字'.repeat(300),
        type: null,
        instance: null,
        database: null,
        statement: '字'.repeat(3_000),
      }),
      aTask({ taskId: '9', title: '', type: null, instance: null, database: null, statement: null, sheet }),
      aTask({ taskId: '10', title: '空', type: null, instance: null, database: null, statement: '' }),
      aTask({ taskId: '11', title: '空白', type: null, instance: null, database: null, statement: '  ' }),
    ];
    const issue = {
      issueId: '1',
      title: '标题',
      projectId: '项目',
      url: 'https://1',
      creator: people,
      assignee: people,
    };
    const stage = { title: '阶段', environment: '生产' };
    const contentSha256 = '2'.repeat(64);
    const first = aFormInput({ contentSha256, issue, stage: { ...stage, tasks: [...tasks, ...more] } });
    const input = aFormInput({
      issue: { ...issue, assignee: { email: '新@例子' } },
      stage: {
        ...stage,
        environment: '测试',
        tasks: [
          ...more.slice(1),
          aTask({ ...tasks[1], instance: null, statement: '新' }),
          ...tasks.slice(2).map((task) => ({ ...task, taskId: `新${task.taskId}` })),
        ],
      },
      triggers: TRIGGERS,
      requesterIsBot: true,
      contentSha256,
      previous: shownOf(first.issue, first.stage),
    });
    for (const each of [first, input]) {
      expect(allValues(read(each, 'zh-CN')).replaceAll('https://1', '')).not.toMatch(/[A-Za-z]/);
    }
  });
});

describe('the SQL in the form', () => {
  it('stands there once for identical texts, with the positions of the tasks', () => {
    const tasks = ['a', 'b', 'a', 'a', 'a'].map((statement, index) =>
      aTask({ taskId: `${index}`, statement }),
    );
    expect(textOfField(read(aFormInput({ stage: { tasks } })), 'sql')).toBe(
      '▌Tasks 1, 3–5 · 1 line\na\n\n▌Task 2 · 1 line\nb',
    );
  });

  it('is in full up to 1,000 characters each, even with 1,000 tasks (CONTRACT section 2)', () => {
    const statements = Array.from({ length: 1_000 }, (_, index) => `${index} 订单`.padEnd(340, 'x'));
    statements[0] = '数'.repeat(1_000);
    const input = aFormInput({
      stage: { tasks: manyTasks(1_000, (index) => ({ statement: statements[index] ?? '' })) },
    });
    for (const locale of LOCALES) {
      const seen = read(input, locale);
      const all = allValues(seen);
      for (const statement of statements) expect(all.includes(statement)).toBe(true);
      expect(seen.fields.filter(({ id }) => id.startsWith('sql'))).toHaveLength(PAGES.sql);
    }
  });

  it('lists every target of 1,000 tasks', () => {
    const tasks = manyTasks(1_000, (index) => ({
      title: `Title ${index}`,
      instance: `i-${index}`,
      database: `d-${index}`,
    }));
    const all = allValues(read(aFormInput({ stage: { tasks } })));
    for (const task of tasks) {
      expect(all).toContain(
        `${task.title}\nType: DDL\nInstance: ${task.instance}\nDatabase: ${task.database}`,
      );
    }
  });

  it('is cut between characters and says where (LESSONS row 11)', () => {
    const family = '👨‍👩‍👧‍👦';
    const statement = `${'x'.repeat(SQL_LIMIT - 3)}${family} and more`;
    const sql = textOfField(read(aFormInput({ stage: { tasks: [aTask({ statement })] } })), 'sql');
    expect(sql).toContain(
      `${'x'.repeat(SQL_LIMIT - 3)}\n▌Cut after 1,997 of 2,013 characters, in line 1 of 1`,
    );
    expect(sql).toContain('the whole is in Frabit: https://frabit.example.com/issues/1');
  });

  it('is cut even within one character of absurd length', () => {
    const statement = `a${'\u0301'.repeat(5_000)}`;
    const sql = textOfField(read(aFormInput({ stage: { tasks: [aTask({ statement })] } })), 'sql');
    expect(sql).toContain('Cut after 2,000 of 5,001 characters');
  });

  it('is not called white space when something stands behind much of it', () => {
    const statement = `${' '.repeat(SQL_LIMIT + 500)}DROP TABLE orders`;
    const seen = read(aFormInput({ stage: { tasks: [aTask({ statement })] } }));
    expect(textOfField(seen, 'sql')).not.toContain('white space');
    expect(textOfField(seen, 'sql')).toContain('▌Cut after 2,000 of 2,517 characters');
    expect(textOfField(seen, 'left_out')).toContain('517 of 2,517 characters');
  });

  it('is shown though it is nothing but white space', () => {
    const seen = read(aFormInput({ stage: { tasks: [aTask({ statement: ' \n' })] } }));
    expect(textOfField(seen, 'sql')).toBe('▌Task 1 · (only white space, 2 characters)\n \n');
  });

  it('tells in a field of its own how much is left out', () => {
    const tasks = [
      aTask({ statement: 'x'.repeat(2_500) }),
      aTask({ taskId: 't2', statement: 'y'.repeat(100) }),
    ];
    expect(textOfField(read(aFormInput({ stage: { tasks } })), 'left_out')).toBe(
      '500 of 2,600 characters of SQL are left out (task 1)\n' +
        'Read the whole in Frabit before you decide: https://frabit.example.com/issues/1',
    );
    expect(textOfField(read(aFormInput()), 'left_out')).toBe('');
  });
});

it('needs nothing but its arguments: the same input gives the same form', () => {
  const input = aFormInput({ previous: shownOf(anIssue(), aFormInput({ stage: { title: 'Other' } }).stage) });
  expect(buildInstanceForm(input)).toEqual(buildInstanceForm(structuredClone(input)));
});
