import type { CommandResult, Context } from '../context.ts';
import { type ExternalNode, type NodeRequest, putNode, readNode, type SavedNode } from '../external-api.ts';
import type { Asker } from '../io.ts';
import { badInput } from '../problem.ts';
import {
  checkNodeId,
  judgeEndpoint,
  judgeSecret,
  judgeTitle,
  readSetInput,
  type SetFlags,
  type SetInput,
} from './external-input.ts';
import { sayNode, withEventsUrl } from './external-nodes.ts';

/** `frabit-im external set`: what is left out stays as it stands. */
export async function setExternal(context: Context, nodeId: string, flags: SetFlags): Promise<CommandResult> {
  checkNodeId(nodeId);
  const input = await readSetInput(flags, context.io);
  const deployment = await context.deployment();
  const before = await readNode(deployment, nodeId);
  const request = await completeRequest(input, before, context.ask);
  const saved = await putNode(deployment, nodeId, request);
  const shown = withEventsUrl(saved, deployment);

  context.say(
    context.paint('green', `The external node is ${before ? 'saved' : 'set up'} at ${deployment.where}.`),
  );
  sayNode(context, shown);
  context.say();
  saySecret(context, saved, request, before);
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
  const text = async (question: string, judge: (answer: string) => string | undefined) =>
    (await ask?.text(question, (answer) => judge(answer.trim())))?.trim() ?? '';
  return {
    title: title ?? (await text('Title: what people call the OA', judgeTitle)),
    endpoint: endpoint ?? (await text("Endpoint: base URL of the OA's routes", judgeEndpoint)),
    signingSecret: input.signingSecret ?? (rotate ? undefined : await askSecret(before, ask)),
    ...(rotate && { rotate }),
  };
}

/** undefined: the stored one stays, or a new node has one generated. */
async function askSecret(
  before: ExternalNode | undefined,
  ask: Asker | undefined,
): Promise<string | undefined> {
  if (!ask) return undefined;
  const nothing = before ? 'the present one stays' : 'one is generated';
  for (let why = `empty: ${nothing}`; ; ) {
    const answer = (await ask.secret(`Signing secret (${why})`)).trim();
    const wrong = answer === '' ? undefined : judgeSecret(answer);
    if (wrong === undefined) return answer || undefined;
    why = wrong;
  }
}

function saySecret(
  { say, paint }: Context,
  { signingSecret }: SavedNode,
  request: NodeRequest,
  before: ExternalNode | undefined,
): void {
  if (signingSecret !== undefined) {
    say(paint('bold', 'Signing secret, shown this once and never again:'));
    say(`  ${signingSecret}`);
    say();
    say('Enter it in the OA: it verifies the requests of Frabit with it, and signs its events with it.');
  } else if (request.signingSecret !== undefined) {
    say('The signing secret is stored: the OA must have the same.');
  } else {
    say('The signing secret stays as it was; --rotate has a new one generated.');
  }
  if (before && (signingSecret ?? request.signingSecret) !== undefined) {
    const which = signingSecret === undefined ? 'If it is another than before, that one' : 'The one before';
    say(`${which} stays valid for 24 hours: until then Frabit signs with both, and takes either.`);
  }
  say('The OA posts its events to the URL above.');
}
