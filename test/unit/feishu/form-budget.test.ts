import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFeishuGateway } from '../../../shared/feishu/client.ts';
import { bytesOfSections, bytesOfText } from '../../../shared/feishu/form/body.ts';
import { buildInstanceForm, FORM_BUDGETS, type FormInput } from '../../../shared/feishu/form/build-form.ts';
import type { FormKind } from '../../../shared/feishu/form/form-kind.ts';
import { FORM_LEVELS, FORM_WORDINGS } from '../../../shared/feishu/form/form-kind.ts';
import { shownOf } from '../../../shared/feishu/shown-content.ts';
import {
  CHECK_STATUSES,
  type IssueRecord,
  issueRecordSchema,
  TASK_STATUSES,
  type Task,
} from '../../../shared/issue/record.ts';
import { TRIGGERS } from '../../../shared/issue/triggers.ts';
import { json, stubFetch } from '../../support/feishu-answers.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { readForm } from './golden/read-form.ts';
import { aFormInput, SCENARIOS, twoHundredTasks } from './golden/scenarios.ts';

const KINDS: FormKind[] = FORM_LEVELS.flatMap((level) =>
  FORM_WORDINGS.map((wording) => ({ level, wording })),
);
const ID = 'i'.repeat(64);

/** The HTTP body of a create, as our client writes it. */
async function bodyOf(sent: ReturnType<typeof buildInstanceForm>): Promise<string> {
  const feishu = stubFetch({
    'POST /approval/v4/instances': [() => json({ code: 0, data: { instance_code: 'CODE' } })],
  });
  const gateway = createFeishuGateway({
    credentials: async () => ({ appSecret: 'x' }),
    fetch: feishu.fetch,
    now: () => 0,
    sleep: async () => {},
    logger: { warn: () => {} },
  });
  await gateway.createInstance(
    { appId: 'cli_a', domain: 'feishu' },
    { definitionCode: ID, initiator: ID, approver: ID, uuid: ID, ...sent },
  );
  return JSON.stringify(feishu.requests[1]?.body);
}

describe('the bytes of a form', () => {
  it.each([...Object.entries(SCENARIOS), ['200-tasks', twoHundredTasks] as const])(
    'are those of the whole body that the client sends, with the longest ids: %s',
    async (_, input) => {
      for (const level of FORM_LEVELS) {
        const sent = buildInstanceForm(input, { level, wording: 'KEYS' });
        expect(sent.bytes).toBe(Buffer.byteLength(await bodyOf(sent)));
      }
    },
  );

  it('are those of a body without title and resources with PLAIN', async () => {
    const sent = buildInstanceForm(twoHundredTasks, { level: 'FULL', wording: 'PLAIN' });
    expect([sent.title, sent.i18nResources]).toEqual(['', []]);
    const { title, i18n_resources, ...rest } = JSON.parse(await bodyOf(sent));
    expect(sent.bytes).toBe(Buffer.byteLength(JSON.stringify(rest)));
  });

  it('of a text are what it adds to the body, whatever it contains', () => {
    const text = '"\\\n\t订😀\u0001';
    expect(bytesOfText(text, 'KEYS')).toBe(2 + 2 + 2 + 2 + 3 + 4 + 6);
    expect(bytesOfText(text, 'PLAIN')).toBe(4 + 4 + 3 + 3 + 3 + 4 + 7);
  });

  it('of a list include a heading on each page except the first', () => {
    const sections = [
      [
        { text: 'a\nb', continued: '12345678' },
        { text: 'c', continued: '' },
      ],
    ];
    expect(bytesOfSections(sections, 'KEYS', 'tasks')).toBe(1 + 2 + 1 + 2 + 1 + 3 * 10);
  });
});

const UNITS = [
  'x',
  '订',
  '😀',
  '👨‍👩‍👧‍👦',
  '"',
  '\\',
  '\\u{',
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\u202E',
  '\u{E0041}',
  '\u0301',
  '\uD800',
  '▌',
  ' ',
  'SELECT 1;\n',
  '@i18n@',
  'א',
  'а1 ',
  '；',
];
/** At most this many code points of one unit, or of a few. */
const text = (most: number) =>
  fc
    .tuple(fc.array(fc.constantFrom(...UNITS), { minLength: 1, maxLength: 4 }), fc.nat({ max: most }))
    .map(([units, length]) => {
      const points = Array.from(units.join(''));
      return Array.from({ length }, (_, index) => points[index % points.length]).join('');
    });
const optional = (most: number) => fc.option(text(most), { nil: null });

/** Valid records up to the maximum size: a few large tasks or many small ones, some with the same SQL. */
const record = fc
  .constantFrom(0, 1, 2, 7, 60, 300, 1_000)
  .chain((count) => {
    const share = Math.floor(100_000 / (count + 1));
    const task = fc.record({
      title: text(Math.min(share, 400)),
      type: optional(Math.min(share, 100)),
      instance: optional(Math.min(share, 300)),
      database: optional(Math.min(share, 300)),
      status: fc.constantFrom(...TASK_STATUSES),
      check: fc.option(fc.constantFrom(...CHECK_STATUSES), { nil: null }),
      statement: text(share),
    });
    const sheet = fc.record({
      uri: text(3_000).map((uri) => uri || 's3://a'),
      sha256: fc.constantFrom('a'.repeat(64), 'B'.repeat(64)),
      sizeBytes: fc.nat(),
      preview: text(share),
    });
    // A few tasks are made and used in turn, because many texts take long to make.
    return fc.record({
      count: fc.constant(count),
      tasks: fc.array(task, { minLength: 1, maxLength: 12 }),
      sheet: fc.option(sheet, { nil: null }),
      alike: fc.boolean(),
      issueId: text(128).map((id) => id || '1'),
      title: text(500).map((title) => title || '1'),
      stageTitle: text(3_000),
      environment: optional(1_000),
      projectId: optional(1_000),
      name: optional(5_000),
      url: fc.constantFrom(
        'https://frabit.example.com/1',
        `https://x/${'y'.repeat(1_000)}`,
        `https://x/${'订'.repeat(990)}`,
        `https://x/${'\u{E0041}'.repeat(990)}`,
        `https://x/${'"'.repeat(20_000)}`,
      ),
    });
  })
  .map(({ count, tasks, sheet, alike, stageTitle, environment, name, ...issue }) => {
    const all = Array.from({ length: count }, (_, index): Task => {
      const made = aTask({ taskId: `t${index}`, ...tasks[index % tasks.length] });
      if (sheet && index % 5 === 2) return { ...made, statement: null, sheet };
      return alike
        ? made
        : { ...made, statement: `${index} ${made.statement}`, title: `${index} ${made.title}` };
    });
    const stage = aStage({ title: stageTitle, environment, tasks: all });
    return anIssue({ ...issue, creator: { email: `${'e'.repeat(240)}@example.com`, name }, stages: [stage] });
  });

function inputOf(issue: IssueRecord, before: IssueRecord | undefined): FormInput {
  const [stage = aStage()] = issue.stages;
  const [old] = before?.stages ?? [];
  return {
    issue,
    stage,
    contentSha256: 'f'.repeat(64),
    triggers: TRIGGERS,
    requesterIsBot: true,
    ...(before && old && { previous: shownOf(before, old) }),
  };
}

describe('the budget of a form', () => {
  it('is never exceeded with any valid record, and Feishu can show the form', () => {
    fc.assert(
      fc.property(
        record,
        fc.option(record, { nil: undefined }),
        fc.constantFrom(...KINDS),
        (issue, before, kind) => {
          expect(issueRecordSchema.safeParse(issue).success).toBe(true);
          const input = inputOf(issue, before);
          const sent = buildInstanceForm(input, kind);
          expect(sent.bytes).toBeLessThanOrEqual(FORM_BUDGETS[kind.level]);
          for (const locale of ['zh-CN', 'en-US'] as const) {
            for (const { value } of readForm(sent, locale).fields) {
              expect(value.startsWith('@i18n@')).toBe(false);
              expect(value.trim()).not.toBe('');
            }
          }
        },
      ),
      { numRuns: 12 },
    );
  }, 120_000);

  it.each(KINDS)('is used up by $level $wording if there is more than fits', (kind) => {
    const huge = aFormInput({
      stage: {
        tasks: ['a', 'b'].map((statement, index) =>
          aTask({ taskId: `t${index}`, title: statement, statement: statement.repeat(170_000) }),
        ),
      },
    });
    const many = aFormInput({
      stage: {
        tasks: Array.from({ length: 900 }, (_, index) => aTask({ taskId: `t${index}`, title: `${index}` })),
      },
    });
    const { bytes } = buildInstanceForm(kind.level === 'MINIMAL' ? many : huge, kind);
    // The room for notes and pages is not always needed.
    expect(bytes).toBeGreaterThan(FORM_BUDGETS[kind.level] - 6_500);
  });

  it('has at most a quarter for the changes', () => {
    const tasks = (mark: string) =>
      Array.from({ length: 300 }, (_, index) =>
        aTask({ taskId: `t${index}`, statement: `${mark}${index}`.padEnd(1_000, mark) }),
      );
    const before = aFormInput({ stage: { tasks: tasks('a') } });
    const input = aFormInput({ stage: { tasks: tasks('b') }, previous: shownOf(before.issue, before.stage) });
    for (const kind of KINDS) {
      const changes = (['zh-CN', 'en-US'] as const)
        .slice(0, kind.wording === 'PLAIN' ? 1 : 2)
        .map((locale) =>
          readForm(buildInstanceForm(input, kind), locale).fields.find(({ id }) => id === 'changes'),
        );
      const bytes = changes.reduce((sum, field) => sum + bytesOfText(field?.value ?? '', kind.wording), 0);
      expect(bytes).toBeLessThanOrEqual(FORM_BUDGETS[kind.level] / 4);
      expect(bytes).toBeGreaterThan(FORM_BUDGETS[kind.level] / 8);
    }
  });

  it('shortens the fixed texts only if they alone are too long', () => {
    const title = '题'.repeat(500);
    const input = aFormInput({ issue: { title }, stage: { tasks: twoHundredTasks.stage.tasks } });
    expect(JSON.stringify(buildInstanceForm(input))).toContain(title);
    const large = aFormInput({
      issue: { title, issueId: '题'.repeat(128) },
      stage: { title: '题'.repeat(2_000), environment: '题'.repeat(200), tasks: [aTask()] },
    });
    const minimal = buildInstanceForm(large, { level: 'MINIMAL', wording: 'KEYS' });
    expect(JSON.stringify(minimal)).toMatch(/… \(cut after \d+ of 500 characters\)/);
    const compact = buildInstanceForm(large, { level: 'COMPACT', wording: 'KEYS' });
    expect(JSON.stringify(compact)).toContain(`"${title}\\n`);
  });
});
