import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { PARTITION_PREFIXES, PARTITIONS, ROUND_PREFIXES } from '../../../shared/tables/approval-keys.ts';
import { APPROVAL_TABLE } from '../../../shared/tables/table-definitions.ts';
import type { StackOptions } from '../context.ts';
import type { FunctionName } from './bundling.ts';
import type { FailedRecords } from './failed-records.ts';
import { allow, ProductFunction, type ProductFunctionProps } from './product-function.ts';
import { makeReceiveExternalEvents, makeReceiveFeishuEvents, type ReceiverProps } from './receivers.ts';
import { StreamSource } from './stream-source.ts';
import type { Tables } from './tables.ts';

interface FunctionsProps extends ReceiverProps {
  failedRecords: FailedRecords;
  options: Pick<StackOptions, 'logLevel' | 'feishuBaseUrl'>;
}

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
    this.reconcileIssues = this.makeReconcileIssues(props);
    this.sweepApprovals = this.makeSweepApprovals(props);
    this.receiveFeishuEvents = makeReceiveFeishuEvents(this, props);
    this.receiveExternalEvents = makeReceiveExternalEvents(this, props);
    this.manageSettings = this.makeManageSettings(props);
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

  private makeWatchIssues(props: FunctionsProps): ProductFunction {
    const { workQueue } = props;
    const made = this.make(props, 'WatchIssues', 'watch-issues', {
      description: 'Issues stream: sends a hint for each issue whose approvals may have to change',
      environment: { WORK_QUEUE_URL: workQueue.queue.queueUrl },
    });
    workQueue.allowHints(made.role);
    return made;
  }

  private makeReconcileIssues(props: FunctionsProps): ProductFunction {
    const { tables, workQueue, feishuSecret, externalNodesSecret, options } = props;
    const made = this.make(props, 'ReconcileIssues', 'reconcile-issues', {
      description: 'Work queue: makes the approvals of one issue match its record',
      memorySize: 1024,
      environment: {
        ISSUE_TABLE_NAME: tables.issues.tableName,
        APPROVAL_TABLE_NAME: tables.approvals.tableName,
        WORK_QUEUE_URL: workQueue.queue.queueUrl,
        FEISHU_SECRET_ARN: feishuSecret.secretArn,
        EXTERNAL_SECRET_ARN: externalNodesSecret.secretArn,
        ...feishuBaseUrl(options),
      },
    });
    // A transaction needs the permissions of its operations; there is no permission for transactions themselves.
    allow(made.role, ['dynamodb:GetItem', 'dynamodb:UpdateItem'], tables.issues.tableArn);
    allow(
      made.role,
      ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      tables.approvals.tableArn,
    );
    for (const secret of [feishuSecret, externalNodesSecret]) {
      allow(made.role, ['secretsmanager:GetSecretValue'], secret.secretArn);
    }
    workQueue.allowHints(made.role);
    made.lambda.addEventSource(
      new SqsEventSource(workQueue.queue, { batchSize: 1, maxConcurrency: 5, reportBatchItemFailures: true }),
    );
    return made;
  }

  private makeSweepApprovals(props: FunctionsProps): ProductFunction {
    const { tables, workQueue } = props;
    const made = this.make(props, 'SweepApprovals', 'sweep-approvals', {
      description: 'Every minute: sends hints for rounds that are due or wait, and finds lost hints',
      // A run takes up to 58 s while rounds wait for a slot, and its last round of work may take longer.
      timeout: Duration.seconds(90),
      environment: {
        ISSUE_TABLE_NAME: tables.issues.tableName,
        APPROVAL_TABLE_NAME: tables.approvals.tableName,
        WORK_QUEUE_URL: workQueue.queue.queueUrl,
      },
    });
    allow(made.role, ['dynamodb:Scan'], tables.issues.tableArn);
    allow(
      made.role,
      ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      tables.approvals.tableArn,
    );
    allow(made.role, ['dynamodb:Query'], dueIndexArn(tables));
    workQueue.allowHints(made.role);
    new Rule(this, 'EveryMinute', {
      description: 'Starts sweep-approvals',
      schedule: Schedule.rate(Duration.minutes(1)),
      // The next run comes in a minute: do not retry a failed one.
      targets: [new LambdaFunction(made.lambda, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
    made.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    return made;
  }

  private makeManageSettings(props: FunctionsProps): ProductFunction {
    const { tables, workQueue, feishuSecret, externalNodesSecret, options } = props;
    const made = this.make(props, 'ManageSettings', 'manage-settings', {
      description:
        'Settings API: a Feishu app and external approval nodes; hourly: removes keys of former apps',
      memorySize: 1024,
      environment: {
        APPROVAL_TABLE_NAME: tables.approvals.tableName,
        WORK_QUEUE_URL: workQueue.queue.queueUrl,
        FEISHU_SECRET_ARN: feishuSecret.secretArn,
        EXTERNAL_SECRET_ARN: externalNodesSecret.secretArn,
        ...feishuBaseUrl(options),
      },
    });
    allow(made.role, ['dynamodb:GetItem'], tables.approvals.tableArn);
    // Only its own items: the rounds in the same table are the audit trail.
    allow(
      made.role,
      ['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      tables.approvals.tableArn,
      {
        'ForAllValues:StringLike': {
          'dynamodb:LeadingKeys': [
            PARTITIONS.settings,
            PARTITIONS.sweep,
            PARTITIONS.tests,
            `${PARTITION_PREFIXES.pace}*`,
            `${PARTITION_PREFIXES.forms}*`,
            PARTITIONS.nodes,
          ],
        },
      },
    );
    allow(made.role, ['dynamodb:DeleteItem'], tables.approvals.tableArn, {
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': PARTITIONS.nodes },
    });
    allow(made.role, ['dynamodb:Query'], dueIndexArn(tables));
    allow(
      made.role,
      [
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      feishuSecret.secretArn,
    );
    allow(
      made.role,
      ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
      externalNodesSecret.secretArn,
    );
    workQueue.allowHints(made.role);
    new Rule(this, 'EveryHour', {
      description: 'Starts manage-settings',
      schedule: Schedule.rate(Duration.hours(1)),
      targets: [new LambdaFunction(made.lambda, { retryAttempts: 0, maxEventAge: Duration.minutes(5) })],
    });
    made.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(5) });
    return made;
  }

  private makePublishApprovalEvents(props: FunctionsProps): ProductFunction {
    const made = this.make(props, 'PublishApprovalEvents', 'publish-approval-events', {
      description: "Approvals stream: publishes each change of a round's state to the default event bus",
      environment: { EVENT_BUS_NAME: 'default' },
    });
    const bus = Stack.of(this).formatArn({
      service: 'events',
      resource: 'event-bus',
      resourceName: 'default',
    });
    allow(made.role, ['events:PutEvents'], bus, { StringEquals: { 'events:source': 'frabit.im-approval' } });
    return made;
  }

  private make(
    { options }: FunctionsProps,
    id: string,
    name: FunctionName,
    props: Omit<ProductFunctionProps, 'name' | 'logLevel'>,
  ): ProductFunction {
    return new ProductFunction(this, id, { name, logLevel: options.logLevel, ...props });
  }
}

const dueIndexArn = (tables: Tables): string =>
  `${tables.approvals.tableArn}/index/${APPROVAL_TABLE.indexes[0].name}`;

const feishuBaseUrl = (options: FunctionsProps['options']): Record<string, string> =>
  options.feishuBaseUrl === undefined ? {} : { FEISHU_BASE_URL: options.feishuBaseUrl };
