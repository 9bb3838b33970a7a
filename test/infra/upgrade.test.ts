import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { templateOf } from '../fixtures/release-files.ts';
import { RELEASES, readRelease } from '../fixtures/releases.ts';
import { notKept } from './compare-templates.ts';

const present = templateOf();

it('0.1.0 is kept', () => {
  expect(RELEASES).toContain('0.1.0');
});

describe.each(RELEASES)('a deploy over a stack of %s', (version) => {
  it('keeps tables, secrets, queues, bucket, logs, address, routes and outputs', () => {
    expect(notKept(readRelease(version, 'template.json'), present)).toEqual([]);
  });
});

describe('what a deploy must keep', () => {
  const before = readRelease('0.1.0', 'template.json');
  const resources = z.object({ Resources: z.record(z.string(), z.unknown()) }).parse(before).Resources;
  const idOf = (prefix: string): string => Object.keys(resources).find((id) => id.startsWith(prefix)) ?? '';
  const changed = (change: (text: string) => string) =>
    notKept(before, JSON.parse(change(JSON.stringify(before))));

  it.each(['TablesApprovals', 'WorkQueueHints', 'FeishuSecret', 'HttpFrontApi', 'FailedRecordsBucket'])(
    '%s has the same logical id',
    (prefix) => {
      const problems = changed((text) => text.replaceAll(idOf(prefix), `Renamed${idOf(prefix)}`));
      expect(problems).toContain(`${idOf(prefix)} is gone: its data would be lost`);
    },
  );

  it.each([
    [
      'the keys of a table',
      '"KeySchema":[{"AttributeName":"pk"',
      '"KeySchema":[{"AttributeName":"key"',
      'TablesApprovals',
      'has another KeySchema',
    ],
    [
      'an index',
      '"AttributeName":"checkAfter","KeyType":"RANGE"',
      '"AttributeName":"at","KeyType":"RANGE"',
      'TablesApprovals',
      'has no index due with the same keys',
    ],
    [
      'the first value of a secret',
      '{\\"apps\\":{}}',
      '{\\"apps\\":{ }}',
      'FeishuSecret',
      'has another SecretString',
    ],
    ['the order of a queue', '"FifoQueue":true,', '', 'WorkQueueHints', 'has another FifoQueue'],
    [
      'what is retained',
      '"DeletionPolicy":"Retain"',
      '"DeletionPolicy":"Delete"',
      'TablesIssues',
      'has no DeletionPolicy Retain any more',
    ],
  ])('%s', (_, from, to, prefix, problem) => {
    expect(JSON.stringify(before)).toContain(from);
    expect(changed((text) => text.replaceAll(from, to))).toContain(`${idOf(prefix)} ${problem}`);
  });

  it.each([
    [
      'a route',
      '"RouteKey":"GET /settings/feishu"',
      '"RouteKey":"GET /settings"',
      'the route GET /settings/feishu is gone, or has another authorization',
    ],
    [
      'the authorization of a route',
      '"AuthorizationType":"AWS_IAM"',
      '"AuthorizationType":"NONE"',
      'the route PUT /settings/feishu is gone, or has another authorization',
    ],
    ['an output', '"SettingsUrl":{', '"SettingsAddress":{', 'the output SettingsUrl is gone'],
  ])('%s', (_, from, to, problem) => {
    expect(JSON.stringify(before)).toContain(from);
    expect(changed((text) => text.replaceAll(from, to))).toContain(problem);
  });
});
