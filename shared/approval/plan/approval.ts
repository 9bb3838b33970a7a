import { REF_NAMES, type RefName } from '../channels/policies.ts';
import type { Decision, Round } from './round.ts';

/**
 * Returns the approval of a round as the issue record and events show it: `approval` of docs/contract.md 1. The
 * members are listed one by one, so that members which a newer version stores in a round are not published.
 * @param room whether the record has room for the list of tasks that asked
 */
export function approvalOf(round: Round, room: { asking: boolean } = { asking: true }) {
  const ref = compact(
    Object.fromEntries(REF_NAMES.map((name) => [name, round[name]])) as Pick<Round, RefName>,
  );
  return compact({
    approvalId: round.approvalId,
    generation: round.generation,
    channel: round.channel,
    state: round.state,
    triggers: round.triggers,
    approvers: round.approvers.map(({ email, userId }) => compact({ email, userId })),
    requester: requesterOf(round.requester),
    ref: Object.keys(ref).length > 0 ? ref : undefined,
    form: round.sentAt === undefined ? undefined : round.forms.at(-1)?.level,
    contentSha256: round.contentSha256,
    tasks: round.tasks,
    asking: room.asking ? someAsking(round) : undefined,
    requestedAt: round.requestedAt,
    sentAt: round.sentAt,
    closedAt: round.closedAt,
    closeReason: round.closeReason,
    decisions: round.decisions.map(decisionOf),
    error: round.error && { code: round.error.code, message: round.error.message },
  });
}

/** Returns the tasks that asked. Undefined if all tasks asked, if it is not known, and for a step. */
export const someAsking = ({ asking, tasks }: Round): string[] | undefined =>
  asking && asking.length < Object.keys(tasks).length ? asking : undefined;

export type Approval = ReturnType<typeof approvalOf>;

const requesterOf = ({ email, userId, bot }: Round['requester']) => compact({ email, userId, bot });

const decisionOf = ({ result, by: { email, userId }, at, comment, applied }: Decision) =>
  compact({ result, by: compact({ email, userId }), at, comment, applied });

/** Removes keys whose value is undefined: DynamoDB stores none, so a comparison with the stored value needs none. */
function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}
