import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseIssueRecord } from '../../../shared/issue/record.ts';
import { safeParse } from '../../../shared/runtime/safe-parse.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';

/** A value from JSON that zod cannot compare. */
const ODD: unknown = JSON.parse('{"length":{"toString":null}}');

const schema = z.object({ text: z.string().min(1).max(9), list: z.array(z.string()).max(3) });
const pathsOf = (value: unknown) => safeParse(schema, value).error?.issues.map(({ path }) => path.join('.'));

describe('a value with a length that cannot be compared', () => {
  it('is an error at its path, without throwing', () => {
    expect(() => schema.safeParse({ text: ODD, list: [] })).toThrow(TypeError);
    expect(pathsOf({ text: ODD, list: ODD })).toEqual(['text', 'list']);
    expect(pathsOf({ text: 'fine', list: [ODD, 'fine'] })).toEqual(['list.0']);
  });

  it('is an error also beside endless nesting', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    expect(pathsOf({ text: ODD, list: [], deep })).toEqual(['text']);
  });

  it.each<[string, object]>([
    ['title', { ...anIssue(), title: ODD }],
    ['creator.email', { ...anIssue(), creator: { email: ODD } }],
    ['stages', { ...anIssue(), stages: ODD }],
    ['stages[0].stageId', { ...anIssue(), stages: [{ ...aStage(), stageId: ODD }] }],
    [
      'stages[0].tasks[0].taskId',
      { ...anIssue(), stages: [{ ...aStage(), tasks: [{ ...aTask(), taskId: ODD }] }] },
    ],
  ])('makes an issue record invalid, naming %s (docs/lessons.md 13)', (path, record) => {
    const parsed = parseIssueRecord(record);
    expect(parsed).toMatchObject({ ok: false, message: expect.stringContaining(`${path}: `) });
  });

  it("does not disturb Frabit's own attributes", () => {
    expect(parseIssueRecord({ ...anIssue(), frabitsOwn: ODD })).toMatchObject({ ok: true });
  });
});
