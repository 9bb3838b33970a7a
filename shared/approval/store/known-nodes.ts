import type { ParsedImage } from '../../issue/issue-image.ts';
import type { ExternalNode } from '../../settings/external-nodes.ts';

/**
 * Makes a record invalid that names an external node which is not configured (docs/contract.md 1). Unlike the other
 * rules, this one can be broken and fixed without a change of the record.
 */
export function requireNodes(parsed: ParsedImage, nodes: readonly ExternalNode[]): ParsedImage {
  if (!parsed.ok) return parsed;
  const steps = parsed.record.approvalFlow?.steps ?? [];
  const known = new Set(nodes.map(({ nodeId }) => nodeId));
  const index = steps.findIndex(
    ({ kind, externalNodeId }) => kind === 'EXTERNAL' && !known.has(externalNodeId ?? ''),
  );
  if (index < 0) return parsed;
  const name = JSON.stringify(steps[index]?.externalNodeId);
  const message = `approvalFlow.steps[${index}].externalNodeId: names the external approval node ${name}, which is not configured`;
  return { item: parsed.item, ok: false, message };
}
