import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseImage } from '../../../shared/issue/issue-image.ts';
import { type IssueRecord, parseIssueRecord } from '../../../shared/issue/record.ts';
import { imageOf } from '../../support/issue.ts';
import { accepts } from '../../support/json-schema.ts';

const docs = new URL('../../../docs/', import.meta.url);
const read = (path: string) => JSON.parse(readFileSync(new URL(path, docs), 'utf8'));
const recordOf = (name: string): IssueRecord => {
  const parsed = parseIssueRecord(read(`examples/${name}`));
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.record;
};

const names = readdirSync(new URL('examples/', docs)).filter((name) => name.startsWith('issue-'));

it('there are three examples', () => {
  expect(names).toEqual(['issue-approval-flow.json', 'issue-one-stage.json', 'issue-three-stages.json']);
});

describe.each(names)('the example %s', (name) => {
  it('is a valid record, as JSON and as an item', () => {
    const example = read(`examples/${name}`);

    expect(parseIssueRecord(example)).toMatchObject({ ok: true });
    expect(parseImage(imageOf(example))).toMatchObject({ ok: true, item: example });
  });

  it('is valid against the published JSON Schema', () => {
    expect(accepts(read('issue-record.schema.json'), read(`examples/${name}`))).toBe(true);
  });
});

it('one example has one stage and one task', () => {
  expect(recordOf('issue-one-stage.json').stages.map((stage) => stage.tasks.length)).toEqual([1]);
});

it('one example has three stages and many tasks, one with a sheet', () => {
  const { stages } = recordOf('issue-three-stages.json');

  expect(stages).toHaveLength(3);
  expect(stages.flatMap((stage) => stage.tasks).length).toBeGreaterThan(20);
  expect(stages.flatMap((stage) => stage.tasks).filter((task) => task.sheet)).toHaveLength(1);
});

it('one example has an approval flow with both kinds of step', () => {
  expect(recordOf('issue-approval-flow.json').approvalFlow?.steps.map((step) => step.kind)).toEqual([
    'FRABIT',
    'EXTERNAL',
  ]);
});
