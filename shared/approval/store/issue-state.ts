import { type ParsedImage, parseImage } from '../../issue/issue-image.ts';
import { WRITE_BACKS } from '../../issue/view.ts';
import type { Image } from '../../runtime/attribute-values.ts';
import type { ExternalNode } from '../../settings/external-nodes.ts';
import type { IssueState } from '../plan/snapshot.ts';

/**
 * Returns the state of an issue for the plan. A record that names an external node which is not among `nodes` is
 * invalid.
 */
export function issueState(raw: Image, nodes: readonly ExternalNode[]): IssueState {
  const parsed = requireNodes(parseImage(raw), nodes);
  const ours = Object.fromEntries(
    WRITE_BACKS.filter((name) => raw[name] !== undefined).map((name) => [name, parsed.item[name]]),
  );
  return parsed.ok
    ? { kind: 'VALID', record: parsed.record, ours, raw }
    : { kind: 'INVALID', message: parsed.message, ours, raw };
}

/**
 * Makes a record invalid that names an external node which is not configured (docs/contract.md 1). Unlike the other
 * rules, this one can be broken and fixed without a change of the record.
 */
function requireNodes(parsed: ParsedImage, nodes: readonly ExternalNode[]): ParsedImage {
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
