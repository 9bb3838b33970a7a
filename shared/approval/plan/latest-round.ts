import { type Round, type Subject, sameSubject } from './round.ts';

/** Returns the round of a subject with the highest generation. */
export const latestRound = (rounds: readonly Round[], subject: Subject): Round | undefined =>
  latestOf(rounds.filter((round) => sameSubject(round.subject, subject)));

/** Returns the latest round of each subject. */
export const latestRounds = (rounds: readonly Round[]): Round[] =>
  [...Map.groupBy(rounds, ({ subject }) => `${subject.kind}#${subject.id}`).values()]
    .map((ofSubject) => latestOf(ofSubject))
    .filter((round) => round !== undefined);

/** Returns the round with the highest generation among rounds of one subject. */
export const latestOf = (rounds: readonly Round[]): Round | undefined =>
  rounds.reduce<Round | undefined>(
    (last, round) => (last && last.generation > round.generation ? last : round),
    undefined,
  );
