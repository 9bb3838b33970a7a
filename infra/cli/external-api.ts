import * as z from 'zod';
import { CommandProblem } from '../command-problem.ts';
import { EXIT } from '../exit-codes.ts';
import type { Deployment } from './deployment.ts';
import { parseAnswer, readRefusal } from './settings-answers.ts';

/** Calls of the settings API for external nodes (docs/contract.md 4). */

const nodeSchema = z.object({
  nodeId: z.string(),
  title: z.string(),
  endpoint: z.string(),
  /** Relative to the base URL of the API. */
  eventsPath: z.string(),
  /** Live approvals that use it. */
  live: z.number().default(0),
});
export type ExternalNode = z.infer<typeof nodeSchema>;

const savedSchema = nodeSchema
  .omit({ live: true })
  // Only in the answer that generated it: the API never returns it again.
  .extend({ signingSecret: z.string().min(1).optional() });
export type SavedNode = z.infer<typeof savedSchema>;

export interface NodeRequest {
  title: string;
  endpoint: string;
  signingSecret?: string | undefined;
  rotate?: true | undefined;
}

const ALL = '/external-approvals';
const pathOf = (nodeId: string): `/${string}` => `${ALL}/${encodeURIComponent(nodeId)}`;

export async function listNodes({ settings, where }: Deployment): Promise<ExternalNode[]> {
  const schema = z.object({ nodes: z.array(nodeSchema) });
  return parseAnswer(schema, await settings('GET', ALL), where).nodes;
}

/** Returns undefined if there is no node with this id. */
export async function readNode(
  { settings, where }: Deployment,
  nodeId: string,
): Promise<ExternalNode | undefined> {
  const answer = await settings('GET', pathOf(nodeId));
  return isUnknownNode(answer) ? undefined : parseAnswer(nodeSchema, answer, where);
}

/** Saves a node. Throws a CommandProblem with exit code 2 if the API refuses the request. */
export async function putNode(
  { settings, where }: Deployment,
  nodeId: string,
  request: NodeRequest,
): Promise<SavedNode> {
  const answer = await settings('PUT', pathOf(nodeId), request);
  if (answer.status === 422) {
    const { code = 'ENDPOINT_REFUSED', message = 'The settings API refuses this endpoint.' } =
      readRefusal(answer);
    throw new CommandProblem(EXIT.badInput, code, message);
  }
  return parseAnswer(savedSchema, answer, where);
}

/** Removes a node. `IN_USE`: open approvals use it, so it was not removed. */
export async function deleteNode(
  { settings, where }: Deployment,
  nodeId: string,
): Promise<{ kind: 'REMOVED' } | { kind: 'UNKNOWN' } | { kind: 'IN_USE'; message: string; live: number }> {
  const answer = await settings('DELETE', pathOf(nodeId));
  if (isUnknownNode(answer)) return { kind: 'UNKNOWN' };
  const { code, message } = readRefusal(answer);
  if (answer.status === 409 && code === 'NODE_IN_USE') {
    const { live } = z.object({ live: z.number().default(0) }).parse(answer.body);
    return { kind: 'IN_USE', message: message ?? 'Open approvals use this external node.', live };
  }
  parseAnswer(z.object({ nodeId: z.string() }), answer, where);
  return { kind: 'REMOVED' };
}

/** The 404 of API Gateway, for a stack without this route, has no code. */
const isUnknownNode = (answer: { status: number; body: unknown }): boolean =>
  answer.status === 404 && readRefusal(answer).code === 'NOT_FOUND';

/** Returns the URL where the OA posts its events. It has the same origin as `settingsUrl`. */
export const eventsUrlOf = (settingsUrl: string, eventsPath: string): string =>
  `${settingsUrl.replace(/\/settings\/*$/, '')}${eventsPath}`;
