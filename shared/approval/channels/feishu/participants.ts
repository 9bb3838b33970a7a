import type { Round } from '../../plan/round.ts';
import type { Snapshot } from '../../plan/snapshot.ts';
import type { Participants } from '../channel.ts';
import type { ChannelServices } from '../channel-services.ts';
import { appOf } from './app.ts';

/**
 * Returns the people of a round, looked up by e-mail. `missing`: the e-mail of the first approver whom Feishu does
 * not know. If Feishu does not know the creator, the bot is the requester.
 * @param options.fresh ignore cached people
 */
export async function findParticipants(
  round: Round,
  { settings }: Snapshot,
  { feishu }: Pick<ChannelServices, 'feishu'>,
  options: { fresh: boolean },
): Promise<Participants | { missing: string }> {
  const emails = [...round.approvers, round.requester].map(({ email }) => email);
  const people = await feishu.findPeople(appOf(round), [...new Set(emails)], options);
  const idOf = (email: string) => people.get(email.toLowerCase());
  const approvers = round.approvers.map((approver) => ({ ...approver, userId: idOf(approver.email) }));
  const missing = approvers.find((approver) => approver.userId === undefined);
  if (missing) return { missing: missing.email };
  const { email } = round.requester;
  const creator = idOf(email);
  return {
    approvers,
    requester: { ...round.requester, userId: creator ?? settings?.bot.openId, bot: creator === undefined },
  };
}
