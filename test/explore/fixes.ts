import type { Mutant } from '../simulation/mutants.ts';

/**
 * Fixes of defects that random stories did not find, by the number of their lesson (docs/lessons.md). The search must
 * find each defect when its fix is removed. Some fixes are in two places; both are removed.
 */
export const FIXES: Readonly<Record<string, readonly Mutant[]>> = {
  36: [
    {
      name: 'an open card approves a canceled task that asks only now',
      file: 'shared/approval/plan/subject.ts',
      find: "&& !(view.kind === 'STAGE' && asksAnew(round, view.stage))",
      replace: '',
    },
  ],
  40: [
    {
      name: 'a stage stays silent if the issue left it and came back between two reconciles',
      file: 'shared/approval/plan/arrivals.ts',
      find: 'const isLater = numberedBy === arrived.streamArn;',
      replace: 'const isLater = false;',
    },
  ],
  41: [
    {
      name: 'an old hint sets the bell of an arrival',
      file: 'shared/approval/plan/arrivals.ts',
      find: 'return arrived && rememberAtSameStage(memory, arrived, rounds, bellSeq);',
      replace: `const reported = hints.map(arrivalOf).find((one) => one?.stageId === stageId && one.bellSeq < memory.bellSeq);
    return arrived ? rememberAtSameStage(memory, arrived, rounds, bellSeq) : reported && remember({ ...memory, bellSeq: reported.bellSeq });`,
    },
    {
      name: 'a ring counts at the present stage, wherever it was made',
      file: 'shared/approval/plan/bell.ts',
      find: 'Math.min(memory?.rung ?? 0, issue.bell?.seq ?? 0) >',
      replace: 'creatorsRing(issue) >',
    },
  ],
};
export const FIX_NAMES = Object.keys(FIXES);
