import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { inParallel } from '../runtime/in-parallel.ts';
import { sha256 } from '../runtime/sha256.ts';
import type { SettingsPlace } from '../settings/settings-store.ts';
import { sweepKey } from '../tables/keys.ts';
import type { WorkQueue } from './plan/hint.ts';
import type { DueRound } from './store/due-rounds.ts';

/**
 * After saving: hints every issue with such a round, so that what waited for the set-up goes out at once, and sends
 * the sweep's walk back to the start, even if it is running, for issues that have no round yet. `save` deduplicates: the
 * revision of the settings, or another name of this one save.
 */
export async function resumeApprovals(
  rounds: readonly DueRound[],
  save: number | string,
  { documents, tableName, queue }: SettingsPlace & { queue: WorkQueue },
): Promise<void> {
  await documents.send(
    new UpdateCommand({
      TableName: tableName,
      Key: sweepKey,
      UpdateExpression: 'REMOVE issueId, nextLapAt SET resets = if_not_exists(resets, :none) + :one',
      ExpressionAttributeValues: { ':none': 0, ':one': 1 },
    }),
  );
  const byIssue = [...Map.groupBy(rounds, (round) => round.issueId)];
  await inParallel(byIssue, async ([issueId, ofIssue]) => {
    const approvalIds = ofIssue.map((round) => round.approvalId);
    const issue = sha256(issueId);
    await queue.send({ kind: 'DUE', issueId, approvalIds, resync: true }, `settings-${save}-${issue}`);
  });
}
