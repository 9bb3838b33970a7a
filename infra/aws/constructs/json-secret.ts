import { RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** A secret of docs/contract.md 3 that is written by manage-settings, and never by CloudFormation. */
export function makeJsonSecret(
  scope: Construct,
  id: string,
  props: {
    description: string;
    /** The value before there is one. */
    empty: string;
    retain: boolean;
    /** Why nothing rotates it by itself. */
    notRotated: string;
  },
): Secret {
  const secret = new Secret(scope, id, {
    description: props.description,
    // Empty, and never with anything in it: CloudFormation writes it once, and again only if this text changes.
    secretStringValue: SecretValue.unsafePlainText(props.empty),
    removalPolicy: props.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  acknowledge(secret, 'AwsSolutions-SMG4', props.notRotated);
  return secret;
}
