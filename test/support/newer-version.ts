import { type Round, roundSchema } from '../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../shared/approval/plan/snapshot.ts';
import { separateUnknown } from '../../shared/approval/plan/unknown-rounds.ts';
import type { IssueRecord } from '../../shared/issue/record.ts';
import { type FeishuSettings, feishuSettingsSchema } from '../../shared/settings/settings.ts';
import { aSnapshot, SETTINGS } from './round.ts';

/** What a newer version may have written: read as the store reads it, so that words of its own have our types. */

export const aNewerRound = (round: Round, changes: Record<string, unknown>): Round =>
  roundSchema.parse({ ...round, ...changes });

export const newerSettings = (changes: Record<string, unknown>): FeishuSettings =>
  feishuSettingsSchema.parse({ ...SETTINGS, ...changes });

/** As the store gives it, with what it cannot judge put apart. */
export function aNewerSnapshot(
  issue: IssueRecord,
  all: readonly Round[],
  changes: Partial<Snapshot> = {},
): Snapshot {
  const { rounds, unknown } = separateUnknown(all);
  return aSnapshot(issue, rounds, { unknown, ...changes });
}

/** In each of these ways a round of a stage is one that this version cannot judge. */
export const UNKNOWN_ROUNDS: [string, Record<string, unknown>][] = [
  ['state', { state: 'PAUSED' }],
  ['channel', { channel: 'PHONE' }],
  ['content version', { content: '{"v":2,"stageId":"stage-1"}' }],
];
