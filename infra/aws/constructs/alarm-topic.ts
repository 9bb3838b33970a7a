import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { ImpactAlarm } from './impact-alarm.ts';

/**
 * Writes to one person whenever an alarm begins and ends. AWS asks that address for its consent once. Its own key:
 * with the one that AWS keeps for SNS, CloudWatch may not send (SNS Developer Guide, "Enable compatibility between
 * event sources from AWS services and encrypted topics").
 */
export class AlarmTopic extends Construct {
  private readonly topic: Topic;

  constructor(scope: Construct, id: string, props: { email: string }) {
    super(scope, id);
    const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com');
    const key = new Key(this, 'Key', {
      description: 'Encrypts the alarms of Frabit IM approvals on their way',
      enableKeyRotation: true,
      // Nothing is kept that it would have to open later.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Without a condition, as AWS documents it: one that CloudWatch does not fill would silence every alarm.
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
    // With a policy of its own a topic takes nothing from the account's alarms unless that policy says so.
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

  watch({ alarm }: ImpactAlarm): void {
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
}
