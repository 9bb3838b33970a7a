import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { LIVE_STATES } from '../../shared/issue/approval-words.ts';
import type { CallInterceptor } from './call-interceptor.ts';
import { createFakeDynamoDb, type FakeDynamoDb } from './dynamodb/fake-dynamodb.ts';

type Image = Record<string, AttributeValue>;

/** What happened in the two tables. All maps have the `approvalId` of a round as their key. */
export interface TableHistory {
  /** Changes of the Issues table that watch-issues has not received yet, in order. */
  stream: DynamoDBRecord[];
  /** Every change of the Issues table. */
  changes: IssueChange[];
  /** Rounds of which a write overwrote a write that it had not read. */
  lostUpdates: string[];
  /** The number of changes of the Issues table before the read that a round was opened after. */
  changesAtOpening: ReadonlyMap<string, number>;
  /** The number of changes of the Issues table before a round was closed. */
  changesAtClosing: ReadonlyMap<string, number>;
  /** The record that the first request of a round was composed from. */
  composedFrom: ReadonlyMap<string, Image>;
  /** The numbers of the commands that opened and closed a round. One transaction can close a round and open the next. */
  openingCommand: ReadonlyMap<string, number>;
  closingCommand: ReadonlyMap<string, number>;
  /** Reads of handlers that were not strongly consistent. */
  laggingReads: string[];
}

export interface IssueChange {
  by: 'FRABIT' | 'US';
  at: number;
  issueId: string;
  /** The record as the writing handler had read it. */
  read: Image | undefined;
  before: Image | undefined;
  after: Image | undefined;
}

/** Returns an in-memory DynamoDB and the history of its tables. The interceptor sees each command. */
export function createRecordedDynamoDb(
  interceptor: CallInterceptor,
  now: () => number,
): { dynamo: FakeDynamoDb; history: TableHistory } {
  const stream: DynamoDBRecord[] = [];
  const changes: IssueChange[] = [];
  const lostUpdates: string[] = [];
  const laggingReads: string[] = [];
  const revisions = new Map<string, number>();
  const changesAtOpening = new Map<string, number>();
  const changesAtClosing = new Map<string, number>();
  const composedFrom = new Map<string, Image>();
  const openingCommand = new Map<string, number>();
  const closingCommand = new Map<string, number>();
  let commands = 0;

  const dynamo = createFakeDynamoDb({
    around: (call, run) =>
      interceptor.intercept({ name: `DynamoDB ${call.operation}`, kind: call.kind }, () => {
        commands += 1;
        const result = run();
        // The sweep's walk only sends hints, so its scans may lag.
        if (call.lags && call.operation !== 'Scan' && interceptor.currentRun())
          laggingReads.push(call.operation);
        if (call.kind === 'READ') recordRead(result);
        else recordChanges();
        return result;
      }),
    onApproval: recordRound,
  });

  /** Stores what a handler has read of an issue record: its writes must follow from that. */
  function recordRead(result: unknown) {
    const item = result instanceof Object && 'Item' in result ? result.Item : undefined;
    const image = (item ?? {}) as Image;
    const run = interceptor.currentRun();
    if (!run || !image.issueId?.S || !image.stages) return;
    run.read.set(image.issueId.S, image);
    run.changesAtRead.set(image.issueId.S, changes.length);
  }

  /** Each write of a round must increment the revision that it has read. */
  function recordRound(round: Image) {
    const { approvalId, issueId, revision, state, attempted } = round;
    if (!approvalId?.S || !revision?.N) return;
    const image = interceptor.currentRun()?.read.get(issueId?.S ?? '');
    if (attempted?.BOOL && image && !composedFrom.has(approvalId.S)) composedFrom.set(approvalId.S, image);
    const isOpen = LIVE_STATES.some((live) => live === state?.S);
    if (!isOpen && !changesAtClosing.has(approvalId.S)) changesAtClosing.set(approvalId.S, changes.length);
    const first = isOpen ? openingCommand : closingCommand;
    if (!first.has(approvalId.S)) first.set(approvalId.S, commands);
    if (!revisions.has(approvalId.S)) {
      changesAtOpening.set(
        approvalId.S,
        interceptor.currentRun()?.changesAtRead.get(issueId?.S ?? '') ?? changes.length,
      );
    }
    const [before, after] = [revisions.get(approvalId.S), Number(revision.N)];
    if (before !== undefined && after !== before && after !== before + 1) lostUpdates.push(approvalId.S);
    revisions.set(approvalId.S, after);
  }

  function recordChanges() {
    for (const record of dynamo.takeIssueChanges()) {
      stream.push(record);
      const { OldImage: before, NewImage: after, Keys } = record.dynamodb ?? {};
      const issueId = Keys?.issueId?.S ?? '';
      changes.push({
        by: interceptor.currentRun() ? 'US' : 'FRABIT',
        at: now(),
        issueId,
        read: interceptor.currentRun()?.read.get(issueId),
        before: before as IssueChange['before'],
        after: after as IssueChange['after'],
      });
    }
  }

  const history: TableHistory = {
    stream,
    changes,
    lostUpdates,
    changesAtOpening,
    changesAtClosing,
    composedFrom,
    openingCommand,
    closingCommand,
    laggingReads,
  };
  return { dynamo, history };
}
