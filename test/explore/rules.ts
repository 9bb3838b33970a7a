import { isDeepStrictEqual } from 'node:util';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { hashOfTask as hashOf } from '../card-reader/hashes.ts';
import type { StoredRecord } from '../support/core.ts';
import { asksForMore, type Card } from './card.ts';
import { CREATOR, type Image, recordOf, STAGES, stageOf } from './frabit.ts';
import { judgeWrite } from './judge-write.ts';
import { describeRound, isLive, isSilent, type RoundFacts, roundIn, roundsIn } from './rounds.ts';
import {
  type Happened,
  type Instance,
  NOTHING_HAPPENED,
  type StageHistory,
  type State,
  TIMELINE_TYPES,
} from './state.ts';

/**
 * The rules that hold after every effect. They use no code of the plan, and judge cards by what a person reads on them.
 */
export interface Rules {
  /** A round was written. Called before the command that writes it is complete. */
  onApproval(item: Image, before: Image | undefined): void;
  /** The worker read the record. It does not know what happens from now on. */
  onRead(record: StoredRecord): void;
  /** The worker read the instance. */
  onLook(instance: Instance): void;
  onIssue(before: Image | undefined, after: Image, isOurs: boolean): void;
  /** Checks the rules about the state alone. */
  check(): void;
  report(rule: string, detail: string): void;
  violations(): readonly string[];
  forget(): void;
}

type RuleState = { -readonly [K in 'instances' | 'history' | 'rungStage' | 'unaskedArrivals']: State[K] };

export function createRules(
  state: RuleState,
  items: () => readonly Record<string, AttributeValue>[],
  record: () => StoredRecord,
): Rules {
  let broken: string[] = [];
  const report = (rule: string, detail: string) => void broken.push(`${rule}: ${detail}`);
  const cardOf = (approvalId: string): Card | undefined =>
    state.instances.find(({ uuid }) => uuid === approvalId)?.card;
  let read: { record: StoredRecord; isRung: boolean } | undefined;
  const isRung = ({ currentStageId }: StoredRecord) => currentStageId === state.rungStage;
  /** What happened to each stage since the worker read the record. */
  let unread: Record<string, Happened> = {};
  /** Instances as the worker last saw them, by instance code. */
  let looked: Record<string, Instance> = {};
  /** Instance codes. */
  let reopened: readonly string[] = [];
  const happens = (stageId: string, what: Partial<Happened>) => {
    unread = { ...unread, [stageId]: { ...(unread[stageId] ?? NOTHING_HAPPENED), ...what } };
    const known = state.history[stageId];
    if (!known) return;
    const opened = { ...known.opened, ...what };
    const closed = known.closed && { ...known.closed, ...what };
    state.history = { ...state.history, [stageId]: { ...known, opened, ...(closed && { closed }) } };
  };

  function onOpened(round: RoundFacts): void {
    const { id } = round.subject;
    const previous = roundsIn(items()).find(
      (one) => one.subject.id === id && one.generation === round.generation - 1,
    );
    if (record().approvalMode === 'BELL_ONLY' && !isRung(record()) && !read?.isRung)
      report('a BELL_ONLY stage is sent only after a ring made at that stage', describeRound(round));
    // The hint of an arrival can come late, so each arrival may send the stage once.
    const unaskedArrivals = state.unaskedArrivals[id] ?? 0;
    if (previous && !isCaused(previous) && unaskedArrivals === 0)
      report('nothing is sent again without a trigger', describeRound(round));
    state.unaskedArrivals = { ...state.unaskedArrivals, [id]: Math.max(0, unaskedArrivals - 1) };
    const { asked } = state.history[id] ?? {};
    const history = {
      approvalId: round.approvalId,
      opened: unread[id] ?? NOTHING_HAPPENED,
      ...(asked && { asked }),
    };
    state.history = { ...state.history, [id]: history };
  }
  function isCaused(previous: RoundFacts): boolean {
    const { opened } = state.history[previous.subject.id] ?? { opened: NOTHING_HAPPENED };
    if (opened.came || opened.rang) return true;
    if (!isSilent(previous)) return opened.written;
    return (
      opened.rested ||
      asksForMore(cardOf(previous.approvalId), stageOf(read?.record ?? record(), previous.subject.id))
    );
  }
  /** Remembers the SQL of tasks that ask: if such a task asks no longer, Frabit itself has approved it. */
  function onAsking({ stages, approvedTasks }: StoredRecord): void {
    for (const { stageId, tasks } of stages) {
      const [entry, known] = [approvedTasks?.[stageId], state.history[stageId]];
      if (!entry || !known) continue;
      const asking = tasks.filter(
        (task) => task.status === 'PENDING_APPROVAL' && entry[task.taskId] !== hashOf(task),
      );
      const asked = [...new Set([...(known.asked ?? []), ...asking.map(({ statement }) => statement ?? '')])];
      if (asking.length > 0)
        state.history = { ...state.history, [stageId]: { ...known, asked: asked.sort() } };
    }
  }
  function onApproved(stageId: string): void {
    const { asked: _, ...known } = state.history[stageId] ?? {};
    if ('opened' in known) state.history = { ...state.history, [stageId]: known as StageHistory };
  }
  function onClosed(round: RoundFacts): void {
    const known = state.history[round.subject.id];
    if (known?.approvalId !== round.approvalId || !(isSilent(round) || round.state === 'APPROVED')) return;
    state.history = {
      ...state.history,
      [round.subject.id]: { ...known, closed: unread[round.subject.id] ?? NOTHING_HAPPENED },
    };
  }

  return {
    onApproval(item, before) {
      const round = roundIn(item);
      if (!round) return;
      const old = before && roundIn(before);
      if (!old) return onOpened(round);
      if (isLive(old) && !isLive(round)) onClosed(round);
      const revoked = old.state === 'APPROVED' && round.state === 'REVERTED';
      if (!isLive(old) && old.state !== round.state && !revoked)
        report('a closed round stays closed', describeRound(round));
      if (old.content !== round.content) report('the content of a round never changes', describeRound(round));
      const isKept = old.decisions.length === 0 || isDeepStrictEqual(old.decisions, round.decisions);
      if (!isKept || round.decisions.length > 1) report('a decision is written once', describeRound(round));
      if (round.decisions.some(({ result, by }) => !isMade(state.instances, round, result, by.userId)))
        report('every decision was made by the person it names', describeRound(round));
    },
    onRead(seen) {
      read = { record: seen, isRung: isRung(seen) };
      unread = {};
      onAsking(seen);
      // The worker now knows that the issue has left the stage, so an earlier ring no longer counts.
      if (!read.isRung) state.rungStage = null;
    },
    onLook(instance) {
      looked = { ...looked, [instance.code]: instance };
    },
    onIssue(before, after, isOurs) {
      const [old, now] = [before && recordOf(before), recordOf(after)];
      const brokenByWrite = isOurs ? judgeWrite(old, now, state.instances) : undefined;
      if (brokenByWrite) report(brokenByWrite, now.currentStageId ?? '');
      if (now.bell?.seq !== old?.bell?.seq && now.bell?.rungBy === CREATOR)
        state.rungStage = now.currentStageId ?? null;
      for (const stageId of STAGES) {
        if (!isDeepStrictEqual(old?.approvedTasks?.[stageId], now.approvedTasks?.[stageId]))
          onApproved(stageId);
        const isHere = now.currentStageId === stageId;
        if (isHere && old?.currentStageId !== stageId)
          state.unaskedArrivals = {
            ...state.unaskedArrivals,
            [stageId]: (state.unaskedArrivals[stageId] ?? 0) + 1,
          };
        const rang = now.bell?.seq !== old?.bell?.seq && now.bell?.rungBy === CREATOR;
        const written = !isOurs && !isDeepStrictEqual(withoutBell(old), withoutBell(now));
        happens(stageId, {
          ...(isHere && old?.currentStageId !== stageId && { came: true }),
          ...(rang && { rang }),
          ...(written && { written }),
          ...(stageOf(now, stageId)?.tasks.every(({ status }) => status !== 'PENDING_APPROVAL') && {
            rested: true,
          }),
        });
      }
    },
    check() {
      const rounds = roundsIn(items());
      for (const { code, uuid, status, comments, reverted } of state.instances) {
        // An approval between the worker's look and its cancel cannot be seen, and reopens the instance too.
        if (reverted && !reopened.includes(code)) {
          if (looked[code]?.status !== 'PENDING') report('an approved instance is never canceled', code);
          reopened = [...reopened, code];
        }

        const round = rounds.find(({ approvalId }) => approvalId === uuid);
        if (!round) report('every instance belongs to a round', code);
        else if (status === 'PENDING' && !isLive(round) && !round.settle)
          report('every open card belongs to a live round or is being closed', describeRound(round));
        if (new Set(comments).size < comments.length) report('no comment is posted twice', code);
      }
      const live = rounds.filter(isLive).map(({ subject }) => subject.id);
      if (new Set(live).size < live.length) report('a subject has at most one live round', String(live));
    },
    report,
    violations: () => broken,
    forget() {
      broken = [];
      read = undefined;
      unread = {};
      looked = {};
      reopened = state.instances.filter(({ reverted }) => reverted).map(({ code }) => code);
    },
  };
}

const isMade = (
  instances: readonly Instance[],
  { approvalId }: RoundFacts,
  result: string,
  userId: string | undefined,
): boolean =>
  instances.some(
    ({ uuid, timeline }) =>
      uuid === approvalId &&
      timeline.some(({ type, openId }) => type === TIMELINE_TYPES[result] && openId === userId),
  );

function withoutBell(record: StoredRecord | undefined) {
  const { bell: _, stageApprovals: __, approvalHold: ___, ...rest } = record ?? {};
  return rest;
}
