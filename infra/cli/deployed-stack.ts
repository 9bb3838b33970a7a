import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { AwsClient } from 'aws4fetch';
import * as z from 'zod';
import { type ClientOptions, createClients } from './aws-clients.ts';
import { callSettings } from './call-settings.ts';
import type { GlobalOptions } from './context.ts';
import type { Deployment } from './deployment.ts';
import { isNetwork, toProblem } from './error-to-problem.ts';
import type { CliIo } from './io.ts';
import { type Outputs, outputOf, outputsSchema } from './outputs.ts';
import { outOfReach } from './problem.ts';

const stackSchema = z.object({
  Outputs: z.array(z.object({ OutputKey: z.string(), OutputValue: z.string() })).default([]),
});

/** Finds the deployed stack of docs/contract.md 6 by its outputs, with the user's own credentials. */
export async function findDeployedStack(
  { stack, region, profile }: GlobalOptions,
  { fetch }: Pick<CliIo, 'fetch'>,
): Promise<Deployment> {
  const own: ClientOptions = { ...(region && { region }), ...(profile && { profile }) };
  const cloudFormation = new CloudFormationClient(own);
  try {
    const usedRegion = await cloudFormation.config.region();
    const where = `stack ${stack} in ${usedRegion}`;
    const outputs = await readOutputs(cloudFormation, stack, where);
    const clients = createClients({ ...own, region: usedRegion });
    const logs = new CloudWatchLogsClient({ ...own, region: usedRegion });
    return {
      ...clients,
      logs: { kind: 'LOG_GROUPS', client: logs },
      close() {
        clients.close();
        logs.destroy();
      },
      where,
      outputs,
      output: (key) => outputOf(where, outputs, key),
      async settings(method, path, body) {
        const base = outputOf(where, outputs, 'SettingsUrl');
        const identity = await clients.dynamodb.config.credentials();
        const { accessKeyId, secretAccessKey, sessionToken } = identity;
        const signer = new AwsClient({
          accessKeyId,
          secretAccessKey,
          ...(sessionToken && { sessionToken }),
          service: 'execute-api',
          region: usedRegion,
        });
        return callSettings(base, method, path, body, async (url, init) =>
          fetch(await signer.sign(url, init)),
        );
      },
    };
  } finally {
    cloudFormation.destroy();
  }
}

async function readOutputs(client: CloudFormationClient, stack: string, where: string): Promise<Outputs> {
  let found: z.infer<typeof stackSchema>;
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    found = stackSchema.parse(Stacks?.[0] ?? {});
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError') {
      const message = /does not exist/.test(error.message)
        ? `There is no ${where}: set its name with --stack and its Region with --region.`
        : `CloudFormation does not accept the name of ${where}: correct --stack.`;
      throw outOfReach('NO_STACK', message, error);
    }
    if (isNetwork(error)) {
      throw outOfReach(
        'NO_NETWORK',
        `AWS does not answer for ${where}: check the network and the Region, or use --local.`,
        error,
      );
    }
    throw toProblem(error, { where });
  }
  const outputs = outputsSchema.parse(
    Object.fromEntries(found.Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
  );
  outputOf(where, outputs, 'ApprovalTableName');
  return outputs;
}
