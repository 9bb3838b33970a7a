import { APPROVER_NODE_ID, WIDGETS } from '../feishu/definition.ts';
import type { DefinitionWidget, FeishuDefinition } from '../feishu/setup-client.ts';

/** A difference from the definition that this product creates. */
export interface Difference {
  /** A clause about "it", the definition. */
  says: string;
  /** True: an overwrite would lose something that is not ours. False: something of ours is missing. */
  foreign: boolean;
}

/**
 * Returns the differences that make an active definition unusable; an empty list means it fits (docs/feishu.md 3.2,
 * start-up check).
 */
export function differencesOf({ widgets, namesNodes, freeNodes }: FeishuDefinition): Difference[] {
  // If Feishu returns neither nodes nor form, accept the definition; the first send shows any problem.
  if (!namesNodes && widgets?.length === 0) return [];
  return [...(namesNodes ? differencesOfNodes(freeNodes) : []), ...differencesOfWidgets(widgets)];
}

export const asksForSignature = ({ freeNodes }: FeishuDefinition): boolean =>
  freeNodes.some(({ requiresSignature }) => requiresSignature);

function differencesOfNodes(nodes: FeishuDefinition['freeNodes']): Difference[] {
  const others = nodes.filter(({ key }) => key !== APPROVER_NODE_ID).map(({ key }) => key ?? '');
  const differences: Difference[] = [];
  if (others.length === nodes.length) {
    differences.push({ says: `it lacks the node ${APPROVER_NODE_ID} with a chosen approver`, foreign: true });
  }
  if (others.length > 0) {
    differences.push({ says: `it has other nodes with a chosen approver: ${listed(others)}`, foreign: true });
  }
  if (nodes.some(({ requiresSignature }) => requiresSignature)) {
    differences.push({ says: 'it asks for a handwritten signature', foreign: true });
  }
  return differences;
}

function differencesOfWidgets(found: DefinitionWidget[] | undefined): Difference[] {
  if (found === undefined) return [{ says: 'its form cannot be read', foreign: true }];
  const wanted = new Map(WIDGETS.map(({ id, type }) => [id, type as string]));
  const present = new Map(found.map(({ id, type }) => [id, type]));
  const missing = [...wanted.keys()].filter((id) => !present.has(id));
  const otherwise = [...present].filter(([id, type]) => wanted.has(id) && wanted.get(id) !== type);
  const tooMany = found
    .filter(({ id }, index) => !wanted.has(id) || found.findIndex((one) => one.id === id) < index)
    .map(({ id }) => id);
  const differences: Difference[] = [];
  if (missing.length > 0)
    differences.push({ says: `it lacks the widgets ${missing.join(', ')}`, foreign: false });
  if (otherwise.length > 0) {
    const types = otherwise.map(([id, type]) => `${id} (${shortened(type)}, not ${wanted.get(id)})`);
    differences.push({ says: `these widgets have another type: ${types.join(', ')}`, foreign: true });
  }
  if (tooMany.length > 0) {
    differences.push({ says: `it has extra widgets: ${listed(tooMany)}`, foreign: true });
  }
  return differences;
}

const MAX_LISTED = 10;
const MAX_NAME = 40;

/** Lists ids that others chose: at most ten, without control characters. */
function listed(ids: readonly string[]): string {
  const shown = ids.slice(0, MAX_LISTED).map((id) => shortened(id) || '(no id)');
  const more = ids.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

const shortened = (id: string): string =>
  [...id.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()].slice(0, MAX_NAME).join('');
