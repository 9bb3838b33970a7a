import type { Command } from 'commander';
import type { RunCommand } from '../context.ts';
import type { SetFlags } from './external-input.ts';

const NODE_ARGUMENT = "the node's id: the externalNodeId of a step in an approval flow";

/** Defines the commands for external nodes: the OA systems that decide EXTERNAL steps. */
export function addExternal(program: Command, run: RunCommand): void {
  const external = program
    .command('external')
    .summary('the OA systems that decide EXTERNAL steps')
    .description('Sets up the external approval nodes: the OA systems that decide EXTERNAL steps of a flow.')
    .addHelpText('after', '\nExample:\n  $ frabit-im external list');
  addList(external, run);
  addSet(external, run);
  addShowNode(external, run);
  addRemove(external, run);
}

function addList(external: Command, run: RunCommand): void {
  external
    .command('list')
    .description('Lists them, with the number of open approvals of each.')
    .addHelpText('after', '\nExample:\n  $ frabit-im external list --json')
    .action(async (_flags: unknown, command: Command) => {
      const { listExternal } = await import('./external-nodes.ts');
      await run(command, listExternal);
    });
}

function addSet(external: Command, run: RunCommand): void {
  external
    .command('set')
    .summary('create or change a node')
    .description(
      'Creates a node or changes it: values that are left out stay as they are. On a terminal, missing values of a new node are asked for. A generated signing secret is shown once.',
    )
    .argument('<nodeId>', NODE_ARGUMENT)
    .option('--title <title>', 'what people call the OA')
    .option('--endpoint <url>', 'base URL of the routes that the OA serves; https, at a public address')
    .option('--signing-secret-stdin', 'reads the signing secret from stdin (EXTERNAL_SIGNING_SECRET)', false)
    .option('--rotate', 'generates a new signing secret; the one before stays valid for 24 hours', false)
    .addHelpText(
      'after',
      `
The signing secret is 24 to 64 bytes in base64, with or without whsec_ in front, and is never taken from
the command line: let it be asked for, pipe it in, or have it generated. A secret that differs from the
stored one replaces it: for 24 hours both are valid.

Examples:
  $ frabit-im external set finance-oa --title Finance --endpoint https://oa.example.com/frabit
  $ pass show oa/frabit | frabit-im external set finance-oa --signing-secret-stdin
  $ frabit-im external set finance-oa --signing-secret-stdin < oa-secret.txt
  $ frabit-im external set finance-oa --rotate`,
    )
    .action(async (nodeId: string, flags: SetFlags, command: Command) => {
      const { setExternal } = await import('./external-set.ts');
      await run(command, (context) => setExternal(context, nodeId, flags));
    });
}

function addShowNode(external: Command, run: RunCommand): void {
  external
    .command('show')
    .description('Shows how a node is set up, and where its events go, but never its secret.')
    .argument('<nodeId>', NODE_ARGUMENT)
    .addHelpText(
      'after',
      '\nExit code 1 if there is no such node.\n\nExample:\n  $ frabit-im external show finance-oa',
    )
    .action(async (nodeId: string, _flags: unknown, command: Command) => {
      const { showExternal } = await import('./external-nodes.ts');
      await run(command, (context) => showExternal(context, nodeId));
    });
}

function addRemove(external: Command, run: RunCommand): void {
  external
    .command('remove')
    .summary('remove a node that no open approval uses')
    .description(
      'Removes a node and its signing secret. Open records that name it become invalid. A node that an open approval uses is not removed.',
    )
    .argument('<nodeId>', NODE_ARGUMENT)
    .option('--yes', 'does not ask; required without a terminal', false)
    .addHelpText(
      'after',
      '\nExit code 1 if there is no such node, or an open approval uses it.\n\nExample:\n  $ frabit-im external remove finance-oa',
    )
    .action(async (nodeId: string, flags: { yes: boolean }, command: Command) => {
      const { removeExternal } = await import('./external-nodes.ts');
      await run(command, (context) => removeExternal(context, nodeId, flags));
    });
}
