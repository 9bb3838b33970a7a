import { CfnResource, Stack, Validations } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Acknowledges one finding of cdk-nag on one resource: never on what holds several. */
export function acknowledge(construct: IConstruct, finding: string, reason: string): void {
  Validations.of(resourceOf(construct)).acknowledge({ id: finding, reason });
}

/** The same on the policy of a role, which exists once the role was granted something. */
export function acknowledgeOnPolicy(role: IRole, finding: string, reason: string): void {
  acknowledge(role.node.findChild('DefaultPolicy'), finding, reason);
}

/** The logical id of a construct's own resource, as cdk-nag prints it. */
export const logicalIdOf = (construct: IConstruct): string =>
  Stack.of(construct).getLogicalId(resourceOf(construct));

function resourceOf(construct: IConstruct): CfnResource {
  const own = construct.node.defaultChild;
  if (!(own instanceof CfnResource)) throw new Error(`${construct.node.path} is not one resource.`);
  return own;
}
