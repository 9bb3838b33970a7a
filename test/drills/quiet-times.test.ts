import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DrillStack, startDrillStack } from './drill-stack.ts';
import { busyDay, quietWeekend } from './quiet-times.ts';
import { STACK_NAME } from './template-alarms.ts';

/** Real time. Each takes up to a minute on an idle machine. */
const LONGEST_MS = 600_000;

let stack: DrillStack;
beforeAll(async () => {
  stack = await startDrillStack(STACK_NAME);
});
afterAll(() => stack.stop());

describe('no alarm rings', () => {
  it(
    'on a quiet weekend with open cards',
    async () => {
      expect(await quietWeekend(stack)).toEqual({ rang: [], sent: 6 });
    },
    LONGEST_MS,
  );

  it(
    'on a busy day on which nothing fails',
    async () => {
      const { rang, sent } = await busyDay(stack);
      expect(rang).toEqual([]);
      expect(sent).toBeGreaterThan(120);
    },
    LONGEST_MS,
  );
});
