import { describe, expect, it } from 'vitest';
import { buildInstanceForm, type FormInput } from '../../../shared/feishu/form/build-form.ts';
import { FORM_LEVELS } from '../../../shared/feishu/form/form-kind.ts';
import { shownOf } from '../../../shared/feishu/shown-content.ts';
import { CHECK_STATUSES, TASK_STATUSES } from '../../../shared/issue/record.ts';
import { TRIGGERS } from '../../../shared/issue/triggers.ts';
import { anIssue, aTask } from '../../support/issue.ts';
import { allValues, type Locale, readForm, textOfField } from './golden/read-form.ts';
import { aFormInput, SCENARIOS } from './golden/scenarios.ts';

const LOCALES: Locale[] = ['zh-CN', 'en-US'];
const read = (input: FormInput, locale: Locale = 'en-US') => readForm(buildInstanceForm(input), locale);

describe('the form as the approver sees it', () => {
  it.each(Object.keys(SCENARIOS))(
    'has no unresolved key and no blank value: %s (docs/lessons.md 20)',
    (name) => {
      for (const locale of LOCALES) {
        const seen = read(SCENARIOS[name] ?? aFormInput(), locale);
        expect(seen.title.trim()).not.toBe('');
        for (const { value } of seen.fields) {
          expect(value.trim()).not.toBe('');
          expect(value).not.toMatch(/^@i18n@/);
          expect(value).not.toContain('undefined');
        }
      }
    },
  );

  it('has exactly the same keys in both languages, all of them used', () => {
    for (const input of Object.values(SCENARIOS)) {
      const sent = buildInstanceForm(input);
      const [zh, en] = sent.i18nResources.map(({ texts }) => texts.map(({ key }) => key));
      expect(en).toEqual(zh);
      for (const key of zh ?? []) expect(`${sent.title}${sent.form}`).toContain(key);
    }
  });

  it('shows id, title, URL, stage, requester, targets and hash', () => {
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

  it('leaves out project and environment if there are none', () => {
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

  it('says that the bot asks if Feishu does not know the requester (docs/lessons.md 21)', () => {
    expect(textOfField(read(aFormInput({ requesterIsBot: true })), 'requester')).toContain('The bot asks');
    expect(textOfField(read(aFormInput()), 'requester')).not.toContain('bot');
  });

  it('has no Latin letter of ours in zh-CN, in any status, check or trigger (docs/lessons.md 28)', () => {
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
        statement: '字'.repeat(50_000),
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
    for (const level of FORM_LEVELS) {
      for (const each of [first, input]) {
        const seen = readForm(buildInstanceForm(each, { level, wording: 'KEYS' }), 'zh-CN');
        const text = allValues(seen).replaceAll('https://1', '');
        expect(text.replace(/任务校验值[^：]*：[0-9a-f]+/g, '')).not.toMatch(/[A-Za-z]/);
      }
    }
  });
});

it('depends only on its arguments: the same input gives the same form', () => {
  const input = aFormInput({ previous: shownOf(anIssue(), aFormInput({ stage: { title: 'Other' } }).stage) });
  expect(buildInstanceForm(input)).toEqual(buildInstanceForm(structuredClone(input)));
});
