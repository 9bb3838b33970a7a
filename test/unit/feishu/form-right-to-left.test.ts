import { describe, expect, it } from 'vitest';
import { BLANK_RUNS } from '../../../shared/feishu/form/blank-characters.ts';
import { buildInstanceForm, type FormInput } from '../../../shared/feishu/form/build-form.ts';
import { escapeWithin } from '../../../shared/feishu/form/foreign-text.ts';
import { FORM_LEVELS, FORM_WORDINGS } from '../../../shared/feishu/form/form-kind.ts';
import { reminderText } from '../../../shared/feishu/reminder-text.ts';
import { shownOf } from '../../../shared/feishu/shown-content.ts';
import { aTask } from '../../support/issue.ts';
import { allValues, type Locale, readForm, textOfField } from './golden/read-form.ts';
import { aFormInput } from './golden/scenarios.ts';

const read = (input: FormInput, locale: Locale = 'en-US') => readForm(buildInstanceForm(input), locale);
const withSql = (statement: string) => aFormInput({ stage: { tasks: [aTask({ statement })] } });
const NOTE = 'Letters that run from right to left stand as escapes';
/** Every character of the classes R, AL and AN of Unicode 17, and some between them. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08FF\u200F\u202A-\u202E\u2066-\u2069\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/v;

const HEBREW = "INSERT INTO t VALUES ('א', 5, 1000000, 'ב')";
const ARABIC = "UPDATE t SET a = 'ا', b = 10, c = '٣', d = 20 WHERE e = 'ب' -- عربي";

describe('letters that are written from right to left', () => {
  it('are escaped in SQL, with one note (docs/lessons.md 38)', () => {
    expect(textOfField(read(withSql(HEBREW)), 'sql')).toBe(
      `▌Task 1 · 1 line\n▌${NOTE}, so that everything reads in the order in which it is written\n` +
        "INSERT INTO t VALUES ('\\u{5D0}', 5, 1000000, '\\u{5D1}')",
    );
    expect(textOfField(read(withSql(ARABIC)), 'sql')).toContain(
      "c = '\\u{663}', d = 20 WHERE e = '\\u{628}'",
    );
    expect(textOfField(read(withSql(`${ARABIC}\n${HEBREW}`)), 'sql').split(NOTE)).toHaveLength(2);
  });

  it('are nowhere on a card, in any form (docs/lessons.md 38)', () => {
    const text = 'כותרת عنوان ٣ 5';
    const sheet = { uri: `s3://${text}`, sha256: 'a'.repeat(64), sizeBytes: 1, preview: text };
    const of = (sql: string) => ({
      issue: { title: text, issueId: text, projectId: text, creator: { email: `${text}@x`, name: text } },
      stage: {
        title: text,
        environment: text,
        tasks: [
          aTask({ title: text, type: text, instance: text, database: text, statement: sql }),
          aTask({ taskId: '2', statement: null, sheet }),
        ],
      },
    });
    const { issue, stage } = aFormInput(of(`${HEBREW}\nold ${text}`));
    const input = aFormInput({ ...of(`${HEBREW}\nnew ${text}`), previous: shownOf(issue, stage) });
    for (const level of FORM_LEVELS) {
      for (const wording of FORM_WORDINGS) {
        const seen = readForm(buildInstanceForm(input, { level, wording }), 'zh-CN');
        expect(allValues(seen)).toContain('\\u{5DB}');
        expect(allValues(seen)).not.toMatch(RIGHT_TO_LEFT);
      }
    }
    expect(textOfField(read(input), 'changes')).toContain('+ new \\u{5DB}');
    for (const id of ['issue', 'tasks']) expect(textOfField(read(input), id)).toContain(`▌${NOTE}`);
  });

  it('have a note if only the old SQL, a removed task or the URI of a sheet has them', () => {
    const changesTo = (now: FormInput, before: FormInput, locale: Locale = 'en-US') =>
      textOfField(read({ ...now, previous: shownOf(before.issue, before.stage) }, locale), 'changes');
    const [plain, hebrew] = [withSql('SELECT 1'), withSql(HEBREW)];
    const [first, ...rows] = changesTo(plain, hebrew).split('\n');
    expect([first?.startsWith(`▌${NOTE}`), rows[0]]).toEqual([
      true,
      '▌SQL of task 1: 1 line added, 1 removed',
    ]);
    expect(changesTo(plain, hebrew, 'zh-CN')).toMatch(/^▌从右向左书写的字符以转义形式显示/);
    const two = aFormInput({ stage: { tasks: [aTask(), aTask({ taskId: '2', title: 'א' })] } });
    expect(changesTo(aFormInput(), two)).toContain(`▌${NOTE}`);
    expect(changesTo(two, two)).not.toContain(NOTE);
    expect(changesTo(withSql('SELECT 2 -- \\u{5D0}'), plain)).not.toContain(NOTE);
    const sheet = { uri: 's3://א', sha256: 'a'.repeat(64), sizeBytes: 1, preview: 'SELECT 1' };
    const file = aFormInput({ stage: { tasks: [aTask({ statement: null, sheet })] } });
    expect(textOfField(read(file), 'sql')).toContain(`▌${NOTE}`);
  });

  it('have no note if there are none', () => {
    expect(allValues(read(withSql("SELECT 'é', '订单', 'Ω', 'д', 'नमस्ते'")))).not.toContain(NOTE);
  });

  it('are escaped in a reminder', () => {
    const text = reminderText({ issue: 'א 5', stage: 'ب', url: 'https://x/1', waitedMs: 0 });
    expect(text).toContain('\\u{5D0} 5');
    expect(text).not.toMatch(RIGHT_TO_LEFT);
  });

  it('are escaped with their marks, so that no mark stands on an escape', () => {
    expect(escapeWithin('ש\u05C1\u05BC ا\u064B a\u0301')).toBe(
      '\\u{5E9}\\u{5C1}\\u{5BC} \\u{627}\\u{64B} a\u0301',
    );
    expect(escapeWithin('א\u0301\u0302b\u0301')).toBe('\\u{5D0}\\u{301}\\u{302}b\u0301');
    expect(escapeWithin('\u200B\u0301▌\u0301')).toBe('\\u{200B}\\u{301}\\u{258C}\\u{301}');
  });

  it('keep emoji beside them whole, and are never cut inside an escape', () => {
    expect(escapeWithin('א👩‍💻❤️ב')).toBe('\\u{5D0}👩‍💻❤️\\u{5D1}');
    const long = read(withSql(`SELECT '${'א'.repeat(100_000)}'`));
    expect(/(?:\\u\{5D0\}){3000,}\n▌.*\n▌Cut after /.test(allValues(long))).toBe(true);
    expect(/\\(?!u\{5D0\})/.test(allValues(long))).toBe(false);
  });
});

describe('characters that are drawn blank', () => {
  it.each(['1D159', '16FE4', '13441', '13442'])(
    'are escaped, because a browser draws them blank: U+%s',
    (hex) => {
      expect(BLANK_RUNS.flatMap(({ found }) => found)).toContain(hex);
      const character = String.fromCodePoint(Number.parseInt(hex, 16));
      expect(escapeWithin(`a${character}b`)).toBe(`a\\u{${hex}}b`);
    },
  );

  it('are all escaped, whichever run found them; each run names its fonts', () => {
    expect(BLANK_RUNS.length).toBeGreaterThan(0);
    for (const { found, fonts, chromium, unicode } of BLANK_RUNS) {
      for (const hex of found)
        expect(escapeWithin(String.fromCodePoint(Number.parseInt(hex, 16)))).toBe(`\\u{${hex}}`);
      expect([fonts.length > 0, chromium, unicode]).toEqual([
        true,
        expect.stringMatching(/^\d+\./),
        expect.stringMatching(/^\d+\./),
      ]);
    }
  });

  it('include no white space of SQL, no emoji and no letters of a living script', () => {
    const text =
      '\t \u3000 👨‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️ 1️⃣ 🇨🇳 Straße Ελλάδα Привет Հայ ქართული हिन्दी বাংলা ਪੰਜਾਬੀ ગુજરાતી ଓଡ଼ିଆ தமிழ் తెలుగు ಕನ್ನಡ മലയാളം සිංහල ไทย ລາວ ' +
      'བོད་ မြန်မာ ខ្មែរ 한국어 ひらがな カタカナ 汉字 漢字 አማርኛ ᏣᎳᎩ ᐃᓄᒃᑎᑐᑦ ᠮᠣᠩᠭᠣᠯ ꆈꌠ';
    expect(escapeWithin(text)).toBe(text);
    const living =
      /[[\p{scx=Latn}\p{scx=Grek}\p{scx=Cyrl}\p{scx=Armn}\p{scx=Geor}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Thai}\p{scx=Laoo}\p{scx=Tibt}\p{scx=Mymr}\p{scx=Ethi}\p{scx=Khmr}\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Bopo}]&&[\p{L}\p{Mn}\p{Mc}]]/v;
    const isEscaped = (codePoint: number) => {
      const character = String.fromCodePoint(codePoint);
      return (
        living.test(character) &&
        !/\p{Default_Ignorable_Code_Point}/v.test(character) &&
        escapeWithin(`a${character}`) !== `a${character}`
      );
    };
    expect(Array.from({ length: 0x30000 }, (_, codePoint) => codePoint).filter(isEscaped)).toEqual([]);
  });
});
