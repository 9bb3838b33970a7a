import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type Declared, scan } from '../../support/log-scan.ts';
import { RECORD_SUFFIX } from '../../support/log-scan-record.ts';
import { readRecords } from '../../support/log-scan-run.ts';

// Made here and declared only to the scan of this test, because a failure prints it.
const SECRET = ['s3cret', 'value/+"quoted"', 'ü'].join(' ');
const STATEMENT = 'ALTER TABLE accounts\n\tADD COLUMN balance DECIMAL(10, 2) -- 余额\n;';

const secret: Declared = { what: 'SECRET', kind: 'app secret', value: SECRET };
const statement: Declared = { what: 'STATEMENT', kind: 'SQL statement', value: STATEMENT };
const scanText = (text: string, ...declared: Declared[]) => [
  ...new Set(scan([{ test: 'a.test.ts', name: 'stdout', text }], declared).map(({ kind }) => kind)),
];

describe('the log scan finds a secret', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  it.each<[string, string]>([
    ['in plain text', `the value is ${SECRET}.`],
    ['at the very beginning', SECRET],
    ['in JSON', JSON.stringify({ attributes: { a: SECRET } })],
    ['in JSON within JSON', JSON.stringify({ body: JSON.stringify({ a: SECRET }) })],
    ['in JSON that is all ASCII', JSON.stringify(SECRET).replaceAll('ü', '\\u00fc')],
    ['in a path', `GET /a/${encodeURIComponent(SECRET)}`],
    [
      'in a path, in lower case',
      `/a/${encodeURIComponent(SECRET).replaceAll(/%../g, (hex) => hex.toLowerCase())}`,
    ],
    ['in a form', String(new URLSearchParams({ a: SECRET }))],
    ['in base64', base64(SECRET)],
    ['in base64, after one byte', base64(`:${SECRET} and more`)],
    ['in base64, after two bytes', base64(`a:${SECRET} and more`)],
    ['in base64url', Buffer.from(`user:${SECRET}`).toString('base64url')],
    ['in hex', Buffer.from(SECRET).toString('hex')],
    ['as console.log prints it', inspect({ options: { value: SECRET } })],
  ])('%s', (_, text) => {
    expect(scanText(text, secret)).toEqual(['app secret']);
  });

  it('and reports its test, stream and spelling once, but not its value', () => {
    const text = `${SECRET}\n${SECRET}\n`;
    const found = scan([{ test: 'a.test.ts', name: 'child 1 stderr', text }], [secret, secret]);
    expect(found).toEqual([
      { kind: 'app secret', test: 'a.test.ts', source: 'child 1 stderr', spelling: 'plain' },
    ]);
  });
});

describe('the log scan finds a statement', () => {
  const long = `INSERT INTO prices VALUES\n${Array.from({ length: 300 }, (_, row) => `(${row}, ${row * 7})`).join(',\n')};`;
  it.each<[string, string, string]>([
    ['whole', STATEMENT, STATEMENT],
    ['in JSON', STATEMENT, JSON.stringify([STATEMENT])],
    ['by one line of it', STATEMENT, '+ ADD COLUMN balance DECIMAL(10, 2) -- 余额'],
    ['without its end', long, `${long.slice(0, 80)}…`],
    ['without its beginning', long, `…${long.slice(-80)}`],
    ['as console.log breaks it into lines', STATEMENT, inspect({ statement: STATEMENT.repeat(3) })],
  ])('%s', (_, value, text) => {
    expect(scanText(text, { ...statement, value })).toEqual(['SQL statement']);
  });
});

describe('the log scan finds nothing', () => {
  it.each<[string, string, Declared]>([
    ['in a text without secrets', 'all is well', secret],
    ['of half a secret', SECRET.slice(1), secret],
    ['of a secret as short as a word', 'local', { ...secret, value: 'local' }],
    ['of a very short statement', 'SELECT 1', { ...statement, value: 'SELECT 1' }],
    ['of a statement of one repeated letter', 'x'.repeat(400), { ...statement, value: 'x'.repeat(300) }],
  ])('%s', (_, text, declared) => {
    expect(scanText(text, declared)).toEqual([]);
  });
});

describe('the record of a test run', () => {
  const directory = mkdtempSync(join(tmpdir(), 'frabit-log-scan-test-'));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  const entries = (...lines: object[]) =>
    writeFileSync(
      join(directory, `1${RECORD_SUFFIX}`),
      `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"source":"stdout","te`,
    );

  it('joins split writes, accepts an incomplete last line, and skips the secrets that npm start prints', () => {
    const printed = '  App ID              cli_1\n  App secret          0a1b2c3d4e5f\n';
    entries(
      { test: 'test/a.test.ts' },
      { source: 'stdout', text: SECRET.slice(0, 9) },
      { source: 'stderr', text: 'between' },
      { source: 'stdout', text: SECRET.slice(9) },
      { declared: secret },
      { source: 'child 1 stdout', text: printed },
      { source: 'child 1 stdout', text: 'later: 0a1b2c3d4e5f\n' },
    );
    const { sources, declared } = readRecords(directory);
    expect(scan(sources, declared)).toEqual([
      { kind: 'app secret', test: 'test/a.test.ts', source: 'stdout', spelling: 'plain' },
      { kind: 'app secret', test: 'test/a.test.ts', source: 'child 1 stdout', spelling: 'plain' },
    ]);
    const quiet = sources.map((source) => ({ ...source, text: source.text.replace(/later: .*/, '') }));
    expect(scan(quiet.slice(2), declared)).toEqual([]);
  });
});
