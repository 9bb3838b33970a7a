import { RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge-nag-findings.ts';

/** Makes a secret of docs/contract.md 3. manage-settings writes its value, CloudFormation only the empty one. */
export function makeJsonSecret(
  scope: Construct,
  id: string,
  props: {
    description: string;
    /** The first value, without any key. */
    empty: string;
    retain: boolean;
    /** Why the secret is not rotated automatically. */
    notRotated: string;
  },
): Secret {
  const secret = new Secret(scope, id, {
    description: props.description,
    // CloudFormation writes this once, and again only if this text changes: never change it.
    secretStringValue: SecretValue.unsafePlainText(props.empty),
    removalPolicy: props.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  acknowledge(secret, 'AwsSolutions-SMG4', props.notRotated);
  return secret;
}
