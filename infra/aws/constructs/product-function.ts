import { Duration, RemovalPolicy } from 'aws-cdk-lib';
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
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { StackOptions } from '../context.ts';
import { bundlingOf, entryOf, type FunctionName, PROJECT_ROOT } from './bundling.ts';

export interface ProductFunctionProps {
  name: FunctionName;
  description: string;
  logLevel: StackOptions['logLevel'];
  environment: Record<string, string>;
  /** Default: 60 s (docs/design.md 4.9). */
  timeout?: Duration;
  /** MB; also determines the share of the processor. */
  memorySize?: number;
}

/** A folder of `functions/` as a Lambda function: arm64, Node 24, its own role and log group. */
export class ProductFunction extends Construct {
  readonly lambda: NodejsFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: ProductFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Not the role of the CDK: that one may write to every log group of the account.
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    allow(this.role, ['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn);

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
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel[props.logLevel],
      systemLogLevelV2: SystemLogLevel.INFO,
      tracing: Tracing.DISABLED,
      awsSdkConnectionReuse: false,
      environment: {
        POWERTOOLS_LOG_LEVEL: props.logLevel,
        POWERTOOLS_SERVICE_NAME: props.name,
        POWERTOOLS_METRICS_NAMESPACE: 'FrabitImApproval',
        ...props.environment,
      },
    });
  }
}

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
