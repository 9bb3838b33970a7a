import { describe, expect, it } from 'vitest';
import { parseIssueRecord } from '../../../shared/issue/record.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { BROKEN } from './broken-records.ts';
import { KEPT } from './kept-records.ts';

describe('a record is valid with', () => {
  it.each(KEPT.map(({ rule, record }) => [rule, record] as const))('%s', (_rule, record) => {
    expect(parseIssueRecord(record)).toMatchObject({ ok: true });
  });
});

describe('a record is invalid, with a message that names path and rule, unless', () => {
  it.each(BROKEN.map(({ rule, record, message }) => [rule, record, message] as const))(
    '%s',
    (_rule, record, message) => {
      expect(parseIssueRecord(record)).toEqual({ ok: false, message });
    },
  );
});

describe('the message about an invalid record', () => {
  it('says how many more errors there are', () => {
    expect(parseIssueRecord({ ...anIssue(), title: '', url: 'x', creator: { email: 'x' } })).toEqual({
      ok: false,
      message: 'title: must have 1 to 500 characters (and 2 more)',
    });
  });

  it.each([undefined, null, 'text', []])('is about the record if there is none: %j', (item) => {
    expect(parseIssueRecord(item)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^the record: /),
    });
  });

  it('never contains a value, which could be SQL', () => {
    const secret = 'DROP TABLE secrets';
    const broken = {
      ...anIssue(),
      status: secret,
      url: secret,
      creator: { email: secret },
      approvalMode: secret,
      stages: [{ ...aStage(), tasks: [{ ...aTask(), check: secret, sheet: secret, statement: secret }] }],
    };
    for (const name of Object.keys(broken)) {
      const parsed = parseIssueRecord({
        ...anIssue(),
        [name]: Object.getOwnPropertyDescriptor(broken, name)?.value,
      });
      expect(JSON.stringify(parsed.ok || parsed.message)).not.toContain('DROP');
    }
  });
});

it('drops unknown attributes', () => {
  expect(parseIssueRecord({ ...anIssue(), own: 1 })).toEqual({ ok: true, record: anIssue() });
});
