import { canonicalContent, sha256, stageContent, taskHashes } from '../../issue/content.ts';
import type { IssueRecord, Stage } from '../../issue/record.ts';
import { AppError } from '../../runtime/errors.ts';
import type { Opening } from '../plan.ts';
import { type Round, sameSubject } from '../round.ts';
import { schedule } from '../schedule.ts';
import type { Snapshot } from '../snapshot.ts';
import { AGAIN, type Outcome, type Reconciling } from './outcome.ts';

/** Opens a round after a closed one, or the first of its subject. */
export async function open(opening: Opening, snapshot: Snapshot, work: Reconciling): Promise<Outcome> {
  const round = newRound(opening, snapshot, work);
  const before = snapshot.rounds.find(
    (one) => sameSubject(one.subject, opening.subject) && one.generation === opening.generation - 1,
  );
  // The daily retry of a failed round ends with the round that follows it.
  const retired = before?.checkAfter && !before.settle && before.remarks.length === 0;
  if (before && retired) {
    const { checkAfter: _, ...after } = before;
    await work.store.open(round, { before, after });
  } else {
    await work.store.open(round);
  }
  return AGAIN;
}

/** A round as it is before anything is sent: its id is drawn and stored first, so that a send can be repeated. */
export function newRound(
  { subject, generation, triggers }: Opening,
  snapshot: Snapshot,
  { now, newId }: Pick<Reconciling, 'now' | 'newId'>,
): Round {
  const { record, stage } = recordAt(snapshot, subject.id);
  const { settings } = snapshot;
  if (!settings || !record.assignee)
    throw new AppError('STALE', 'The stage is not wanted any more.', { retryable: true });
  const content = canonicalContent(stageContent(record, stage));
  const round: Round = {
    issueId: snapshot.issueId,
    subject,
    generation,
    approvalId: newId(),
    revision: 0,
    state: 'REQUESTED',
    content,
    contentSha256: sha256(content),
    tasks: taskHashes(stage),
    triggers,
    arrival: snapshot.memory?.arrival ?? 0,
    bellSeq: record.bell?.seq ?? 0,
    channel: 'FEISHU',
    appId: settings.appId,
    domain: settings.domain,
    definitionCode: settings.definitionCode,
    approvers: [{ email: record.assignee.email }],
    requester: { email: record.creator.email, bot: false },
    requestedAt: now().toISOString(),
    decisions: [],
    attempted: false,
    remarks: [],
    remarked: [],
    remarkTries: 0,
    looks: 0,
    setbacks: 0,
    missed: [],
    asked: {},
    rechecks: 0,
    reminders: { sent: 0 },
    slots: {},
  };
  return schedule(round, now());
}

/** The record and the stage a round is about; what is no longer there was planned on something older. */
export function recordAt(snapshot: Snapshot, stageId: string): { record: IssueRecord; stage: Stage } {
  const record = snapshot.issue.kind === 'VALID' ? snapshot.issue.record : undefined;
  const stage = record?.stages.find((one) => one.stageId === stageId);
  if (!record || !stage)
    throw new AppError('STALE', 'The record has no such stage any more.', { retryable: true });
  return { record, stage };
}
