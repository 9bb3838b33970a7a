import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { isLive, type Round } from '../../shared/approval/plan/round.ts';

/** What the writes of the tables have shown about a round. Times are epoch milliseconds. */
export interface RoundFacts {
  approvalId: string;
  issueId: string;
  state: string;
  instanceCode: string | undefined;
  sentAt: number | undefined;
  /** The first decision that was stored with the round. */
  decision: { at: number; applied: boolean } | undefined;
}

export interface IssueFacts {
  issueId: string;
  rounds: RoundFacts[];
  /** When Frabit last made a change after which the approval must change. */
  waitingSince: number | undefined;
  /** When the goal was reached. */
  reachedAt: number | undefined;
  /** How many messages about the issue were handled between these two times. */
  reconciles: number;
  /** When a task became PENDING. */
  pendingAt: number | undefined;
}

/** What a scenario waits for. */
type Goal = (issue: IssueFacts) => boolean;

/** Follows every write of the two tables, so that a read costs the same whatever the size of the crowd. */
export interface Facts {
  issues: ReadonlyMap<string, IssueFacts>;
  rounds: ReadonlyMap<string, RoundFacts>;
  /** Rounds in the order in which they were sent. */
  sent: readonly RoundFacts[];
  /** From now on the issue waits for the goal. */
  startWaiting(issueId: string): void;
  setGoal(goal: Goal): void;
  /** How many issues have reached the goal. */
  reached(): number;
  /** Whether an issue still waits for the goal. */
  isWaiting(): boolean;
  recordApproval(item: Record<string, AttributeValue>): void;
  recordIssueChange(record: DynamoDBRecord): void;
  recordReconcile(issueId: string): void;
}

export const isOpen = ({ state }: RoundFacts): boolean => isLive({ state } as Round);

export function createFacts(now: () => number): Facts {
  const issues = new Map<string, IssueFacts>();
  const rounds = new Map<string, RoundFacts>();
  const sent: RoundFacts[] = [];
  let goal: Goal = () => false;
  let waiting = 0;
  let reached = 0;

  function issueOf(issueId: string): IssueFacts {
    const known = issues.get(issueId);
    if (known) return known;
    const issue: IssueFacts = {
      issueId,
      rounds: [],
      waitingSince: undefined,
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
    setGoal(next) {
      goal = next;
      waiting = 0;
      reached = 0;
    },
    startWaiting(issueId) {
      waiting += 1;
      Object.assign(issueOf(issueId), { waitingSince: now(), reachedAt: undefined, reconciles: 0 });
    },
    reached: () => reached,
    isWaiting: () => reached < waiting,
    recordApproval({ approvalId, issueId, generation, state, instanceCode, decisions }) {
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
      if (issue.waitingSince === undefined || issue.reachedAt !== undefined || !goal(issue)) return;
      issue.reachedAt = now();
      reached += 1;
    },
    recordIssueChange({ dynamodb }) {
      const isReady = dynamodb?.NewImage?.stages?.L?.some((stage) =>
        stage.M?.tasks?.L?.some((task) => task.M?.status?.S === 'PENDING'),
      );
      if (isReady) issueOf(dynamodb?.Keys?.issueId?.S ?? '').pendingAt ??= now();
    },
    recordReconcile(issueId) {
      const issue = issueOf(issueId);
      if (issue.reachedAt === undefined) issue.reconciles += 1;
    },
  };
}
