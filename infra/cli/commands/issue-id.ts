import { badInput } from '../problem.ts';

/** docs/contract.md 1, in code points. */
const MAX_ID = 128;

/** Throws a CommandProblem if no issue can have this id. */
export function checkIssueId(issueId: string): void {
  if (issueId === '' || [...issueId].length > MAX_ID) {
    throw badInput(`The id of an issue has 1 to ${MAX_ID} characters.`);
  }
}
