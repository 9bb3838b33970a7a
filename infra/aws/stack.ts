import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms } from './constructs/alarms.ts';
import { FailedRecords } from './constructs/failed-records.ts';
import { Functions } from './constructs/functions.ts';
import { HttpFront } from './constructs/http-front.ts';
import { makeJsonSecret } from './constructs/json-secret.ts';
import { SavedQueries } from './constructs/saved-queries.ts';
import { streamArnOf, Tables } from './constructs/tables.ts';
import { WorkQueue } from './constructs/work-queue.ts';
import type { StackOptions } from './context.ts';

/** Frabit IM approvals on AWS (docs/contract.md 6). It can be deployed to any account and Region. */
export class ApprovalStack extends Stack {
  constructor(scope: Construct, id: string, options: StackOptions) {
    super(scope, id, {
      description: "Sends Frabit's stage approvals to Feishu and brings the decision back",
    });
    const { retain, issueTable, logRetentionDays } = options;

    const tables = new Tables(this, 'Tables', { retain, ...(issueTable ? { issueTable } : {}) });
    const workQueue = new WorkQueue(this, 'WorkQueue');
    const failedRecords = new FailedRecords(this, 'FailedRecords', { retain });
    const feishuSecret = makeJsonSecret(this, 'FeishuSecret', {
      description: 'Keys of the Feishu apps, written by manage-settings',
      empty: '{"apps":{}}',
      retain,
      notRotated:
        "Feishu's keys are rotated by a person in its console and saved through the settings API; no API of Feishu rotates them.",
    });
    const externalNodesSecret = makeJsonSecret(this, 'ExternalNodesSecret', {
      description: 'Signing secrets of the external approval nodes, written by manage-settings',
      empty: '{"nodes":{}}',
      retain,
      notRotated:
        'A signing secret is known to the OA as well: it is rotated by a person through the settings API, and entered there.',
    });
    const functions = new Functions(this, 'Functions', {
      tables,
      workQueue,
      failedRecords,
      feishuSecret,
      externalNodesSecret,
      options,
    });
    const httpFront = new HttpFront(this, 'HttpFront', {
      functions: {
        webhook: functions.receiveFeishuEvents.lambda,
        externalEvents: functions.receiveExternalEvents.lambda,
        settings: functions.manageSettings.lambda,
      },
      logRetentionDays,
    });
    const alarms = new Alarms(this, 'Alarms', { functions, workQueue, httpFront, options });
    const logGroupNames = functions.all().map(({ logGroup }) => logGroup.logGroupName);
    new SavedQueries(this, 'Queries', { logGroupNames });

    this.output('IssueTableName', tables.issues.tableName);
    this.output('IssueTableStreamArn', streamArnOf(tables.issues));
    this.output('ApprovalTableName', tables.approvals.tableName);
    this.output('FeishuWebhookUrl', httpFront.webhookUrl, 'Request URL for the Feishu console');
    this.output('SettingsUrl', httpFront.settingsUrl, 'Base URL of the settings routes');
    this.output('FeishuSecretArn', feishuSecret.secretArn);
    this.output('ExternalNodesSecretArn', externalNodesSecret.secretArn);
    this.output('WorkQueueUrl', workQueue.queue.queueUrl);
    this.output('DeadLetterQueueUrl', workQueue.deadLetters.queueUrl);
    this.output('FailedRecordsBucketName', failedRecords.bucket.bucketName);
    this.output('DashboardName', alarms.dashboard.dashboardName);
    this.output('LogGroupNames', logGroupNames.join(','), 'Log groups of the functions, separated by commas');
  }

  private output(id: string, value: string, description?: string): void {
    new CfnOutput(this, id, { value, ...(description ? { description } : {}) });
  }
}
