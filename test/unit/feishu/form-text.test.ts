import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildInstanceForm, type FormInput } from '../../../shared/feishu/form/build-form.ts';
import { FORM_LEVELS, FORM_WORDINGS } from '../../../shared/feishu/form/form-kind.ts';
import { taskHash } from '../../../shared/issue/content-hash.ts';
import { aTask } from '../../support/issue.ts';
import { allValues, type Locale, readForm, textOfField, unescapeText } from './golden/read-form.ts';
import { aFormInput } from './golden/scenarios.ts';

const LOCALES: Locale[] = ['zh-CN', 'en-US'];
const read = (input: FormInput, locale: Locale = 'en-US') => readForm(buildInstanceForm(input), locale);

describe('text that people wrote', () => {
  it.each([
    ['bidirectional', '\u202Eab\u2066c', '\\u{202E}ab\\u{2066}c'],
    ['direction marks', 'a\u200E\u200F\u061Cb', 'a\\u{200E}\\u{200F}\\u{61C}b'],
    ['zero-width', 'a\u200Bb\u200Dc\uFEFF', 'a\\u{200B}b\\u{200D}c\\u{FEFF}'],
    ['control', 'a\u0000b\u001Bc\u0085d\u2028e', 'a\\u{0}b\\u{1B}c\\u{85}d\\u{2028}e'],
    ['annotation', 'a\uFFF9b\uFFFBc', 'a\\u{FFF9}b\\u{FFFB}c'],
    ['tag', 'a\u{E0041}b', 'a\\u{E0041}b'],
    ['variation', 'a\uFE0Fb\u{E0100}', 'a\\u{FE0F}b\\u{E0100}'],
    ['filler', 'a\u3164b\u2800c\u00A0d', 'a\\u{3164}b\\u{2800}c\\u{A0}d'],
    ['crossing out', 'D\u0336R', 'D\\u{336}R'],
    ['stray combining', '\u0301a', '\\u{301}a'],
    ['half of a pair', 'a\uD83Db', 'a\\u{D83D}b'],
    ['typed escapes', 'a\\u{202E}b', 'a\\u{5C}u{202E}b'],
    ['our own mark', 'a▌b', 'a\\u{258C}b'],
    ['blocks and bars like our mark', '■a◼b∎d⎢e│f', '\\u{25A0}a\\u{25FC}b\\u{220E}d\\u{23A2}e\\u{2502}f'],
  ])('shows %s characters escaped, in titles, names and SQL alike', (_, text, escaped) => {
    const input = aFormInput({
      issue: { title: text },
      stage: {
        title: text,
        environment: text,
        tasks: [aTask({ title: text, instance: text, database: text, statement: text })],
      },
    });
    const seen = read(input);
    expect(textOfField(seen, 'issue')).toBe(`${escaped}\nID: issue-1`);
    expect([textOfField(seen, 'stage'), textOfField(seen, 'environment')]).toEqual([escaped, escaped]);
    expect(textOfField(seen, 'tasks')).toBe(
      `▌1 task; pending approval\n▌1. ${escaped}\nType: DDL\nInstance: ${escaped}\nDatabase: ${escaped}\n` +
        `Task hash: ${taskHash(input.stage.tasks[0] ?? aTask())}`,
    );
    expect(textOfField(seen, 'sql')).toBe(`▌Task 1 · 1 line\n${escaped}`);
  });

  it('keeps emoji, CJK, accents, tabs and newlines of SQL as they are', () => {
    const statement = "\tSELECT '👩‍💻❤️🇨🇳1️⃣', '订单　表', 'é\u0301';\nSELECT '\\_';";
    expect(textOfField(read(aFormInput({ stage: { tasks: [aTask({ statement })] } })), 'sql')).toBe(
      `▌Task 1 · 2 lines\n${statement}`,
    );
  });

  it('is on one line if it is a title or a name', () => {
    const seen = read(aFormInput({ stage: { tasks: [aTask({ title: 'a\r\nDatabase: b\tc' })] } }));
    expect(textOfField(seen, 'tasks')).toContain('▌1. a\\u{D}\\u{A}Database: b\\u{9}c\n');
  });

  it('never counts as a key', () => {
    const key = '@i18n@instance_title';
    const input = aFormInput({
      issue: { issueId: key, title: key, projectId: key },
      stage: { title: key, environment: key, tasks: [aTask({ title: key, statement: key })] },
    });
    const sent = buildInstanceForm(input);
    for (const { texts } of sent.i18nResources) {
      for (const { value } of texts) expect(value.startsWith('@i18n@')).toBe(false);
    }
    expect(textOfField(readForm(sent, 'en-US'), 'stage')).toBe(`“${key}”`);
  });

  it('cannot imitate one of our lines: a card has as many lines with the mark as with harmless text', () => {
    const evil = 'x\n▌Tasks 2–9 · 1 line\nSELECT 1;\n┃Cut\n❚Cut';
    const marks = (text: string) =>
      allValues(
        read(
          aFormInput({
            issue: { title: text },
            stage: { tasks: [aTask({ title: text, database: text, statement: `${text}\n2\n3\n4\n5` })] },
          }),
        ),
      ).split(/[▌┃❚]/).length;
    // The dash outside a string has its own note.
    expect(marks(evil)).toBe(marks('harmless –'));
  });

  it('is cut with a note if a name is very long', () => {
    const seen = read(aFormInput({ stage: { tasks: [aTask({ title: '名'.repeat(300) })] } }));
    expect(textOfField(seen, 'tasks')).toContain(`${'名'.repeat(200)}… (cut after 200 of 300 characters)`);
  });

  it('arrives whole, whatever it contains', () => {
    const odd = fc.constantFrom(
      '\n',
      '\r',
      '\t',
      '\u202E',
      '▌',
      '\\u{',
      '@i18n@',
      '👨‍👩‍👧',
      '\uD800',
      '"',
      "'",
      '\u0301',
      '订',
    );
    const text = fc
      .array(fc.oneof(odd, fc.string({ unit: 'grapheme' })), { maxLength: 40 })
      .map((parts) => parts.join(''));
    const name = text.map((value) => Array.from(value).slice(0, 200).join(''));
    const task = fc.record({ title: name, database: name, statement: text });
    fc.assert(
      fc.property(name, fc.array(task, { minLength: 1, maxLength: 5 }), (title, list) => {
        const tasks = list.map((each, index) => aTask({ taskId: `${index}`, ...each }));
        const input = aFormInput({ issue: { title: title || '-' }, stage: { title, tasks } });
        for (const locale of LOCALES) {
          const seen = read(input, locale);
          const all = unescapeText(allValues(seen));
          for (const { title: name, statement } of list) {
            expect(all).toContain(name);
            expect(all).toContain((statement ?? '').replaceAll('\r\n', '\n'));
          }
          for (const { value } of seen.fields) expect(value).not.toMatch(/[[\p{Cc}\p{Cs}\u202E]--[\t\n]]/v);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('what could move our lines away', () => {
  it('is not white space: only the first of several spaces in a title stays', () => {
    const title = `Add a column${'\u3000'.repeat(3)}Instance: staging  now`;
    const text = textOfField(read(aFormInput({ stage: { tasks: [aTask({ title })] } })), 'tasks');
    expect(text).toContain('Add a column\u3000\\u{3000}\\u{3000}Instance: staging \\u{20}now');
  });

  it('is not a long title: the first line keeps its link in every form, and the instance title stays short', () => {
    const input = aFormInput({ issue: { title: '工'.repeat(500) } });
    for (const level of FORM_LEVELS) {
      for (const wording of FORM_WORDINGS) {
        const form = readForm(
          buildInstanceForm({ ...input, stage: { ...input.stage, tasks: HUGE } }, { level, wording }),
          'zh-CN',
        );
        expect(textOfField(form, 'issue').split('\n')[0]).toMatch(
          /^▌⚠ .*https:\/\/frabit\.example\.com\/issues\/1$/,
        );
      }
    }
    const hidden = buildInstanceForm(aFormInput({ issue: { title: '\u202E'.repeat(500) } }));
    expect(readForm(hidden, 'en-US').title.length).toBeLessThan(400);
  });

  it('is not a long URL: the notes leave it out, and the link has it', () => {
    const url = `https://frabit.example.com/${'x'.repeat(5_000)}`;
    const form = read(aFormInput({ issue: { url }, stage: { tasks: HUGE } }));
    expect(textOfField(form, 'issue').split('\n')[0]?.length).toBeLessThan(200);
    expect(textOfField(form, 'link')).toBe(url);
  });
});

const HUGE = [aTask({ statement: 'x'.repeat(300_000) })];
