import { isDeepStrictEqual } from 'node:util';
import type { Round } from '../../shared/approval/plan/round.ts';
import type { IssueRecord } from '../../shared/issue/record.ts';
import type { Interruption } from './call-interceptor.ts';
import { checkExpiry, wrongMarkIn } from './check-expiry.ts';
import { createWorld } from './create-world.ts';
import { createFrabit, ISSUES } from './frabit.ts';
import { createInvariantChecker } from './invariants.ts';
import type { Scenario } from './scenarios.ts';
import { violated } from './violation.ts';
import type { World } from './world.ts';

/** Long enough for the message of a killed handler to be visible again, and for the waits of its next handler. */
const REST_HOURS = 0.25;

export interface CrashPoint {
  /** The call at which the handler is killed, counted over the whole scenario from 1. */
  at: number;
  when: Interruption['when'];
}

/** Plays a scenario. At `crash` the running handler is killed, and its message is delivered again. */
export async function playScenario(
  { steps, retention }: Scenario,
  crash?: CrashPoint,
): Promise<{ end: string; calls: number; killedAt: string | undefined }> {
  const world = await createWorld(retention && { retention });
  const invariants = createInvariantChecker(world);
  let killedAt: string | undefined;
  let wrongMark: string | undefined;
  world.interceptor.schedule(...(crash ? [{ ...crash, of: 'WRITES', how: 'KILL' } as const] : []));
  world.interceptor.onKill(({ name }) => {
    killedAt = name;
    // Thrown later: an error of the listener would be one of the killed handler, which nobody sees.
    wrongMark = wrongMarkIn(world);
  });
  try {
    for (const step of steps) {
      await step(world);
      await world.rest(REST_HOURS);
      invariants.check();
      if (wrongMark !== undefined)
        throw violated('the memory says that items of an issue are marked', wrongMark);
      await checkExpiry(world, retention);
    }
    return { end: await describeEnd(world), calls: world.interceptor.counts().writes, killedAt };
  } finally {
    world.tenant.close();
    world.oa.close();
  }
}

/** Every crash point of a scenario: before each call, and after each call but before its answer. */
export const crashPoints = (calls: number): CrashPoint[] =>
  Array.from({ length: calls }, (_, index) => index + 1).flatMap((at): CrashPoint[] => [
    { at, when: 'BEFORE' },
    { at, when: 'AFTER' },
  ]);

/** All that people and Frabit can see at the end, except what differs in every run: ids, times, numbers of looks. */
async function describeEnd(world: World): Promise<string> {
  const frabit = createFrabit(world);
  const records = await Promise.all(ISSUES.map((issue) => frabit.read(issue)));
  const cards = [...world.tenant.world.instances.values()].map((instance) => ({
    status: instance.status,
    initiator: instance.initiator === world.tenant.world.app.botOpenId ? 'bot' : 'person',
    tasks: instance.tasks.map(({ openId, status }) => [openId, status]),
    comments: instance.comments.map(({ text }) => text),
    form: instance.form.map(({ id }) => id),
  }));
  const asked = [...world.oaApprovals.values()].map(({ request, status, decidedBy, comment }) => ({
    request,
    status,
    decidedBy,
    comment,
  }));
  const rounds = world
    .rounds()
    .filter(isCounted)
    .map((round) => ({
      issue: round.issueId,
      ...round.subject,
      generation: rankOf(world, round),
      state: round.state,
      reason: round.closeReason,
      error: round.error,
      triggers: round.triggers,
      tasks: round.tasks,
      decisions: round.decisions.map(({ result, by, comment, applied }) => ({
        result,
        by,
        comment,
        applied,
      })),
      remarked: round.remarked,
      settle: round.settle,
    }));
  const messages = world.tenant.world.messages.map(({ to }) => to);
  const left = {
    queue: world.queue.messages().length,
    stream: world.stream.length,
    events: world.events.length,
  };
  const end = {
    records: records.map((record) => withoutIds(withRanks(world, record))),
    cards,
    asked: asked.map(withoutIds),
    rounds: sorted(rounds),
    messages,
    left,
  };
  // Each world has another bot.
  return JSON.stringify(end, null, 1).replaceAll(world.tenant.world.app.botOpenId, 'the bot');
}

/**
 * Leaves out rounds that were sent again under another uuid: Feishu refused a create after a crash had left an earlier
 * one without an answer (ADR 13).
 */
const isCounted = ({ closeReason }: Round): boolean => closeReason !== 'RESENT';

/** The generation of a round, without the rounds that were sent again under another uuid. */
const rankOf = (world: World, round: Round): number =>
  world
    .rounds()
    .filter(isCounted)
    .filter(({ issueId, subject, generation }) => {
      return (
        issueId === round.issueId &&
        isDeepStrictEqual(subject, round.subject) &&
        generation <= round.generation
      );
    }).length;

/** A record with the ranks of its rounds in place of their generations. */
function withRanks(world: World, record: IssueRecord | undefined): unknown {
  const rounds = new Map(world.rounds().map((round) => [round.approvalId, round]));
  return JSON.parse(JSON.stringify(record ?? null), (_, value) => {
    const round = rounds.get(Object(value).approvalId);
    return round ? { ...value, generation: rankOf(world, round) } : value;
  });
}

const sorted = <T extends { issue: string; id: string; generation: number }>(rounds: T[]): T[] =>
  rounds.toSorted((a, b) =>
    `${a.issue} ${a.id} ${a.generation}`.localeCompare(`${b.issue} ${b.id} ${b.generation}`),
  );

const DIFFERENT_IN_EACH_RUN = new Set([
  'approvalId',
  'instanceCode',
  'externalId',
  'createTime',
  'requestedAt',
  'sentAt',
  'closedAt',
  'at',
  'version',
]);

/** A record without ids and times, and without `version`: after a crash the product may need more writes. */
const withoutIds = (record: unknown): unknown =>
  JSON.parse(JSON.stringify(record ?? null), (key, value) =>
    DIFFERENT_IN_EACH_RUN.has(key) ? undefined : value,
  );
