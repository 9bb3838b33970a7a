import type * as Diff from 'diff';
import { expect, it, vi } from 'vitest';
import { buildInstanceForm } from '../../../shared/feishu/form/build-form.ts';
import { shownOf } from '../../../shared/feishu/shown-content.ts';
import { aTask } from '../../support/issue.ts';
import { readForm, textOfField } from './golden/read-form.ts';
import { aFormInput } from './golden/scenarios.ts';

/** Counts the work of comparisons inside lines, which grows with the square of the edits. */
const { squares } = vi.hoisted(() => ({ squares: [] as number[] }));

vi.mock('diff', async (importOriginal) => {
  const diff = await importOriginal<typeof Diff>();
  return {
    ...diff,
    diffArrays: (before: string[], now: string[], options: { maxEditLength: number }) => {
      if (before[0]?.includes('\n') === false && !before[0].includes(' '))
        squares.push(Math.min(options.maxEditLength, before.length + now.length) ** 2);
      return diff.diffArrays(before, now, options);
    },
  };
});

it('limits the work of comparing changed lines, however many there are', () => {
  const line = (letter: string) =>
    Array.from({ length: 95 }, (_, index) => `${letter}${index % 10}`).join(' ');
  const tasks = (letter: string) =>
    Array.from({ length: 10 }, (_, task) =>
      aTask({
        taskId: `t${task}`,
        statement: Array.from({ length: 130 }, (_, index) => `${line(letter)} ${task} ${index}`).join('\n'),
      }),
    );
  const before = aFormInput({ stage: { tasks: tasks('a') } });
  const input = aFormInput({
    stage: { tasks: tasks('b') },
    previous: shownOf(before.issue, before.stage),
  });

  expect(textOfField(readForm(buildInstanceForm(input), 'en-US'), 'changes')).toContain('130 lines added');

  expect(squares.length).toBeGreaterThan(100);
  expect(squares.reduce((sum, square) => sum + square, 0)).toBeLessThanOrEqual(2_000_000);
});
