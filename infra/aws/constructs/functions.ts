import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ROUND_PREFIXES } from '../../../shared/tables/approval-keys.ts';
import type { FunctionsProps } from './functions-props.ts';
import { makeManageSettings } from './manage-settings.ts';
import { allow, ProductFunction } from './product-function.ts';
import { makeReceiveExternalEvents, makeReceiveFeishuEvents } from './receivers.ts';
import { makeReconcileIssues } from './reconcile-issues.ts';
import { StreamSource } from './stream-source.ts';
import { makeSweepApprovals } from './sweep-approvals.ts';

/** The seven functions, their triggers, and exactly the permissions that each needs. */
export class Functions extends Construct {
  readonly watchIssues: ProductFunction;
  readonly reconcileIssues: ProductFunction;
  readonly sweepApprovals: ProductFunction;
  readonly receiveFeishuEvents: ProductFunction;
  readonly receiveExternalEvents: ProductFunction;
  readonly manageSettings: ProductFunction;
  readonly publishApprovalEvents: ProductFunction;
  readonly streams: { issues: StreamSource; approvals: StreamSource };

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.watchIssues = this.makeWatchIssues(props);
    this.publishApprovalEvents = this.makePublishApprovalEvents(props);
    this.streams = {
      issues: new StreamSource(this, 'IssueStream', {
        table: props.tables.issues,
        target: this.watchIssues,
        failedRecords: props.failedRecords,
      }),
      approvals: new StreamSource(this, 'ApprovalStream', {
        table: props.tables.approvals,
        target: this.publishApprovalEvents,
        failedRecords: props.failedRecords,
        sortKeyPrefixes: [...ROUND_PREFIXES],
      }),
    };
    const { worker, source } = makeReconcileIssues(this, props);
    this.reconcileIssues = worker;
    const sources = [this.streams.issues.mapping, this.streams.approvals.mapping, source];
    this.sweepApprovals = makeSweepApprovals(this, props, sources);
    this.receiveFeishuEvents = makeReceiveFeishuEvents(this, props);
    this.receiveExternalEvents = makeReceiveExternalEvents(this, props);
    this.manageSettings = makeManageSettings(this, props);
  }

  all(): ProductFunction[] {
    return [
      this.watchIssues,
      this.reconcileIssues,
      this.sweepApprovals,
      this.receiveFeishuEvents,
      this.receiveExternalEvents,
      this.manageSettings,
      this.publishApprovalEvents,
    ];
  }

  private makeWatchIssues({ workQueue, failedRecords, options }: FunctionsProps): ProductFunction {
    const made = new ProductFunction(this, 'WatchIssues', {
      name: 'watch-issues',
      options,
      description: 'Issues stream: sends a hint for each issue whose approvals may have to change',
      environment: {
        WORK_QUEUE_URL: workQueue.queue.queueUrl,
        FAILED_RECORDS_BUCKET: failedRecords.bucket.bucketName,
      },
    });
    workQueue.allowHints(made.role);
    return made;
  }

  private makePublishApprovalEvents({ failedRecords, options }: FunctionsProps): ProductFunction {
    const made = new ProductFunction(this, 'PublishApprovalEvents', {
      name: 'publish-approval-events',
      options,
      description: "Approvals stream: publishes each change of a round's state to the default event bus",
      environment: {
        EVENT_BUS_NAME: 'default',
        FAILED_RECORDS_BUCKET: failedRecords.bucket.bucketName,
      },
    });
    const bus = Stack.of(this).formatArn({
      service: 'events',
      resource: 'event-bus',
      resourceName: 'default',
    });
    allow(made.role, ['events:PutEvents'], bus, { StringEquals: { 'events:source': 'frabit.im-approval' } });
    return made;
  }
}
