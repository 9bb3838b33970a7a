import type { Round } from '../../shared/approval/plan/round.ts';
import { type IssueIndex, issueIdOf } from './frabit.ts';
import type { World } from './world.ts';

/** Describes a round in one line, for error messages. */
export const describeRound = ({
  approvalId,
  subject,
  generation,
  state,
  closeReason,
  error,
}: Round): string =>
  [subject.id, generation, state, closeReason, error?.code, approvalId].filter(Boolean).join(' ');

/** Describes an issue with all its rounds. */
export function describeIssue(world: World, issue: IssueIndex): string {
  const rounds = world.rounds().filter(({ issueId }) => issueId === issueIdOf(issue));
  return `${issueIdOf(issue)} [${rounds.map(describeRound).join(' | ')}]`;
}
