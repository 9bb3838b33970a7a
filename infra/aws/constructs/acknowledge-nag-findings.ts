import { CfnResource, Stack, Validations } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Acknowledges one finding of cdk-nag on one resource. Throws for a construct of several resources. */
export function acknowledge(construct: IConstruct, finding: string, reason: string): void {
  Validations.of(resourceOf(construct)).acknowledge({ id: finding, reason });
}

/** Acknowledges a finding on the policy of a role. The policy exists only after the first grant. */
export function acknowledgeOnPolicy(role: IRole, finding: string, reason: string): void {
  acknowledge(role.node.findChild('DefaultPolicy'), finding, reason);
}

/** Returns the logical id of a construct's resource, as cdk-nag prints it. */
export const logicalIdOf = (construct: IConstruct): string =>
  Stack.of(construct).getLogicalId(resourceOf(construct));

function resourceOf(construct: IConstruct): CfnResource {
  const own = construct.node.defaultChild;
  if (!(own instanceof CfnResource)) throw new Error(`${construct.node.path} is not one resource.`);
  return own;
}
