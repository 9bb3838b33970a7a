import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { issueRecordJsonSchema } from '../../../infra/publish-schema.ts';
import { allTaskHashes } from '../../../shared/issue/content-hash.ts';
import { parseIssueRecord } from '../../../shared/issue/record.ts';
import { RELEASES, readRelease } from '../../fixtures/releases.ts';
import { differences } from './compare-schemas.ts';

const recordsSchema = z.array(
  z.object({ record: z.record(z.string(), z.unknown()), taskHashes: z.record(z.string(), z.string()) }),
);

describe.each(RELEASES)('an issue record of %s', (version) => {
  it('is still valid: no attribute is removed, newly required or restricted', () => {
    const before = readRelease(version, 'issue-record.schema.json');
    expect(differences(before, JSON.parse(issueRecordJsonSchema()), 'ACCEPTED')).toEqual([]);
  });

  it.each(recordsSchema.parse(readRelease(version, 'issue-records.json')))(
    'is read, and its task hashes have not changed: $record.issueId',
    ({ record, taskHashes }) => {
      const parsed = parseIssueRecord(record);
      expect(parsed.ok && allTaskHashes(parsed.record)).toEqual(taskHashes);
    },
  );
});
