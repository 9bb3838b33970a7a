import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { StackOptions } from '../context.ts';
import { acknowledgeOnPolicy } from './acknowledge-nag-findings.ts';
import { bundlingOf, entryOf, type FunctionName, PROJECT_ROOT } from './bundling.ts';
import { NAMESPACE } from './measures.ts';

/** The options of the stack that all functions share. */
export type FunctionOptions = Pick<StackOptions, 'logLevel' | 'logRetentionDays' | 'tracing'>;

interface ProductFunctionProps {
  name: FunctionName;
  description: string;
  options: FunctionOptions;
  environment: Record<string, string>;
  /** Default: 60 s (docs/design.md 4.9). */
  timeout?: Duration;
  /** MB; also determines the share of the processor. */
  memorySize?: number;
  /** Reserved concurrency: this many run at most, and as many are always free for it. Absent: none. */
  concurrency?: number | undefined;
}

/** A folder of `functions/` as a Lambda function: arm64, Node 24, its own role and log group. */
export class ProductFunction extends Construct {
  readonly name: FunctionName;
  readonly lambda: NodejsFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: ProductFunctionProps) {
    super(scope, id);
    const { logLevel, logRetentionDays, tracing } = props.options;
    this.name = props.name;
    this.logGroup = new LogGroup(this, 'Log', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Not the role of the CDK: that one may write to every log group of the account.
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    allow(this.role, ['logs:CreateLogStream', 'logs:PutLogEvents'], this.logGroup.logGroupArn);

    this.lambda = new NodejsFunction(this, 'Function', {
      description: props.description,
      entry: entryOf(props.name),
      projectRoot: PROJECT_ROOT,
      depsLockFilePath: `${PROJECT_ROOT}package-lock.json`,
      bundling: bundlingOf(props.name),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: props.timeout ?? Duration.seconds(60),
      memorySize: props.memorySize ?? 512,
      role: this.role,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: lambdaLogLevel(logLevel),
      systemLogLevelV2: SystemLogLevel.INFO,
      tracing: tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      ...(props.concurrency === undefined ? {} : { reservedConcurrentExecutions: props.concurrency }),
      awsSdkConnectionReuse: false,
      environment: {
        POWERTOOLS_LOG_LEVEL: logLevel,
        // The dimension of every metric: it tells the stacks of an account apart. Loggers name their function themselves.
        POWERTOOLS_SERVICE_NAME: Stack.of(this).stackName,
        POWERTOOLS_METRICS_NAMESPACE: NAMESPACE,
        ...props.environment,
      },
    });
    if (tracing) {
      acknowledgeOnPolicy(
        this.role,
        'AwsSolutions-IAM5[Resource::*]',
        'The rights to write traces (xray:PutTraceSegments, xray:PutTelemetryRecords) cannot be limited to a resource.',
      );
    }
  }
}

/**
 * The lowest level that Lambda passes on. A line without a level counts as INFO (Lambda Developer Guide, "Log-level
 * filtering"), and the lines with metrics have none. So the logger alone applies WARN and ERROR.
 */
const lambdaLogLevel = (logLevel: FunctionOptions['logLevel']): ApplicationLogLevel =>
  logLevel === 'DEBUG' ? ApplicationLogLevel.DEBUG : ApplicationLogLevel.INFO;

/** Grants exactly these actions on this resource: the grants of the CDK are wider. */
export function allow(
  role: IRole,
  actions: string[],
  resource: string,
  conditions?: Record<string, Record<string, string | string[]>>,
): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions, resources: [resource], ...(conditions ? { conditions } : {}) }),
  );
}
