import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { firstCells, pathsIn, REPOSITORY, sectionOf } from './pages.ts';

const read = (file: string): unknown => parse(readFileSync(join(REPOSITORY, '.github', file), 'utf8'));

describe('.github/workflows/ci.yml', () => {
  const workflow = z
    .object({
      on: z.record(z.string(), z.unknown()),
      permissions: z.unknown(),
      jobs: z.record(
        z.string(),
        z.object({
          'runs-on': z.string(),
          'timeout-minutes': z.number(),
          permissions: z.unknown().optional(),
          steps: z.array(z.object({ uses: z.string().optional(), run: z.string().optional() })),
        }),
      ),
    })
    .parse(read('workflows/ci.yml'));
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

  it('runs .ci/run for each push and each pull request, and nothing else', () => {
    expect(Object.keys(workflow.on).toSorted()).toEqual(['pull_request', 'push']);
    expect(steps.flatMap(({ run }) => run ?? [])).toEqual(['.ci/run']);
  });

  it('checks out first, then prepares Node.js and Java with actions of a fixed major version', () => {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.map((action) => action.replace(/@v\d+$/, '@v'))).toEqual([
      'actions/checkout@v',
      'actions/setup-node@v',
      'actions/setup-java@v',
    ]);
    expect(steps.findIndex(({ run }) => run !== undefined)).toBe(steps.length - 1);
  });

  it('may only read the repository, and reads no secret', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const { permissions } of Object.values(workflow.jobs)) expect(permissions).toBeUndefined();
    expect(readFileSync(join(REPOSITORY, '.github/workflows/ci.yml'), 'utf8')).not.toMatch(/secrets\./);
  });
});

describe('.github/ISSUE_TEMPLATE', () => {
  const form = z.object({
    name: z.string(),
    description: z.string(),
    body: z
      .array(
        z.discriminatedUnion('type', [
          z.strictObject({ type: z.literal('markdown'), attributes: z.strictObject({ value: z.string() }) }),
          z.strictObject({
            type: z.enum(['textarea', 'input', 'dropdown']),
            id: z.string().regex(/^[a-z]+$/),
            attributes: z.strictObject({
              label: z.string(),
              description: z.string().optional(),
              render: z.string().optional(),
              options: z.array(z.string()).optional(),
            }),
            validations: z.strictObject({ required: z.boolean() }).optional(),
          }),
        ]),
      )
      .min(1),
  });

  it.each(['bug', 'change', 'question'])('%s.yml is a form of which each question has its own id', (name) => {
    const { body } = form.parse(read(`ISSUE_TEMPLATE/${name}.yml`));
    const ids = body.flatMap((part) => (part.type === 'markdown' ? [] : [part.id]));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is the only way to open an issue', () => {
    expect(read('ISSUE_TEMPLATE/config.yml')).toEqual({ blank_issues_enabled: false });
  });
});

describe('.github/CONTRIBUTING.md', () => {
  it('explains each script of package.json', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')));
    expect(firstCells(sectionOf('.github/CONTRIBUTING.md', 'Commands')).toSorted()).toEqual(
      Object.keys(scripts).toSorted(),
    );
  });

  it('names the files for each addition', () => {
    const named = pathsIn(sectionOf('.github/CONTRIBUTING.md', 'Add something'));
    expect(named.length).toBeGreaterThan(40);
  });
});
