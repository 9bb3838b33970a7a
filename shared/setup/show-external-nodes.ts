import { type DueRound, readDueRounds } from '../approval/store/due-rounds.ts';
import { AppError } from '../runtime/errors.ts';
import {
  type ExternalNode,
  NODE_ID,
  readExternalNode,
  readExternalNodes,
} from '../settings/external-nodes.ts';
import type { SettingsPlace } from '../settings/settings-store.ts';
import { countLiveAt } from './rounds-in-use.ts';

/** What the routes answer about an external node (docs/contract.md 4). It contains no secret. */
export interface ExternalNodeView {
  nodeId: string;
  title: string;
  endpoint: string;
  /** The path to which the OA posts its events, below the base URL of the API. */
  eventsPath: string;
}

export interface LiveNodeView extends ExternalNodeView {
  /** How many live approvals use it. */
  live: number;
}

export const viewOfNode = ({ nodeId, title, endpoint }: ExternalNode): ExternalNodeView => ({
  nodeId,
  title,
  endpoint,
  eventsPath: `/external-approvals/${nodeId}/events`,
});

const withLive = (node: ExternalNode, rounds: readonly DueRound[]): LiveNodeView => ({
  ...viewOfNode(node),
  live: countLiveAt(node.nodeId, rounds),
});

export const unknownNode = (): AppError => new AppError('NOT_FOUND', 'There is no such external node.');

/** Throws `BAD_REQUEST` if a text cannot be the id of a node. */
export function checkNodeId(nodeId: string): void {
  if (NODE_ID.test(nodeId)) return;
  throw new AppError(
    'BAD_REQUEST',
    'nodeId: must have 1 to 64 letters, digits, dots, hyphens and underscores, and begin with a letter or a digit.',
  );
}

/** `GET /settings/external-approvals/{nodeId}`. Rejects with `BAD_REQUEST` or `NOT_FOUND`. */
export async function showNode(nodeId: string, place: SettingsPlace): Promise<LiveNodeView> {
  checkNodeId(nodeId);
  const node = await readExternalNode(place, nodeId);
  if (!node) throw unknownNode();
  return withLive(node, await readDueRounds(place));
}

/** `GET /settings/external-approvals`. The nodes are in the order of their ids. */
export async function showNodes(place: SettingsPlace): Promise<{ nodes: LiveNodeView[] }> {
  const nodes = await readExternalNodes(place.documents, place.tableName);
  const rounds = nodes.length > 0 ? await readDueRounds(place) : [];
  return { nodes: nodes.map((node) => withLive(node, rounds)) };
}
