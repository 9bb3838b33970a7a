import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { watchRecord } from '../../functions/watch-issues/watch-record.ts';
import type { Hint } from '../../shared/approval/plan/hint.ts';
import { streamRecord } from '../simulation/dynamodb/stream-records.ts';
import { aCounter } from './counter.ts';
import { aLog } from './log.ts';

export type Rang = Extract<Hint, { kind: 'RECORD_CHANGED' }>['rang'];
type Item = Record<string, AttributeValue>;

/** Returns the ring that watch-issues reports when a record changes. */
export async function ringInChange(before: Item | undefined, after: Item): Promise<Rang> {
  const hints: Hint[] = [];
  const queue = { send: async (hint: Hint) => void hints.push(hint) };
  await watchRecord(streamRecord(1, ['issueId'], before, after), {
    queue,
    counter: aCounter(),
    logger: aLog(),
  });
  const [hint] = hints;
  return hint?.kind === 'RECORD_CHANGED' ? hint.rang : undefined;
}
