import { type CommandResult, type Context, counted, oneLine } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { deleteNode, type ExternalNode, eventsUrlOf, listNodes, readNode } from '../external-api.ts';
import { badInput, canceled } from '../problem.ts';
import { checkNodeId } from './external-input.ts';

/** Adds the full URL for the node's events. */
export const withEventsUrl = <T extends { eventsPath: string }>(node: T, deployment: Deployment) => ({
  ...node,
  eventsUrl: eventsUrlOf(deployment.output('SettingsUrl'), node.eventsPath),
});

/** `frabit-im external list`. */
export async function listExternal(context: Context): Promise<CommandResult> {
  const { print, paint } = context;
  const deployment = await context.deployment();
  const nodes = (await listNodes(deployment)).map((node) => withEventsUrl(node, deployment));
  if (nodes.length === 0) print('No external node is set up: create one with frabit-im external set.');
  const width = Math.max(0, ...nodes.map(({ nodeId }) => nodeId.length));
  for (const { nodeId, title, endpoint, live } of nodes) {
    print(
      `${paint('bold', nodeId.padEnd(width))}  ${oneLine(title)}  ${oneLine(endpoint)}  ${counted(live, 'open approval')}`,
    );
  }
  return { document: { nodes } };
}

/** `frabit-im external show`. */
export async function showExternal(context: Context, nodeId: string): Promise<CommandResult> {
  checkNodeId(nodeId);
  const deployment = await context.deployment();
  const node = await readNode(deployment, nodeId);
  if (!node) return noNode(nodeId, deployment);
  const shown = withEventsUrl(node, deployment);
  printNode(context, shown);
  return { document: shown };
}

/** `frabit-im external remove`. */
export async function removeExternal(
  context: Context,
  nodeId: string,
  { yes }: { yes: boolean },
): Promise<CommandResult> {
  const { ask, print } = context;
  checkNodeId(nodeId);
  if (!yes && !ask) throw badInput('Without a terminal this needs --yes: nothing was changed.');
  const deployment = await context.deployment();
  if (!yes && ask) {
    const sure = await ask.confirm(
      `Remove ${nodeId} and its signing secret at ${deployment.where}? Open records that name it become invalid.`,
    );
    if (!sure) throw canceled();
  }
  const outcome = await deleteNode(deployment, nodeId);
  switch (outcome.kind) {
    case 'REMOVED':
      print(`The external node ${nodeId} is removed, and its signing secret with it.`);
      return { document: { nodeId } };
    case 'UNKNOWN':
      return noNode(nodeId, deployment);
    case 'IN_USE': {
      const { live, message } = outcome;
      return { document: { nodeId, live }, problem: { code: 'NODE_IN_USE', message } };
    }
    default:
      return outcome satisfies never;
  }
}

const noNode = (nodeId: string, { where }: Deployment): CommandResult => ({
  document: { nodeId },
  problem: {
    code: 'NO_NODE',
    message: `There is no external node ${nodeId} at ${where}: list them with frabit-im external list.`,
  },
});

/** Prints a node, one value a line. */
export function printNode(
  { print }: Pick<Context, 'print'>,
  node: Omit<ExternalNode, 'live'> & { live?: number; eventsUrl: string },
): void {
  const rows: [string, string | undefined][] = [
    ['Node', node.nodeId],
    ['Title', node.title],
    ['Endpoint', node.endpoint],
    ['Events URL', node.eventsUrl],
    ['In use', node.live === undefined ? undefined : counted(node.live, 'open approval')],
  ];
  for (const [name, value] of rows) if (value) print(`  ${name.padEnd(10)}  ${oneLine(value)}`);
}
