import { isDeepStrictEqual } from 'node:util';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Stage } from '../../shared/issue/record.ts';
import { hashOfTask as hashOf } from '../card-reader/hashes.ts';
import type { StoredRecord } from '../support/core.ts';
import type { Card } from './card.ts';
import { CREATOR, type Image, recordOf, STAGES } from './frabit.ts';
import { judgeWrite } from './judge-write.ts';
import { isLive, isSilent, type RoundFacts, roundIn, roundsIn } from './rounds.ts';
import { type Happened, type Instance, NOTHING, type StageHistory, type State } from './state.ts';

/** What must hold after every effect, in words of its own: cards are judged by what a person reads on them. */
export interface Rules {
  /** A round was written; called before the command that wrote it is complete. */
  onApproval(item: Image, before: Image | undefined): void;
  /** The worker has read the record: what happens from now on it does not know. */
  onRead(record: StoredRecord): void;
  /** The worker has read the instance: it knows how that stands. */
  onLook(instance: Instance): void;
  onIssue(before: Image | undefined, after: Image, isOurs: boolean): void;
  /** Everything that can be told from a state alone. */
  check(): void;
  report(rule: string, detail: string): void;
  violations(): readonly string[];
  forget(): void;
}

type Kept = { -readonly [K in 'instances' | 'history' | 'rungAt' | 'spare']: State[K] };

export function createRules(
  live: Kept,
  items: () => readonly Record<string, AttributeValue>[],
  record: () => StoredRecord,
): Rules {
  let broken: string[] = [];
  const report = (rule: string, detail: string) => void broken.push(`${rule}: ${detail}`);
  const cardOf = (approvalId: string): Card | undefined =>
    live.instances.find(({ uuid }) => uuid === approvalId)?.card;
  let read: { record: StoredRecord; isRung: boolean } | undefined;
  const isRung = ({ currentStageId }: StoredRecord) => currentStageId === live.rungAt;
  /** By stage, since the worker has read the record. */
  let unread: Record<string, Happened> = {};
  /** By instance code, as the worker has seen it last. */
  let looked: Record<string, Instance> = {};
  /** Instance codes. */
  let reopened: readonly string[] = [];
  const happens = (stageId: string, what: Partial<Happened>) => {
    unread = { ...unread, [stageId]: { ...(unread[stageId] ?? NOTHING), ...what } };
    const known = live.history[stageId];
    if (!known) return;
    const opened = { ...known.opened, ...what };
    const closed = known.closed && { ...known.closed, ...what };
    live.history = { ...live.history, [stageId]: { ...known, opened, ...(closed && { closed }) } };
  };

  function onOpened(round: RoundFacts): void {
    const { id } = round.subject;
    const previous = roundsIn(items()).find(
      (one) => one.subject.id === id && one.generation === round.generation - 1,
    );
    if (record().approvalMode === 'BELL_ONLY' && !isRung(record()) && !read?.isRung)
      report('a stage that waits for the bell is sent after a ring made there', describe(round));
    // Of an arrival a hint may tell late: each may send the stage once.
    const spare = live.spare[id] ?? 0;
    if (previous && !isCaused(previous) && spare === 0)
      report('nothing is sent again without a trigger', describe(round));
    live.spare = { ...live.spare, [id]: Math.max(0, spare - 1) };
    const { asked } = live.history[id] ?? {};
    const known = { approvalId: round.approvalId, opened: unread[id] ?? NOTHING, ...(asked && { asked }) };
    live.history = { ...live.history, [id]: known };
  }
  function isCaused(previous: RoundFacts): boolean {
    const { opened } = live.history[previous.subject.id] ?? { opened: NOTHING };
    if (opened.came || opened.rang) return true;
    if (!isSilent(previous)) return opened.written;
    return (
      opened.rested ||
      asksForMore(cardOf(previous.approvalId), stageOf(read?.record ?? record(), previous.subject.id))
    );
  }
  /** What asks is approved in Frabit itself once it no longer does. */
  function onAsking({ stages, approvedTasks }: StoredRecord): void {
    for (const { stageId, tasks } of stages) {
      const [entry, known] = [approvedTasks?.[stageId], live.history[stageId]];
      if (!entry || !known) continue;
      const asking = tasks.filter(
        (task) => task.status === 'PENDING_APPROVAL' && entry[task.taskId] !== hashOf(task),
      );
      const asked = [...new Set([...(known.asked ?? []), ...asking.map(({ statement }) => statement ?? '')])];
      if (asking.length > 0) live.history = { ...live.history, [stageId]: { ...known, asked: asked.sort() } };
    }
  }
  function onApproved(stageId: string): void {
    const { asked: _, ...known } = live.history[stageId] ?? {};
    if ('opened' in known) live.history = { ...live.history, [stageId]: known as StageHistory };
  }
  function onClosed(round: RoundFacts): void {
    const known = live.history[round.subject.id];
    if (known?.approvalId !== round.approvalId || !(isSilent(round) || round.state === 'APPROVED')) return;
    live.history = {
      ...live.history,
      [round.subject.id]: { ...known, closed: unread[round.subject.id] ?? NOTHING },
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
        report('a closed round stays closed', describe(round));
      if (old.content !== round.content) report('the content of a round never changes', describe(round));
      const isKept = old.decisions.length === 0 || isDeepStrictEqual(old.decisions, round.decisions);
      if (!isKept || round.decisions.length > 1) report('a decision is written once', describe(round));
      if (round.decisions.some(({ result, by }) => !isMade(live.instances, round, result, by.userId)))
        report('every decision was made by whom it names', describe(round));
    },
    onRead(seen) {
      read = { record: seen, isRung: isRung(seen) };
      unread = {};
      onAsking(seen);
      // It knows now that the issue has left: a ring of before counts no more.
      if (!read.isRung) live.rungAt = null;
    },
    onLook(instance) {
      looked = { ...looked, [instance.code]: instance };
    },
    onIssue(before, after, isOurs) {
      const [old, now] = [before && recordOf(before), recordOf(after)];
      const broke = isOurs ? judgeWrite(old, now, live.instances) : undefined;
      if (broke) report(broke, now.currentStageId ?? '');
      if (now.bell?.seq !== old?.bell?.seq && now.bell?.rungBy === CREATOR)
        live.rungAt = now.currentStageId ?? null;
      for (const stageId of STAGES) {
        if (!isDeepStrictEqual(old?.approvedTasks?.[stageId], now.approvedTasks?.[stageId]))
          onApproved(stageId);
        const isHere = now.currentStageId === stageId;
        if (isHere && old?.currentStageId !== stageId)
          live.spare = { ...live.spare, [stageId]: (live.spare[stageId] ?? 0) + 1 };
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
      for (const { code, uuid, status, comments, reverted } of live.instances) {
        // A tap between the look and the cancel cannot be seen.
        if (reverted && !reopened.includes(code)) {
          if (looked[code]?.status !== 'PENDING') report('what is approved is never canceled', code);
          reopened = [...reopened, code];
        }

        const round = rounds.find(({ approvalId }) => approvalId === uuid);
        if (!round) report('every instance belongs to a round', code);
        else if (status === 'PENDING' && !isLive(round) && !round.settle)
          report('every open card is live or being settled', describe(round));
        if (new Set(comments).size < comments.length) report('nothing is said twice', code);
      }
      const alive = rounds.filter(isLive).map(({ subject }) => subject.id);
      if (new Set(alive).size < alive.length) report('at most one live round a subject', String(alive));
    },
    report,
    violations: () => broken,
    forget() {
      broken = [];
      read = undefined;
      unread = {};
      looked = {};
      reopened = live.instances.filter(({ reverted }) => reverted).map(({ code }) => code);
    },
  };
}

export const describe = ({ subject, generation, state }: RoundFacts): string =>
  `request ${generation} of ${subject.id}, ${state}`;

export const stageOf = (record: StoredRecord, stageId: string | null | undefined): Stage | undefined =>
  record.stages.find((one) => one.stageId === stageId);

/** Whether the stage says other SQL than its card, or a task asks that the card calls something else. */
export const asksForMore = (card: Card | undefined, stage: Stage | undefined): boolean =>
  !card ||
  !stage ||
  stage.tasks.some(
    ({ statement, status }, at) =>
      card.tasks[at]?.sql !== statement ||
      (status === 'PENDING_APPROVAL' && card.tasks[at]?.status !== 'PENDING_APPROVAL'),
  );

/** In the timeline of an instance, by what was decided. */
export const ENTRIES: Readonly<Record<string, string>> = { APPROVED: 'PASS', REJECTED: 'REJECT' };

const isMade = (
  instances: readonly Instance[],
  { approvalId }: RoundFacts,
  result: string,
  userId: string | undefined,
): boolean =>
  instances.some(
    ({ uuid, timeline }) =>
      uuid === approvalId &&
      timeline.some(({ type, openId }) => type === ENTRIES[result] && openId === userId),
  );

function withoutBell(record: StoredRecord | undefined) {
  const { bell: _, stageApprovals: __, approvalHold: ___, ...rest } = record ?? {};
  return rest;
}
