import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { issueRecordJsonSchema } from '../../../infra/publish-schema.ts';
import { accepts } from '../../support/json-schema.ts';
import { BROKEN } from './broken-records.ts';
import { KEPT } from './kept-records.ts';

const published = new URL('../../../docs/issue-record.schema.json', import.meta.url);

describe('the published JSON Schema', () => {
  it('is up to date (if not, run "npm run generate")', () => {
    expect(readFileSync(published, 'utf8')).toBe(issueRecordJsonSchema());
  });

  const schema: unknown = JSON.parse(issueRecordJsonSchema());

  it.each(KEPT.map(({ rule, record }) => [rule, record] as const))('accepts %s', (_rule, record) => {
    expect(accepts(schema, record)).toBe(true);
  });

  it.each(
    BROKEN.filter((breach) => !breach.beyondJsonSchema).map(({ rule, record }) => [rule, record] as const),
  )('refuses as the code does: %s', (_rule, record) => {
    expect(accepts(schema, record)).toBe(false);
  });

  it.each([
    'stageId and stepId unique in the issue',
    'taskId unique in its stage',
    'currentStageId names a stage',
    'at most 1,000 tasks in all',
    'at most 350 KB',
  ])('states in its description the rule that it cannot express: %s', (rule) => {
    expect(schema).toMatchObject({ description: expect.stringContaining(rule) });
  });

  it('allows unknown attributes at any level', () => {
    expect(issueRecordJsonSchema()).not.toContain('additionalProperties');
  });
});
