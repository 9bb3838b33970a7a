import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { inParallel } from '../runtime/in-parallel.ts';
import { sha256 } from '../runtime/sha256.ts';
import type { SettingsPlace } from '../settings/settings-store.ts';
import { sweepKey } from '../tables/approval-keys.ts';
import type { WorkQueue } from './plan/hint.ts';
import type { DueRound } from './store/due-rounds.ts';

/**
 * Resumes waiting work after the settings or an external node are saved. It hints every issue with one of these
 * rounds, so that what waited for the set-up is sent at once. It also sends the walk of the sweep back to the start,
 * even while it runs, for issues that have no round yet.
 * @param save the revision of the settings, or another name of this one save: part of the deduplication ids
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
