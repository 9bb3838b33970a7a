import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { REPOSITORY, readPage } from './pages.ts';

/** CHANGELOG.md is in the order of Keep a Changelog 1.1. */

const SECTIONS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];

const [first = '', ...released] = readPage('CHANGELOG.md').split(/^## /m).slice(1);
const headings = released.map((text) => /^\[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})\n/.exec(text)?.slice(1));

it('begins with the unreleased changes', () => {
  expect(first).toMatch(/^\[Unreleased\]\n/);
});

it('lists each release with its date, newest first, beginning with the version of package.json', () => {
  expect(headings.length).toBeGreaterThan(0);
  expect(headings).not.toContain(undefined);
  const byVersion = headings.toSorted((a, b) =>
    String(b?.[0]).localeCompare(String(a?.[0]), 'en', { numeric: true }),
  );
  const byDate = headings.toSorted((a, b) => String(b?.[1]).localeCompare(String(a?.[1])));
  expect(headings).toEqual(byVersion);
  expect(headings).toEqual(byDate);
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')));
  expect(headings[0]?.[0]).toBe(version);
});

it('has its sections in order, each once, and none empty', () => {
  for (const text of [first, ...released]) {
    const sections = text.split(/^### /m).slice(1);
    const names = sections.map((section) => section.split('\n')[0] ?? '');
    expect(names).toEqual(SECTIONS.filter((name) => names.includes(name)));
    for (const section of sections) expect(section).toMatch(/^- /m);
  }
});
