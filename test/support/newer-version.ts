import { type Round, roundSchema } from '../../shared/approval/plan/round.ts';
import { separateUnknown } from '../../shared/approval/plan/rounds-of-newer-versions.ts';
import type { Snapshot } from '../../shared/approval/plan/snapshot.ts';
import type { IssueRecord } from '../../shared/issue/record.ts';
import { type FeishuSettings, feishuSettingsSchema } from '../../shared/settings/settings.ts';
import { aSnapshot, SETTINGS } from './round.ts';

/** What a newer version may write. It is parsed as the store parses it, so that unknown values have our types. */

export const aNewerRound = (round: Round, changes: Record<string, unknown>): Round =>
  roundSchema.parse({ ...round, ...changes });

export const newerSettings = (changes: Record<string, unknown>): FeishuSettings =>
  feishuSettingsSchema.parse({ ...SETTINGS, ...changes });

/** A snapshot as the store returns it: rounds that this version cannot judge are separate. */
export function aNewerSnapshot(
  issue: IssueRecord,
  all: readonly Round[],
  changes: Partial<Snapshot> = {},
): Snapshot {
  const { rounds, unknown } = separateUnknown(all);
  return aSnapshot(issue, rounds, { unknown, ...changes });
}

/** Changes that make a round one that this version cannot judge. */
export const UNKNOWN_ROUNDS: [string, Record<string, unknown>][] = [
  ['state', { state: 'PAUSED' }],
  ['channel', { channel: 'PHONE' }],
  ['content version', { content: '{"v":2,"stageId":"stage-1"}' }],
];
