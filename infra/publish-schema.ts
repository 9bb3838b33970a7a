import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { issueRecordSchema } from '../shared/issue/record.ts';

/** The JSON Schema of the issue record as it is published, as text. */
export function issueRecordJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(issueRecordSchema, { io: 'input' }), null, 2)}\n`;
}

// `npm run generate` starts this file; an import of it does nothing.
const [, started = ''] = process.argv;
if (basename(started) === 'publish-schema.ts') {
  writeFileSync(join(dirname(started), '../docs/issue-record.schema.json'), issueRecordJsonSchema());
}
