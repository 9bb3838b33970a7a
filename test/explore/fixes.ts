import type { Mutant } from '../simulation/mutants.ts';

/**
 * Fixes of defects that once escaped every random story, by their row of the lessons: the search must miss each. What a
 * row asks for may be held at two places; both are taken out then.
 */
export const FIXES: Readonly<Record<string, readonly Mutant[]>> = {
  36: [
    {
      name: 'a canceled task that is asked for under an open card is approved with it',
      file: 'shared/approval/plan/subject.ts',
      find: "&& !(view.kind === 'STAGE' && asksAnew(round, view.stage))",
      replace: '',
    },
  ],
  40: [
    {
      name: 'a stage that the issue has left and come back to between two looks stays silent',
      file: 'shared/approval/plan/arrivals.ts',
      find: 'const isLater = numberedBy === arrived.streamArn;',
      replace: 'const isLater = false;',
    },
  ],
  41: [
    {
      name: 'the bell of an arrival is what a hint says of it, however old the hint is',
      file: 'shared/approval/plan/arrivals.ts',
      find: 'return arrived && stay(memory, arrived, rounds, bellSeq);',
      replace: `const told = hints.map(arrivalOf).find((one) => one?.stageId === stageId && one.bellSeq < memory.bellSeq);
    return arrived ? stay(memory, arrived, rounds, bellSeq) : told && remember({ ...memory, bellSeq: told.bellSeq });`,
    },
    {
      name: 'a ring counts where the issue is, wherever it was made',
      file: 'shared/approval/plan/bell.ts',
      find: 'Math.min(memory?.rung ?? 0, issue.bell?.seq ?? 0) >',
      replace: 'creatorsRing(issue) >',
    },
  ],
};
export const FIX_NAMES = Object.keys(FIXES);
