import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { contentOf, hashOfTask } from '../../card-reader/hashes.ts';
import { anIssue, aStage } from '../../support/issue.ts';
import { taskHashVectors } from '../../support/task-hash-vectors.ts';

const here = new URL('../../card-reader/', import.meta.url);

/** Returns everything that a source imports, types included. */
const importsOf = (source: string): string[] =>
  [...source.matchAll(/\b(?:from|import|require)\b\s*\(?\s*(['"`])(?<what>.*?)\1/g)].map(
    ({ groups }) => groups?.what ?? '',
  );

it('the check finds imports of values, of types, for effects and at run time', () => {
  const source = `import a from 'a'; import type { B } from "b"; export * from 'c'; import 'd'; await import('e'); type F = import('f').F;`;
  expect(importsOf(source)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

it('the card reader uses nothing of the product, not even a type (docs/lessons.md 43)', () => {
  const files = globSync('**/*.ts', { cwd: here });
  const foreign = files
    .flatMap((file) => importsOf(readFileSync(new URL(file, here), 'utf8')))
    .filter((what) => !/^\.\/[\w-]+\.ts$|^node:crypto$/.test(what));
  expect(files.length).toBeGreaterThan(10);
  expect(foreign).toEqual([]);
});

it.each(taskHashVectors)(
  'the card reader calculates the task hash of the contract: $what',
  ({ task, sha256 }) => {
    expect(hashOfTask(task)).toBe(sha256);
  },
);

it('the content of a stage has the approver in lower case and every task in order', () => {
  const stage = aStage();
  const issue = anIssue({ stages: [stage], assignee: { email: 'Alice@Example.com' } });
  const hash = hashOfTask(stage.tasks[0] ?? { taskId: '', title: '', status: 'DONE' });
  expect(contentOf(issue, stage)).toBe(
    `{"v":1,"stageId":"stage-1","environment":"prod","assignee":"alice@example.com","tasks":["${hash}"]}`,
  );
});
