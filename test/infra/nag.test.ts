import { App, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { buildApp } from './synthesised-stack.ts';

const findingsOf = (app: App): string[] =>
  new AwsSolutionsChecks(app)
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    );

const acknowledgementsOf = (construct: IConstruct) =>
  construct.node
    .findAll()
    .flatMap((node) =>
      node.node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) =>
          Object.entries<unknown>(data).map(([id, reason]) => ({ node, id, reason: String(reason) })),
        ),
    );

const OWN_TABLE = {
  issueTableName: 'frabit-issues',
  issueTableStreamArn:
    'arn:aws:dynamodb:eu-west-1:123456789012:table/frabit-issues/stream/2026-01-01T00:00:00.000',
};

describe('cdk-nag', () => {
  it.each([
    ['as it comes', {}],
    ["with Frabit's own table", OWN_TABLE],
    ['without retaining anything', { retain: 'false' }],
    ['with e-mail for alarms', { alarmEmail: 'oncall@example.com' }],
    ['with tracing', { tracing: 'true' }],
  ])('finds nothing in the stack %s', (_, context) => {
    expect(findingsOf(buildApp(context).app)).toEqual([]);
  });

  it('reports a topic that accepts plain HTTP', () => {
    const app = new App();
    new Topic(new Stack(app, 'Careless'), 'Topic');
    expect(findingsOf(app)).toEqual(['AwsSolutions-SNS3 at Careless/Topic/Resource']);
  });

  it('has each acknowledged finding on one resource, with its reason', () => {
    const acknowledgements = acknowledgementsOf(buildApp().app);
    expect(
      acknowledgements.map(({ node, id }) => `${id.replace(/^.*::(?=Aws)/, '')} at ${node.node.path}`),
    ).toEqual([
      expect.stringMatching(/^AwsSolutions-S1 at FrabitImApproval\/FailedRecords\/Bucket\/Resource$/),
      expect.stringMatching(/^AwsSolutions-SMG4 at FrabitImApproval\/FeishuSecret\/Resource$/),
      expect.stringMatching(/^AwsSolutions-SMG4 at FrabitImApproval\/ExternalNodesSecret\/Resource$/),
      expect.stringMatching(
        /^AwsSolutions-IAM5\[Resource::<FailedRecordsBucket\w+\.Arn>\/aws\/lambda\/\*\] at FrabitImApproval\/Functions\/WatchIssues\/Role\/DefaultPolicy\/Resource$/,
      ),
      expect.stringMatching(
        /^AwsSolutions-IAM5\[Resource::<FailedRecordsBucket\w+\.Arn>\/aws\/lambda\/\*\] at FrabitImApproval\/Functions\/PublishApprovalEvents\/Role\/DefaultPolicy\/Resource$/,
      ),
      expect.stringMatching(
        /^AwsSolutions-APIG4 at FrabitImApproval\/HttpFront\/Api\/POST--feishu--events\/Resource$/,
      ),
      expect.stringMatching(
        /^AwsSolutions-APIG4 at FrabitImApproval\/HttpFront\/Api\/POST--external-approvals--\{nodeId\}--events\/Resource$/,
      ),
    ]);
    for (const { node, reason } of acknowledgements) {
      expect(CfnResource.isCfnResource(node)).toBe(true);
      expect(reason).toMatch(/^[A-Z].{20,}\.$/);
    }
  });
});
