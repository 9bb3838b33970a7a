import type { CommandResult, Context } from '../context.ts';
import { type ExternalNode, type NodeRequest, putNode, readNode, type SavedNode } from '../external-api.ts';
import type { Asker } from '../io.ts';
import { badInput } from '../problem.ts';
import {
  checkNodeId,
  readSetInput,
  type SetFlags,
  type SetInput,
  validateEndpoint,
  validateSigningSecret,
  validateTitle,
} from './external-input.ts';
import { printNode, withEventsUrl } from './external-nodes.ts';

/** `frabit-im external set`: values that are left out stay as they are. */
export async function setExternal(context: Context, nodeId: string, flags: SetFlags): Promise<CommandResult> {
  checkNodeId(nodeId);
  const input = await readSetInput(flags, context.io);
  const deployment = await context.deployment();
  const before = await readNode(deployment, nodeId);
  const request = await completeRequest(input, before, context.ask);
  const saved = await putNode(deployment, nodeId, request);
  const shown = withEventsUrl(saved, deployment);

  context.print(
    context.paint('green', `The external node is ${before ? 'saved' : 'set up'} at ${deployment.where}.`),
  );
  printNode(context, shown);
  context.print();
  printSecret(context, saved, request, before);
  return { document: shown };
}

async function completeRequest(
  input: SetInput,
  before: ExternalNode | undefined,
  ask: Asker | undefined,
): Promise<NodeRequest> {
  const { title = before?.title, endpoint = before?.endpoint, rotate } = input;
  if (!ask && (title === undefined || endpoint === undefined)) {
    const missing = [title === undefined && '--title', endpoint === undefined && '--endpoint'];
    throw badInput(
      `A new external node needs ${missing.filter(Boolean).join(' and ')}; on a terminal it is asked for.`,
    );
  }
  const text = async (question: string, validate: (answer: string) => string | undefined) =>
    (await ask?.text(question, (answer) => validate(answer.trim())))?.trim() ?? '';
  return {
    title: title ?? (await text('Title: what people call the OA', validateTitle)),
    endpoint: endpoint ?? (await text("Endpoint: base URL of the OA's routes", validateEndpoint)),
    signingSecret: input.signingSecret ?? (rotate ? undefined : await askSecret(before, ask)),
    ...(rotate && { rotate }),
  };
}

/** Returns undefined if the stored secret stays, or the API generates one for a new node. */
async function askSecret(
  before: ExternalNode | undefined,
  ask: Asker | undefined,
): Promise<string | undefined> {
  if (!ask) return undefined;
  const nothing = before ? 'the present one stays' : 'one is generated';
  for (let why = `empty: ${nothing}`; ; ) {
    const answer = (await ask.secret(`Signing secret (${why})`)).trim();
    const wrong = answer === '' ? undefined : validateSigningSecret(answer);
    if (wrong === undefined) return answer || undefined;
    why = wrong;
  }
}

function printSecret(
  { print, paint }: Context,
  { signingSecret }: SavedNode,
  request: NodeRequest,
  before: ExternalNode | undefined,
): void {
  if (signingSecret !== undefined) {
    print(paint('bold', 'Signing secret, shown this once and never again:'));
    print(`  ${signingSecret}`);
    print();
    print('Enter it in the OA: the OA uses it to verify requests of Frabit and to sign its events.');
  } else if (request.signingSecret !== undefined) {
    print('The signing secret is stored: the OA must have the same.');
  } else {
    print('The signing secret stays as it was; --rotate generates a new one.');
  }
  if (before && (signingSecret ?? request.signingSecret) !== undefined) {
    const which = signingSecret === undefined ? 'If it replaces another one, that one' : 'The one before';
    print(`${which} stays valid for 24 hours: until then Frabit signs with both and accepts both.`);
  }
  print('The OA posts its events to the URL above.');
}
