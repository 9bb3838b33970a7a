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
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge-nag-findings.ts';

/** No header, query or body: they could hold a signature or a key. */
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

/** The HTTP API: the webhooks of Feishu and of OAs, and the settings routes behind IAM (docs/contract.md 2, 4, 5). */
export class HttpFront extends Construct {
  readonly api: HttpApi;
  /** Request URL for the Feishu console. */
  readonly webhookUrl: string;
  /** Base URL of the settings routes. */
  readonly settingsUrl: string;

  constructor(
    scope: Construct,
    id: string,
    {
      functions,
      logRetentionDays,
    }: {
      functions: { webhook: IFunction; externalEvents: IFunction; settings: IFunction };
      logRetentionDays: RetentionDays;
    },
  ) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', {
      description: 'Webhooks and settings of Frabit IM approvals',
      createDefaultStage: false,
    });
    this.addStage(logRetentionDays);

    this.addWebhook(
      '/feishu/events',
      new HttpLambdaIntegration('Webhook', functions.webhook),
      'Feishu has no AWS identity: the function verifies its signature and token on every request.',
    );
    this.addWebhook(
      '/external-approvals/{nodeId}/events',
      new HttpLambdaIntegration('ExternalEvents', functions.externalEvents),
      'An OA has no AWS identity: the function verifies the signature and the timestamp of every request.',
    );

    const settings = new HttpLambdaIntegration('Settings', functions.settings);
    const authorizer = new HttpIamAuthorizer();
    for (const [path, methods] of [
      ['/settings/feishu', [HttpMethod.PUT, HttpMethod.GET, HttpMethod.DELETE]],
      ['/settings/feishu/check', [HttpMethod.POST]],
      ['/settings/feishu/check/{testId}', [HttpMethod.GET]],
      ['/settings/external-approvals', [HttpMethod.GET]],
      ['/settings/external-approvals/{nodeId}', [HttpMethod.PUT, HttpMethod.GET, HttpMethod.DELETE]],
    ] as const) {
      this.api.addRoutes({ path, methods: [...methods], integration: settings, authorizer });
    }

    this.webhookUrl = `${this.api.apiEndpoint}/feishu/events`;
    this.settingsUrl = `${this.api.apiEndpoint}/settings`;
  }

  private addWebhook(path: string, integration: HttpLambdaIntegration, withoutIam: string): void {
    const [route] = this.api.addRoutes({
      path,
      methods: [HttpMethod.POST],
      integration,
      authorizer: new HttpNoneAuthorizer(),
    });
    if (route) acknowledge(route, 'AwsSolutions-APIG4', withoutIam);
  }

  private addStage(retention: RetentionDays): void {
    const logGroup = new LogGroup(this, 'AccessLog', {
      retention,
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
