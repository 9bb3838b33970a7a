import { type Round, type Subject, sameSubject } from './round.ts';

/** The round that stands for a subject: the one of the highest generation. */
export const latestRound = (rounds: readonly Round[], subject: Subject): Round | undefined =>
  latestOf(rounds.filter((round) => sameSubject(round.subject, subject)));

/** The rounds that stand for their subject, one each. */
export const latestRounds = (rounds: readonly Round[]): Round[] =>
  [...Map.groupBy(rounds, ({ subject }) => `${subject.kind}#${subject.id}`).values()]
    .map((ofSubject) => latestOf(ofSubject))
    .filter((round) => round !== undefined);

export const latestOf = (rounds: readonly Round[]): Round | undefined =>
  rounds.reduce<Round | undefined>(
    (last, round) => (last && last.generation > round.generation ? last : round),
    undefined,
  );
