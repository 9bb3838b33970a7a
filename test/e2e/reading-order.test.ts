import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { buildInstanceForm } from '../../shared/feishu/form/build-form.ts';
import { FORM_WORDINGS } from '../../shared/feishu/form/form-kind.ts';
import { shownOf } from '../../shared/feishu/shown-content.ts';
import { aTask } from '../support/issue.ts';
import { readForm } from '../unit/feishu/golden/read-form.ts';
import { aFormInput } from '../unit/feishu/golden/scenarios.ts';
import { browserPath, launchBrowser } from './browser.ts';

const executablePath = browserPath();
const linesSchema = z.array(z.object({ written: z.string(), drawn: z.string() }));

/** SQL and names with letters and digits of right-to-left scripts, and with text that such letters could move. */
const SQL = [
  "INSERT INTO t VALUES ('א', 5, 1000000, 'ב');",
  "UPDATE a SET x = 'ا', y = 10, z = '٣', w = 20 WHERE v = 'ب' -- عربي 7 8",
  "SELECT 'ש\u05C1' AS a, 'ދ' AS b, 'ߊ' AS c, '𐤀' AS d, '𞤀' AS e, 1, 2;",
].join('\n');
const NAME = 'אב 12 34 ج (x)';

function cardTexts(wording: (typeof FORM_WORDINGS)[number]): string[] {
  const of = (sql: string) => ({
    issue: { title: NAME, creator: { email: 'a@example.com', name: NAME } },
    stage: {
      title: NAME,
      environment: NAME,
      tasks: [aTask({ title: NAME, instance: NAME, database: NAME, statement: sql })],
    },
  });
  const { issue, stage } = aFormInput(of(SQL.replaceAll('5', '6')));
  const input = aFormInput({ ...of(SQL), previous: shownOf(issue, stage) });
  const { title, fields } = readForm(buildInstanceForm(input, { level: 'FULL', wording }), 'en-US');
  return [title, ...fields.map(({ value }) => value)];
}

describe.runIf(executablePath)('a card in a browser', () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser(executablePath ?? '');
    page = await browser.newPage();
    await page.addScriptTag({ path: join(import.meta.dirname, 'reading-order.js') });
  });
  afterAll(() => browser?.close());

  const read = async (text: string, direction: string, width: number) =>
    linesSchema.parse(
      await page.evaluate(
        `readOrder(${[text, direction, width].map((each) => JSON.stringify(each)).join()})`,
      ),
    );

  it('would show SQL in another order than it runs, if letters were not escaped', async () => {
    const [line] = await read("INSERT INTO t VALUES ('א', 5, 1000000, 'ב');", 'ltr', 1_200);
    expect(line?.drawn).not.toBe(line?.written);
    expect(line?.drawn.indexOf('1000000')).toBeLessThan(line?.drawn.indexOf(',5,') ?? 0);
  });

  describe.each(FORM_WORDINGS)('with texts as %s', (wording) => {
    it.each(['ltr', 'auto'])(
      'is drawn in the order in which it is written, at any width: %s (docs/lessons.md 38)',
      async (direction) => {
        for (const width of [300, 1_200]) {
          for (const text of cardTexts(wording)) {
            const lines = await read(text, direction, width);
            expect(lines.map(({ drawn }) => drawn)).toEqual(lines.map(({ written }) => written));
          }
        }
      },
    );

    it('keeps the order of words and values even in a right-to-left paragraph (docs/lessons.md 38)', async () => {
      // In such a paragraph the marks at both ends of a line always move. No text can prevent that.
      const wordsOf = (text: string) => text.match(/[\p{L}\p{N}]+/gu) ?? [];
      const sql = cardTexts(wording).flatMap((text) =>
        text.split('\n').filter((line) => /^[A-Z]/.test(line)),
      );
      expect(sql.length).toBeGreaterThan(3);
      for (const text of sql) {
        const lines = await read(text, 'rtl', 5_000);
        expect(lines.map(({ drawn }) => wordsOf(drawn))).toEqual(
          lines.map(({ written }) => wordsOf(written)),
        );
      }
    });
  });
});

it('has a browser for the reading order, except outside CI', () => {
  if (!executablePath) console.warn('No Chromium found: the reading order was not tested.');
  expect(executablePath !== undefined || process.env.CI !== 'true').toBe(true);
});
