import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDrill } from './drill.ts';
import { type DrillStack, startDrillStack } from './drill-stack.ts';
import { DRILLS } from './drills.ts';
import { type Drilled, problemsOf, tableOf } from './report.ts';
import { STACK_NAME } from './template-alarms.ts';

/** Real time. A drill takes a few seconds on an idle machine. */
const LONGEST_MS = 120_000;

let stack: DrillStack;
const drilled: Drilled[] = [];
beforeAll(async () => {
  stack = await startDrillStack(STACK_NAME);
});
afterAll(() => stack.stop());

describe('the alarm drills', () => {
  it.each(DRILLS)(
    '$alarm rings and ends: $fault',
    async (drill) => {
      const one = { drill, result: await runDrill(drill, stack) };
      drilled.push(one);
      expect(problemsOf(one)).toEqual([]);
    },
    LONGEST_MS,
  );

  it('take the times that docs/testing.md gives', () => {
    const page = readFileSync(new URL('../../docs/testing.md', import.meta.url), 'utf8');
    const table = /^\| alarm \| fault(?:.*\n)+?(?=\n)/m.exec(page)?.[0].trim();
    expect(table).toBe(tableOf(drilled));
  });
});
