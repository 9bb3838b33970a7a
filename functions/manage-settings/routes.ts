import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { AppError } from '../../shared/runtime/errors.ts';
import { answerJson, parseBody } from '../../shared/runtime/http.ts';
import { checkFeishu, checkRequestSchema } from '../../shared/setup/check-feishu.ts';
import { disableFeishu } from '../../shared/setup/disable-feishu.ts';
import { enableFeishu, enableRequestSchema } from '../../shared/setup/enable-feishu.ts';
import { removeExternalNode } from '../../shared/setup/remove-external-node.ts';
import { nodeRequestSchema, saveExternalNode } from '../../shared/setup/save-external-node.ts';
import type { SetupContext } from '../../shared/setup/setup-context.ts';
import { showNode, showNodes } from '../../shared/setup/show-external-nodes.ts';
import { showSettings } from '../../shared/setup/show-settings.ts';
import { readTest } from '../../shared/setup/test-approval-state.ts';

type Answer = Promise<APIGatewayProxyStructuredResultV2>;
type Methods = Record<string, (event: APIGatewayProxyEventV2, work: SetupContext) => Answer>;

/** The settings routes of docs/contract.md 4. */
const FEISHU: Methods = {
  GET: async (_, { place }) => answerJson(200, await showSettings(place)),
  async PUT(event, work) {
    const outcome = await enableFeishu(parseBody(event, enableRequestSchema), work);
    return outcome.kind === 'ENABLED'
      ? answerJson(200, outcome.view)
      : answerJson(422, { checks: outcome.checks, approvalCode: outcome.approvalCode });
  },
  DELETE: async (_, work) => answerJson(202, await disableFeishu(work)),
};

const CHECK: Methods = {
  async POST(event, work) {
    const { kind, ...outcome } = await checkFeishu(
      event.body ? parseBody(event, checkRequestSchema) : {},
      work,
    );
    if ('view' in outcome) return answerJson(200, outcome.view);
    return answerJson(kind === 'SENT' ? 202 : 422, outcome);
  },
};

const testRoute = (testId: string): Methods => ({
  GET: async (_, work) => answerJson(200, await readTest(testId, work)),
});

/** The routes of external approval nodes. */
const EXTERNAL_NODES: Methods = {
  GET: async (_, { place }) => answerJson(200, await showNodes(place)),
};

const externalNodeRoute = (nodeId: string): Methods => ({
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

/** Rejects with an `AppError` for an unknown path or method. */
export async function route(event: APIGatewayProxyEventV2, work: SetupContext): Answer {
  const methods = methodsOf(event);
  if (!methods) throw new AppError('NOT_FOUND', 'There is no such route.');
  const { method } = event.requestContext.http;
  const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!run) {
    throw new AppError('METHOD_NOT_ALLOWED', `This route supports ${Object.keys(methods).join(', ')}.`);
  }
  return run(event, work);
}

function methodsOf(event: APIGatewayProxyEventV2): Methods | undefined {
  const { rawPath } = event;
  if (rawPath === '/settings/feishu') return FEISHU;
  if (rawPath === '/settings/feishu/check') return CHECK;
  if (rawPath === '/settings/external-approvals') return EXTERNAL_NODES;
  const nodeId = nodeIdOf(event);
  if (nodeId !== undefined) return externalNodeRoute(nodeId);
  const testId = /^\/settings\/feishu\/check\/([\w-]{1,64})$/.exec(rawPath)?.[1];
  return testId === undefined ? undefined : testRoute(testId);
}

const NODE = /^\/settings\/external-approvals\/([^/]+)$/;

/**
 * Returns the id of the node in the path, or undefined. API Gateway decodes path parameters; a test or another HTTP
 * front may pass the path alone.
 */
function nodeIdOf({
  rawPath,
  pathParameters,
}: Pick<APIGatewayProxyEventV2, 'rawPath' | 'pathParameters'>): string | undefined {
  const inPath = NODE.exec(rawPath)?.[1];
  if (inPath === undefined) return undefined;
  return pathParameters?.nodeId ?? decoded(inPath);
}

/** Returns the part as it is if it cannot be decoded: then no node has that id. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
