import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { taskHash } from '../../../shared/issue/content-hash.ts';
import type { Task } from '../../../shared/issue/record.ts';
import { aTask } from '../../support/issue.ts';
import { taskHashVectors } from '../../support/task-hash-vectors.ts';

const hexSha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** RFC 8785, section 3.2.2.2, step by step and without JSON.stringify. */
function canonicalString(text: string): string {
  const short = new Map([...'\b\t\n\f\r"\\'].map((char, at) => [char, `\\${'btnfr"\\'[at]}`]));
  const escaped = (char: string): string => {
    const code = char.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) throw new Error('a lone surrogate has no canonical form');
    return short.get(char) ?? (code < 0x20 ? `\\u${code.toString(16).padStart(4, '0')}` : char);
  };
  return `"${Array.from(text, escaped).join('')}"`;
}

const canonicalOrNull = (text: string | null | undefined): string =>
  text === null || text === undefined ? 'null' : canonicalString(text);

/** Section 3.2.1: no white space. Section 3.2.3: elements of an array stay in order. */
function canonicalOf({ taskId, type, instance, database, statement, sheet }: Task): string {
  const what = sheet
    ? `[${canonicalString(sheet.uri)},${canonicalString(sheet.sha256)}]`
    : canonicalString(statement ?? '');
  return `[${canonicalString(taskId)},${[type, instance, database].map(canonicalOrNull).join()},${what}]`;
}

describe('the task hash (docs/lessons.md 45)', () => {
  it.each(taskHashVectors.map((vector) => [vector.what, vector] as const))(
    'is over the canonical JSON of RFC 8785: %s',
    (_what, { task, hashed, sha256 }) => {
      const text = canonicalOf(task);
      expect(typeof hashed === 'string' ? text : Buffer.byteLength(text)).toBe(hashed);
      expect(hexSha256(text)).toBe(sha256);
      expect(taskHash(task)).toBe(sha256);
    },
  );

  it('is canonical for every character of Unicode', () => {
    for (let code = 0; code <= 0x10ffff; code += 0x800) {
      const codes = Array.from({ length: 0x800 }, (_, at) => code + at);
      if (code === 0xd800) continue;
      const task = aTask({ statement: String.fromCodePoint(...codes) });
      expect(taskHash(task), `from U+${code.toString(16)}`).toBe(hexSha256(canonicalOf(task)));
    }
  });

  it('is canonical for any task', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    const perhaps = fc.option(text, { nil: null });
    const task = fc.record({ taskId: text, type: perhaps, instance: perhaps, database: perhaps });
    const sql = fc.oneof(
      perhaps.map((statement) => ({ statement })),
      text.map((uri) => ({
        statement: null,
        sheet: { uri, sha256: 'A'.repeat(64), sizeBytes: 1, preview: '' },
      })),
    );
    fc.assert(
      fc.property(task, sql, (one, what) => {
        const changed = { ...aTask(), ...one, ...what };
        expect(taskHash(changed)).toBe(hexSha256(canonicalOf(changed)));
      }),
      { numRuns: 2_000 },
    );
  });
});

it('the vectors cover characters that encoders write differently', () => {
  const sql = taskHashVectors.map(({ task }) => task.statement ?? '').join('');
  const characters = [...'<>&\'"\\/=\u2028\u2029\u007f\ufeff\u202e😀店', ...Array(32).keys()].map((one) =>
    typeof one === 'number' ? String.fromCharCode(one) : one,
  );
  expect(characters.filter((one) => !sql.includes(one))).toEqual([]);
  expect(taskHashVectors.some(({ task }) => Buffer.byteLength(task.statement ?? '') >= 100_000)).toBe(true);
  expect(taskHashVectors.some(({ task }) => task.statement === '' && task.type === '')).toBe(true);
  expect(taskHashVectors.some(({ task }) => task.statement === undefined && task.type === undefined)).toBe(
    true,
  );
});
