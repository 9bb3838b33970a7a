import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { DEEP, EVERY_TEST, ISOLATED, ON_BOTH_DATABASES, ON_ONE_DATABASE } from '../tiers.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const listSchema = z.array(z.object({ file: z.string(), projectName: z.string() }));
const filesOf = (globs: string | readonly string[]) => globSync(globs, { cwd: ROOT }).sort();

/** The files of each project, as vitest itself finds them. */
let projects: Record<string, string[]>;
beforeAll(async () => {
  const vitest = resolve(ROOT, 'node_modules/vitest/vitest.mjs');
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV$)/.test(name));
  const { stdout } = await promisify(execFile)(process.execPath, [vitest, 'list', '--filesOnly', '--json'], {
    cwd: ROOT,
    env: Object.fromEntries(inherited),
    maxBuffer: 16 * 1024 * 1024,
  });
  const listed = listSchema.parse(JSON.parse(stdout));
  projects = {};
  for (const { file, projectName } of listed) {
    projects[projectName] ??= [];
    projects[projectName].push(relative(ROOT, file));
  }
});

const script = (name: string): string =>
  z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8'))).scripts[name] ?? '';

describe('the tiers', () => {
  it('hold every test file exactly once, apart from the second database', () => {
    const { 'dynamodb-local': _, ...once } = projects;
    expect(Object.values(once).flat().sort()).toEqual(filesOf(EVERY_TEST));
  });

  it('are all run by one of the two commands', () => {
    const named = [...`${script('test')} ${script('test:deep')}`.matchAll(/--project[= ](\S+)/g)];
    expect(named.map(([, name]) => name).sort()).toEqual(Object.keys(projects).sort());
  });

  it.each([...Object.keys(DEEP), ...ISOLATED, ...ON_BOTH_DATABASES, ...ON_ONE_DATABASE])(
    'name files that exist: %s',
    (glob) => {
      expect(filesOf(glob)).not.toEqual([]);
    },
  );

  it('run a file on both databases if it takes the database that the tier chooses', () => {
    const chosen = filesOf(EVERY_TEST).filter((file) =>
      /\b(useCore|useDatabase|useSettingsApi)\(/.test(readFileSync(resolve(ROOT, file), 'utf8')),
    );
    expect(projects['dynamodb-local']?.sort()).toEqual(chosen);
  });
});
