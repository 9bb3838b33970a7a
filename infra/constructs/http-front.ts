import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** Route keys and times only: a header, a query or a body could hold a signature or a key. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  at: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  sourceIp: '$context.identity.sourceIp',
  responseBytes: '$context.responseLength',
  latencyMilliseconds: '$context.responseLatency',
  integrationStatus: '$context.integrationStatus',
  integrationError: '$context.integrationErrorMessage',
  error: '$context.error.message',
};

/** The HTTP API: Feishu's webhook, and the settings routes behind IAM (CONTRACT sections 2 and 4). */
export class HttpFront extends Construct {
  readonly api: HttpApi;
  /** Request URL for the Feishu console. */
  readonly webhookUrl: string;
  /** Base URL of the settings routes. */
  readonly settingsUrl: string;

  constructor(scope: Construct, id: string, functions: { webhook: IFunction; settings: IFunction }) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', {
      description: "Feishu's webhook and the settings of Frabit IM approvals",
      createDefaultStage: false,
    });
    this.addStage();

    const webhook = new HttpLambdaIntegration('Webhook', functions.webhook);
    const [route] = this.api.addRoutes({
      path: '/feishu/events',
      methods: [HttpMethod.POST],
      integration: webhook,
      authorizer: new HttpNoneAuthorizer(),
    });
    if (route) {
      acknowledge(
        route,
        'AwsSolutions-APIG4',
        'Feishu has no AWS identity: the function verifies its signature and token on every request.',
      );
    }

    const settings = new HttpLambdaIntegration('Settings', functions.settings);
    const authorizer = new HttpIamAuthorizer();
    for (const [path, methods] of [
      ['/settings/feishu', [HttpMethod.PUT, HttpMethod.GET, HttpMethod.DELETE]],
      ['/settings/feishu/check', [HttpMethod.POST]],
      ['/settings/feishu/check/{testId}', [HttpMethod.GET]],
    ] as const) {
      this.api.addRoutes({ path, methods: [...methods], integration: settings, authorizer });
    }

    this.webhookUrl = `${this.api.apiEndpoint}/feishu/events`;
    this.settingsUrl = `${this.api.apiEndpoint}/settings`;
  }

  private addStage(): void {
    const logGroup = new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 100, burstLimit: 200 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
  }
}
