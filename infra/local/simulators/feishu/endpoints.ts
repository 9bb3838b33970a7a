import { createComment, listComments } from './comments.ts';
import { createDefinition, getDefinition, subscribe, unsubscribe } from './definitions.ts';
import type { EndpointName } from './endpoint-names.ts';
import { cancelInstance, createInstance, getInstance } from './instances.ts';
import { type Limit, NARROW, WIDE } from './limits.ts';
import { lookUpPeople, showBot, showScopes } from './lookups.ts';
import { sendMessage } from './messages.ts';
import { invalidParameter, Refusal } from './refusal.ts';
import { answerToken } from './tokens.ts';
import type { Call, World } from './world.ts';

/** One API below /open-apis (docs/contract.md 2, "What we call at Feishu", and the table of docs/feishu.md 3.0). */
export interface Endpoint {
  name: EndpointName;
  method: 'GET' | 'POST';
  /** A segment that starts with a colon is a parameter. */
  path: string;
  limit: Limit;
  /** Any one of these is enough; empty: no scope required. */
  scopes: readonly string[];
  /** Counts against the monthly quota (docs/feishu.md 8). */
  metered: boolean;
  /** Needs no token: only the API that returns tokens. */
  open?: true;
  refuseBody: (message: string) => Refusal;
  answer: (world: World, call: Call) => Record<string, unknown>;
}

const invalidField = (message: string) => new Refusal(400, 99992402, `field validation failed: ${message}`);
const common = { limit: {}, scopes: [], metered: false, refuseBody: invalidField } as const;
const approval = { metered: true, refuseBody: invalidParameter } as const;
const DEFINITION = ['approval:approval', 'approval:definition'];
const INSTANCE = ['approval:approval', 'approval:instance'];
const READ_INSTANCE = ['approval:approval', 'approval:approval:readonly', 'approval:instance'];
const COMMENT = ['approval:approval', 'approval:instance.comment'];

export const ENDPOINTS: readonly Endpoint[] = [
  {
    ...common,
    name: 'token',
    method: 'POST',
    path: '/auth/v3/tenant_access_token/internal',
    open: true,
    refuseBody: () => new Refusal(200, 10003, 'invalid param'),
    answer: (world, { body }) => answerToken(world.app, world.tokens, body),
  },
  { ...common, name: 'bot', method: 'GET', path: '/bot/v3/info', answer: showBot },
  { ...common, name: 'scopes', method: 'GET', path: '/application/v6/scopes', answer: showScopes },
  {
    ...common,
    name: 'people',
    method: 'POST',
    path: '/contact/v3/users/batch_get_id',
    limit: WIDE,
    scopes: ['contact:user.id:readonly'],
    answer: lookUpPeople,
  },
  {
    ...approval,
    name: 'createDefinition',
    method: 'POST',
    path: '/approval/v4/approvals',
    limit: WIDE,
    scopes: DEFINITION,
    answer: createDefinition,
  },
  {
    ...approval,
    name: 'getDefinition',
    method: 'GET',
    path: '/approval/v4/approvals/:code',
    limit: NARROW,
    scopes: ['approval:approval', 'approval:approval:readonly', 'approval:definition'],
    answer: getDefinition,
  },
  {
    ...approval,
    name: 'subscribe',
    method: 'POST',
    path: '/approval/v4/approvals/:code/subscribe',
    limit: NARROW,
    scopes: DEFINITION,
    answer: subscribe,
  },
  {
    ...approval,
    name: 'unsubscribe',
    method: 'POST',
    path: '/approval/v4/approvals/:code/unsubscribe',
    limit: NARROW,
    scopes: DEFINITION,
    answer: unsubscribe,
  },
  {
    ...approval,
    name: 'createInstance',
    method: 'POST',
    path: '/approval/v4/instances',
    limit: NARROW,
    scopes: INSTANCE,
    answer: createInstance,
  },
  {
    ...approval,
    name: 'cancelInstance',
    method: 'POST',
    path: '/approval/v4/instances/cancel',
    limit: NARROW,
    scopes: READ_INSTANCE,
    answer: cancelInstance,
  },
  {
    ...approval,
    name: 'getInstance',
    method: 'GET',
    path: '/approval/v4/instances/:id',
    limit: WIDE,
    scopes: READ_INSTANCE,
    answer: getInstance,
  },
  {
    ...approval,
    name: 'createComment',
    method: 'POST',
    path: '/approval/v4/instances/:id/comments',
    limit: WIDE,
    scopes: COMMENT,
    answer: createComment,
  },
  {
    ...approval,
    name: 'listComments',
    method: 'GET',
    path: '/approval/v4/instances/:id/comments',
    limit: WIDE,
    scopes: [...COMMENT, 'approval:approval:readonly'],
    answer: listComments,
  },
  {
    ...common,
    name: 'sendMessage',
    method: 'POST',
    path: '/im/v1/messages',
    limit: WIDE,
    metered: true,
    scopes: ['im:message', 'im:message:send_as_bot', 'im:message:send'],
    refuseBody: (message) => new Refusal(400, 230001, `invalid request parameter: ${message}`),
    answer: sendMessage,
  },
];

/** Finds the endpoint of a request below /open-apis. Refuses an unknown path with 99991201, a method with 99991301. */
export function matchEndpoint(
  method: string,
  path: string,
): { endpoint: Endpoint; params: Record<string, string> } {
  const candidates = ENDPOINTS.flatMap((endpoint) => {
    const params = matchPath(endpoint.path, path);
    return params === undefined ? [] : [{ endpoint, params }];
  });
  const found = candidates.find(({ endpoint }) => endpoint.method === method);
  if (found) return found;
  if (candidates.length > 0) throw new Refusal(405, 99991301, `method not allowed: ${method}`);
  throw new Refusal(404, 99991201, 'path not found');
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const [expected, given] = [template.split('/'), path.split('/')];
  if (expected.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of expected.entries()) {
    const actual = given[index] ?? '';
    if (segment.startsWith(':')) {
      const value = decodeSegment(actual);
      if (value === undefined || value === '') return undefined;
      params[segment.slice(1)] = value;
    } else if (segment !== actual) return undefined;
  }
  return params;
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
