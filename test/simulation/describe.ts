import { toCard } from '../../infra/local/feishu-simulator/inbox.ts';
import type { Instance } from '../../infra/local/feishu-simulator/world.ts';
import type { Round } from '../../shared/approval/round.ts';
import { type IssueIndex, issueIdOf } from './frabit.ts';
import type { World } from './world.ts';

/** Every word of a card, by language. */
export function textsOf(world: World, instance: Instance): string[] {
  const card = toCard(world.tenant.world, instance);
  return (['zh-CN', 'en-US'] as const).map((language) =>
    [card.title[language], ...card.form.map(({ value }) => value[language])].join('\n'),
  );
}

/** Whether a card says at its beginning, in each language, that not every statement stands whole on it. */
export function saysThatItIsCut(world: World, instance: Instance): boolean {
  const [first] = toCard(world.tenant.world, instance).form;
  return first !== undefined && Object.values(first.value).every((text) => /^▌⚠/.test(text));
}

export const describe = ({ approvalId, subject, generation, state, closeReason, error }: Round): string =>
  [subject.id, generation, state, closeReason, error?.code, approvalId].filter(Boolean).join(' ');

/** An issue with all its rounds. */
export function describeIssue(world: World, issue: IssueIndex): string {
  const rounds = world.rounds().filter(({ issueId }) => issueId === issueIdOf(issue));
  return `${issueIdOf(issue)} [${rounds.map(describe).join(' | ')}]`;
}
