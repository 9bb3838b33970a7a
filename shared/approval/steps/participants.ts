import type { Round } from '../round.ts';
import type { Snapshot } from '../snapshot.ts';
import { appOf, type Reconciling } from './outcome.ts';

/** Who asks whom, with the open_ids that Feishu gave. */
export type Participants = Pick<Round, 'approvers' | 'requester'>;

/**
 * Looks up the people of a round by e-mail. `missing`: the first approver whom Feishu does not know. In place of a
 * creator whom it does not know, the bot asks. `fresh`: what was remembered of them is forgotten first.
 */
export async function findParticipants(
  round: Round,
  { settings }: Snapshot,
  { feishu }: Reconciling,
  options: { fresh: boolean },
): Promise<Participants | { missing: string }> {
  const emails = [...round.approvers, round.requester].map(({ email }) => email);
  const people = await feishu.findPeople(appOf(round), [...new Set(emails)], options);
  const idOf = (email: string) => people.get(email.toLowerCase());
  const approvers = round.approvers.map(({ email }) => ({ email, userId: idOf(email) }));
  const missing = approvers.find((approver) => approver.userId === undefined);
  if (missing) return { missing: missing.email };
  const { email } = round.requester;
  const creator = idOf(email);
  return {
    approvers,
    requester: { email, userId: creator ?? settings?.bot.openId, bot: creator === undefined },
  };
}

/** Whether the same people, or bot, stand on both sides. */
export const sameParticipants = (one: Participants, other: Participants): boolean =>
  one.requester.userId === other.requester.userId &&
  one.approvers.every(({ userId }, index) => userId === other.approvers[index]?.userId);
