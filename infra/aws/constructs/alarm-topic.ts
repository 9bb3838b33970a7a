import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

/**
 * Sends an e-mail to one address when an alarm starts and when it ends. AWS asks the address for consent once. The topic
 * has its own key, because CloudWatch cannot use the AWS managed key for SNS (SNS Developer Guide, "Enable compatibility
 * between event sources from AWS services and encrypted topics").
 */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: { email: string }) {
    super(scope, id);
    const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com');
    const key = new Key(this, 'Key', {
      description: 'Encrypts alarm messages of Frabit IM approvals',
      enableKeyRotation: true,
      // SNS stores no message that this key would have to decrypt later.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // No condition, as AWS documents it: a condition that CloudWatch does not meet would silence every alarm.
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [cloudWatch],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
      }),
    );
    this.topic = new Topic(this, 'Topic', {
      displayName: 'Frabit IM approvals: alarms',
      masterKey: key,
      enforceSSL: true,
    });
    const alarms = Stack.of(this).formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    // A topic with its own policy accepts messages of CloudWatch only if the policy allows them.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [cloudWatch],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { ArnLike: { 'aws:SourceArn': alarms } },
      }),
    );
    this.topic.addSubscription(new EmailSubscription(props.email));
  }
}
