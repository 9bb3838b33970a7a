import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { BLANK_RUNS, type BlankRun } from '../../shared/feishu/form/blank-characters.ts';
import { browserPath, launchBrowser } from './browser.ts';

/**
 * Draws every assigned code point in Chromium, and writes the blank ones to `shared/feishu/form/blank-characters.ts`:
 *
 *   npx node test/e2e/find-blank-characters.ts [--add] <name of the installed fonts> [web font file…]
 *
 * Chromium draws a box for a missing glyph. So only a font that has the glyph shows that a character is blank: an installed
 * font (FONTCONFIG_FILE selects others), or a given file. `--add` keeps what earlier runs found with other fonts.
 */
const FILE = join(import.meta.dirname, '../../shared/feishu/form/blank-characters.ts');

/** Characters that `foreign-text.ts` escapes by their properties, and code points that are not characters. */
const NOT_DRAWN =
  /[\p{Cn}\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Zs}\p{Me}\p{Default_Ignorable_Code_Point}\u2800]/v;
/** Number of code points that one call to the page draws. */
const AT_ONCE = 2_048;

const codePoints = Array.from({ length: 0x110000 }, (_, codePoint) => codePoint).filter(
  (codePoint) => !NOT_DRAWN.test(String.fromCodePoint(codePoint)),
);

async function findBlank(executablePath: string, files: readonly string[]): Promise<BlankRun> {
  const browser = await launchBrowser(executablePath);
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ path: join(import.meta.dirname, 'draw-characters.js') });
    for (const file of files) {
      await page.evaluate(`loadFont(${JSON.stringify(readFileSync(file).toString('base64'))})`);
    }
    const found: number[] = [];
    for (let at = 0; at < codePoints.length; at += AT_ONCE) {
      const drawn = await page.evaluate(`findBlank(${JSON.stringify(codePoints.slice(at, at + AT_ONCE))})`);
      found.push(...z.array(z.number()).parse(drawn));
    }
    return {
      fonts: [...installedFonts(), ...files.map((file) => basename(file))],
      chromium: browser.version(),
      unicode: process.versions.unicode ?? '',
      found: found.map((codePoint) => codePoint.toString(16).toUpperCase()),
    };
  } finally {
    await browser.close();
  }
}

function installedFonts(): string[] {
  const families = execFileSync('fc-list', [':', 'family'], { encoding: 'utf8' }).trim().split('\n');
  return [`${name} (${families.length} families)`];
}

const writeRuns = (runs: readonly BlankRun[]): string =>
  readFileSync(FILE, 'utf8').replace(
    /(BLANK_RUNS: readonly BlankRun\[\] = )[^;]*;/,
    (_, start: string) => `${start}${JSON.stringify(runs, null, 2)};`,
  );

const args = process.argv.slice(2);
const isAdded = args[0] === '--add';
const [name = '', ...files] = isAdded ? args.slice(1) : args;
const executablePath = browserPath();
if (!executablePath || name === '') throw new Error('Install Chromium, and name the installed fonts.');
const run = await findBlank(executablePath, files);
writeFileSync(FILE, writeRuns([...(isAdded ? BLANK_RUNS : []), run]));
console.log(
  `${run.found.join(' ')}\nNow run: npx biome check --write shared/feishu/form/blank-characters.ts`,
);
