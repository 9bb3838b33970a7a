import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { AppError } from '../../shared/runtime/errors.ts';
import { answerJson, parseBody } from '../../shared/runtime/http.ts';
import { checkFeishu, checkRequestSchema } from '../../shared/setup/check-feishu.ts';
import { disableFeishu } from '../../shared/setup/disable-feishu.ts';
import { enableFeishu, enableRequestSchema } from '../../shared/setup/enable-feishu.ts';
import type { SetupContext } from '../../shared/setup/setup-context.ts';
import { showSettings } from '../../shared/setup/show-settings.ts';
import { readTest } from '../../shared/setup/test-approval-state.ts';
import { EXTERNAL_NODES, externalNodeRoute } from './external-routes.ts';
import { nodeIdOf } from './path-parameters.ts';

type Answer = Promise<APIGatewayProxyStructuredResultV2>;
export type Methods = Record<string, (event: APIGatewayProxyEventV2, work: SetupContext) => Answer>;

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

/** Rejects with an `AppError` for a path or a method that is none. */
export async function route(event: APIGatewayProxyEventV2, work: SetupContext): Answer {
  const methods = methodsOf(event);
  if (!methods) throw new AppError('NOT_FOUND', 'There is no such route.');
  const { method } = event.requestContext.http;
  const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!run) {
    throw new AppError('METHOD_NOT_ALLOWED', `This route knows ${Object.keys(methods).join(', ')}.`);
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
