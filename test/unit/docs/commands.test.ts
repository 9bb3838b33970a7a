import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { EXIT } from '../../../infra/exit-codes.ts';
import { cli } from '../cli/support.ts';
import { codeOf, pageNames, pathsIn, REPOSITORY, readPage } from './pages.ts';

/** Every command of the documentation exists. The changelog may name earlier commands. */
const pages = pageNames()
  .filter((name) => name !== 'CHANGELOG.md')
  .map((name) => ({ name, text: readPage(name), code: codeOf(readPage(name)).join('\n') }));

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')));

const COMMANDS = ['enable', 'status', 'check', 'disable', 'resync', 'show', 'logs'];
const GROUPS = {
  external: ['list', 'set', 'show', 'remove'],
  'dead-letters': ['list', 'redrive'],
};
const everyCommand = [
  ...COMMANDS.map((command) => [command]),
  ...Object.entries(GROUPS).flatMap(([group, commands]) => commands.map((command) => [group, command])),
];

const helpOf = async (command: readonly string[]): Promise<string> => (await cli([...command, '--help'])).out;
const help = new Map<string, string>();
for (const command of [[], ...everyCommand]) help.set(command.join(' '), await helpOf(command));

const optionsIn = (text: string): string[] => text.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];

/** Returns the command of a line such as `frabit-im external set finance-oa --rotate`, without its arguments. */
function commandOf(line: string): string {
  const [, first = '', second = ''] = /frabit-im(?: ([a-z-]+))?(?: ([a-z-]+))?/.exec(line) ?? [];
  if (first.startsWith('--')) return '';
  return first in GROUPS ? `${first} ${second}` : first;
}

/** On these pages an option without a command belongs to frabit-im. */
const ABOUT_FRABIT_IM = ['set-up.md', 'command-line.md', 'external-approvals.md', 'operate.md', 'cards.md'];

describe('the commands in the documentation', () => {
  it.each(pages)('exist in frabit-im, with their options: $name', ({ code }) => {
    for (const [line] of code.matchAll(/(?<!\/)\bfrabit-im(?![\w-])[^\n|#]*/g)) {
      const text = help.get(commandOf(line));
      expect(text, line).toBeDefined();
      for (const option of optionsIn(line)) expect(text, line).toContain(option);
    }
  });

  it.each(ABOUT_FRABIT_IM)('exist for each option without a command: %s', (name) => {
    const all = [...help.values()].join('\n');
    for (const span of codeOf(readPage(`docs/${name}`)).filter((one) => one.startsWith('--'))) {
      for (const option of optionsIn(span)) expect(all).toContain(option);
    }
  });

  it.each(pages)('exist in package.json if they are scripts: $name', ({ code }) => {
    const named = [...code.matchAll(/npm (?:run )?(?:--silent )?([a-z][a-z:-]*)/g)].map(
      ([, name = '']) => name,
    );
    const ofNpm = ['ci', 'install', 'exec', 'audit', 'run'];
    expect(named.filter((name) => !(name in scripts) && !ofNpm.includes(name))).toEqual([]);
  });

  it.each(pages)('name existing tests and programs: $name', ({ code }) => {
    const paths = [...code.matchAll(/(?:vitest run|node) ([\w.-]+\/[\w./-]+)/g)].map(([, path = '']) => path);
    expect(paths.filter((path) => globSync(`${path}*`, { cwd: REPOSITORY }).length === 0)).toEqual([]);
  });
});

describe('the paths in the documentation', () => {
  it.each(pages)('exist: $name', ({ text }) => {
    const missing = pathsIn(text).filter((path) => globSync(path, { cwd: REPOSITORY }).length === 0);
    expect(missing).toEqual([]);
  });

  it('are found: some hundreds', () => {
    expect(pages.flatMap(({ text }) => pathsIn(text)).length).toBeGreaterThan(200);
  });
});

describe('docs/command-line.md', () => {
  const page = readPage('docs/command-line.md');

  it('lists every command', () => {
    for (const [first = '', second] of everyCommand) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${first}`));
      expect(row, first).toBeDefined();
      if (second !== undefined) expect(row).toMatch(new RegExp(`\\b${second}\``));
    }
  });

  it('lists every option of the program, of show and of logs', () => {
    const options = [help.get('') ?? '', help.get('show') ?? '', help.get('logs') ?? ''].flatMap(optionsIn);
    const known = new Set(optionsIn(page));
    expect(options.filter((option) => !known.has(option) && option !== '--help')).toEqual([]);
  });

  it('lists every exit code', () => {
    for (const code of Object.values(EXIT)) expect(page).toMatch(new RegExp(`^\\| ${code} \\| `, 'm'));
  });
});
