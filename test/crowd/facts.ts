import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { isLive, type Round } from '../../shared/approval/plan/round.ts';

/** What the tables have shown of a round so far. Times are epoch milliseconds. */
export interface RoundFacts {
  approvalId: string;
  issueId: string;
  state: string;
  instanceCode: string | undefined;
  sentAt: number | undefined;
  /** The first decision that is kept with it. */
  decision: { at: number; applied: boolean } | undefined;
}

export interface IssueFacts {
  issueId: string;
  rounds: RoundFacts[];
  /** When it was last written by Frabit so that its approval has to change; undefined before. */
  wantedAt: number | undefined;
  /** When its approval was as it has to be. */
  reachedAt: number | undefined;
  /** Messages about it that were handled in between. */
  reconciles: number;
  /** When a task of it became ready to run. */
  pendingAt: number | undefined;
}

/** What a scenario waits for. */
export type Goal = (issue: IssueFacts) => boolean;

/** Follows every write of the two tables, so that no question to the world costs more the larger the crowd is. */
export interface Facts {
  issues: ReadonlyMap<string, IssueFacts>;
  rounds: ReadonlyMap<string, RoundFacts>;
  /** Rounds in the order in which they were sent. */
  sent: readonly RoundFacts[];
  /** From now on the issue waits for the goal. */
  want(issueId: string): void;
  aim(goal: Goal): void;
  /** How many issues have reached the goal since they were wanted. */
  reached(): number;
  /** Whether anybody who is wanted has not reached it. */
  isWaiting(): boolean;
  noteApproval(item: Record<string, AttributeValue>): void;
  noteIssueChange(record: DynamoDBRecord): void;
  noteReconcile(issueId: string): void;
}

export const isOpen = ({ state }: RoundFacts): boolean => isLive({ state } as Round);

export function createFacts(now: () => number): Facts {
  const issues = new Map<string, IssueFacts>();
  const rounds = new Map<string, RoundFacts>();
  const sent: RoundFacts[] = [];
  let goal: Goal = () => false;
  let wanted = 0;
  let reached = 0;

  function issueOf(issueId: string): IssueFacts {
    const known = issues.get(issueId);
    if (known) return known;
    const issue: IssueFacts = {
      issueId,
      rounds: [],
      wantedAt: undefined,
      reachedAt: undefined,
      reconciles: 0,
      pendingAt: undefined,
    };
    issues.set(issueId, issue);
    return issue;
  }

  function roundOf(approvalId: string, issueId: string): RoundFacts {
    const known = rounds.get(approvalId);
    if (known) return known;
    const round: RoundFacts = {
      approvalId,
      issueId,
      state: '',
      instanceCode: undefined,
      sentAt: undefined,
      decision: undefined,
    };
    rounds.set(approvalId, round);
    issueOf(issueId).rounds.push(round);
    return round;
  }

  return {
    issues,
    rounds,
    sent,
    aim(next) {
      goal = next;
      wanted = 0;
      reached = 0;
    },
    want(issueId) {
      wanted += 1;
      Object.assign(issueOf(issueId), { wantedAt: now(), reachedAt: undefined, reconciles: 0 });
    },
    reached: () => reached,
    isWaiting: () => reached < wanted,
    noteApproval({ approvalId, issueId, generation, state, instanceCode, decisions }) {
      if (!approvalId?.S || !issueId?.S || generation === undefined) return;
      const round = roundOf(approvalId.S, issueId.S);
      round.state = state?.S ?? '';
      round.instanceCode = instanceCode?.S ?? round.instanceCode;
      const [decision] = decisions?.L ?? [];
      if (decision) round.decision ??= { at: now(), applied: decision.M?.applied?.BOOL === true };
      if (round.state === 'PENDING' && round.sentAt === undefined) {
        round.sentAt = now();
        sent.push(round);
      }
      const issue = issueOf(issueId.S);
      if (issue.wantedAt === undefined || issue.reachedAt !== undefined || !goal(issue)) return;
      issue.reachedAt = now();
      reached += 1;
    },
    noteIssueChange({ dynamodb }) {
      const isReady = dynamodb?.NewImage?.stages?.L?.some((stage) =>
        stage.M?.tasks?.L?.some((task) => task.M?.status?.S === 'PENDING'),
      );
      if (isReady) issueOf(dynamodb?.Keys?.issueId?.S ?? '').pendingAt ??= now();
    },
    noteReconcile(issueId) {
      const issue = issueOf(issueId);
      if (issue.reachedAt === undefined) issue.reconciles += 1;
    },
  };
}
