import { readDueRounds } from '../approval/store/due-rounds.ts';
import { deleteExternalNode, readExternalNode, writeExternalNode } from '../settings/external-nodes.ts';
import { readNodeSecret, writeNodeSecret } from '../settings/external-secret.ts';
import { countLiveAt } from './rounds-in-use.ts';
import { type SetupContext, withSettingsLock } from './setup-context.ts';
import { checkNodeId, unknownNode } from './show-external-nodes.ts';

export type RemoveResult =
  | { kind: 'REMOVED'; nodeId: string }
  /** Nothing changed, because live approvals use the node. */
  | { kind: 'IN_USE'; live: number };

/**
 * `DELETE /settings/external-approvals/{nodeId}`: removes the node, then its secret. If a call ends between the two,
 * the next call removes the secret. Rejects with `BAD_REQUEST`, `NOT_FOUND`, an error of the secret or `SETTINGS_BUSY`.
 */
export async function removeExternalNode(nodeId: string, context: SetupContext): Promise<RemoveResult> {
  checkNodeId(nodeId);
  const { place, external } = context;
  return withSettingsLock(context, async (lock) => {
    const node = await readExternalNode(place, nodeId);
    const secret = await readNodeSecret(external.secret, nodeId);
    if (!node && !secret) throw unknownNode();
    const live = countLiveAt(nodeId, await readDueRounds(place));
    if (node && live > 0) return { kind: 'IN_USE', live };
    await lock.renew();
    await deleteExternalNode(place, nodeId);
    // The index may lag, and a round may have been opened meanwhile. Then put the node back.
    const opened = countLiveAt(nodeId, await readDueRounds(place));
    if (node && opened > 0) {
      await writeExternalNode(place, node);
      return { kind: 'IN_USE', live: opened };
    }
    await writeNodeSecret(external.secret, nodeId, undefined);
    return { kind: 'REMOVED', nodeId };
  });
}
