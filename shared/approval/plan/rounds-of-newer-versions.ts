import { CLOSED_STATES, LIVE_STATES } from '../../issue/approval-words.ts';
import { CONTENT_VERSION, contentVersionOf, externalSteps } from '../../issue/content-hash.ts';
import type { IssueRecord } from '../../issue/record.ts';
import { isKnown } from '../../runtime/stored-items.ts';
import { CHANNELS } from '../channels/policies.ts';
import { type Round, roundSchema, SUBJECT_KINDS, type Subject, sameSubject } from './round.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Rounds of a newer version that this version cannot judge (ADR 15). Their subject is left alone: for it, nothing is
 * opened, sent, withdrawn, written back or removed. Pure.
 */

/** The part of a round that this version does not know, so that it cannot say what the round means. */
export type Unknown = 'SUBJECT' | 'CHANNEL' | 'STATE' | 'CONTENT';

/** Returns the first unknown part of a round; undefined if this version knows them all. */
export function unknownOf({
  subject,
  channel,
  state,
  content,
}: Pick<Round, 'subject' | 'channel' | 'state' | 'content'>): Unknown | undefined {
  if (!isKnown(SUBJECT_KINDS, subject.kind)) return 'SUBJECT';
  if (!isKnown(CHANNELS, channel)) return 'CHANNEL';
  if (!isKnown([...LIVE_STATES, ...CLOSED_STATES], state)) return 'STATE';
  return contentVersionOf(content) > CONTENT_VERSION ? 'CONTENT' : undefined;
}

/** Whether an item as read is such a round. An item that is not a round is not unknown. */
export function isUnknownItem(item: Readonly<Record<string, unknown>>): boolean {
  const { data } = judgedSchema.safeParse(item);
  return data !== undefined && unknownOf(data) !== undefined;
}

const judgedSchema = roundSchema.pick({ subject: true, channel: true, state: true, content: true });

/**
 * Separates the rounds of every subject that has an unknown round. Its older rounds do not show its present state.
 */
export function separateUnknown(all: readonly Round[]): { rounds: Round[]; unknown: Round[] } {
  const unknown = all.filter((round) => unknownOf(round) !== undefined);
  if (unknown.length === 0) return { rounds: [...all], unknown };
  const isAbout = ({ subject }: Round) => unknown.some((one) => sameSubject(one.subject, subject));
  return { rounds: all.filter((round) => !isAbout(round)), unknown: all.filter(isAbout) };
}

type WithUnknown = Pick<Snapshot, 'unknown'>;

/** Whether the subject has an unknown round. */
export const isUnknown = (subject: Subject, { unknown = [] }: WithUnknown): boolean =>
  unknown.some((round) => sameSubject(round.subject, subject));

/**
 * Whether the subject is left alone: it has an unknown round, or an EXTERNAL step before it has one, so that nobody
 * can say whether that step is approved. Other subjects are handled as usual.
 */
export function isLeftAlone(subject: Subject, record: IssueRecord, at: WithUnknown): boolean {
  if (isUnknown(subject, at)) return true;
  if (record.status !== 'OPEN') return false;
  const steps = externalSteps(record);
  const place =
    subject.kind === 'STEP' ? steps.findIndex(({ stepId }) => stepId === subject.id) : steps.length;
  return steps.slice(0, Math.max(0, place)).some(({ stepId }) => isUnknown({ kind: 'STEP', id: stepId }, at));
}

/**
 * Whether an entry of `stageApprovals` or `stepApprovals` may belong to an unknown round. A subject of an unknown
 * kind may be in either.
 */
export const isEntryUnknown = (id: string, kind: Subject['kind'], { unknown = [] }: WithUnknown): boolean =>
  unknown.some(
    ({ subject }) => subject.id === id && (subject.kind === kind || !isKnown(SUBJECT_KINDS, subject.kind)),
  );

/**
 * Returns every round, the unknown ones included, for rules about all rounds: which rings were answered, and whether
 * an arrival was used.
 */
export const everyRound = ({
  rounds,
  unknown = [],
}: Pick<Snapshot, 'rounds' | 'unknown'>): readonly Round[] =>
  unknown.length === 0 ? rounds : [...rounds, ...unknown];
