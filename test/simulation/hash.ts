import { createHash } from 'node:crypto';
import type { Task } from '../../shared/issue/record.ts';

/** The task hash of CONTRACT section 1, written apart from the product's. */
export function hashOf({ taskId, type, instance, database, statement, sheet }: Task): string {
  const what = sheet ? [sheet.uri, sheet.sha256] : (statement ?? '');
  const text = JSON.stringify([taskId, type ?? null, instance ?? null, database ?? null, what]);
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
