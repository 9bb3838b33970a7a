import { answerJson, parseBody } from '../../shared/runtime/http.ts';
import { removeExternalNode } from '../../shared/setup/remove-external-node.ts';
import { nodeRequestSchema, saveExternalNode } from '../../shared/setup/save-external-node.ts';
import { showNode, showNodes } from '../../shared/setup/show-external-nodes.ts';
import type { Methods } from './routes.ts';

export const EXTERNAL_NODES: Methods = {
  GET: async (_, { place }) => answerJson(200, await showNodes(place)),
};

export const externalNodeRoute = (nodeId: string): Methods => ({
  GET: async (_, { place }) => answerJson(200, await showNode(nodeId, place)),
  async PUT(event, work) {
    const request = parseBody(event, nodeRequestSchema(work.external));
    return answerJson(200, await saveExternalNode(nodeId, request, work));
  },
  async DELETE(_, work) {
    const outcome = await removeExternalNode(nodeId, work);
    if (outcome.kind === 'REMOVED') return answerJson(200, { nodeId: outcome.nodeId });
    const { live } = outcome;
    const message = `Live approvals use this external node (${live}): it can be removed once they are decided or withdrawn.`;
    return answerJson(409, { code: 'NODE_IN_USE', message, live });
  },
});
