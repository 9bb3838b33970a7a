import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { REPOSITORY } from './pages.ts';

const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8');

/** Sections of .editorconfig in order, each with its properties. */
const sections = read('.editorconfig')
  .split(/^\[(?=.*\]$)/m)
  .slice(1)
  .map((section) => {
    const [name = '', ...lines] = section.split('\n');
    const properties = lines.flatMap((line) => {
      const [, key, value] = /^(\w+) = (\w+)$/.exec(line) ?? [];
      return key && value ? [[key, value] as const] : [];
    });
    return { name: name.replace(/\]$/, ''), properties: new Map(properties) };
  });

const [every, ...others] = sections;

describe('.editorconfig', () => {
  it('has the settings of Biome for all files', () => {
    const { formatter } = z
      .object({
        formatter: z.object({ indentStyle: z.string(), indentWidth: z.number(), lineWidth: z.number() }),
      })
      .parse(JSON.parse(read('biome.json')));
    expect(every?.name).toBe('*');
    expect([
      every?.properties.get('indent_style'),
      every?.properties.get('indent_size'),
      every?.properties.get('max_line_length'),
    ]).toEqual([formatter.indentStyle, `${formatter.indentWidth}`, `${formatter.lineWidth}`]);
  });

  it('has no exception for a kind of file that Biome formats', () => {
    const exceptions = others.filter(({ properties }) =>
      ['indent_style', 'indent_size', 'end_of_line', 'charset'].some((key) => properties.has(key)),
    );
    for (const { name } of exceptions) expect(name).not.toMatch(/\b(?:[jt]s|json|css|html)\b/);
  });

  it('holds for every text file: line ends, no trailing blanks, a line end at the end', () => {
    const files = globSync(
      [
        '*.{ts,json,md}',
        '{.github,docs,functions,infra,shared,test}/**/*.{ts,js,json,md,yml,yaml,css,html,java,py,go}',
      ],
      { cwd: REPOSITORY },
    );
    expect(files.length).toBeGreaterThan(500);
    const wrong = files.filter((file) => /\r|[ \t]$/m.test(read(file)) || !read(file).endsWith('\n'));
    expect(wrong).toEqual([]);
  });
});
