import { commentText } from '../../../feishu/comment-text.ts';
import type { FeishuGateway } from '../../../feishu/gateway.ts';
import type { Round } from '../../plan/round.ts';
import type { Snapshot } from '../../plan/snapshot.ts';
import type { Comments } from '../channel.ts';
import { appOf } from './app.ts';

/** Creates the comments on approval instances (docs/feishu.md 3.8). */
export const createFeishuComments = (feishu: FeishuGateway): Comments => ({
  canWrite: (round, snapshot) => round.instanceCode !== undefined && authorOf(round, snapshot) !== undefined,

  textOf: commentText,

  async findMissing(round, texts) {
    const instance = await feishu.getInstance(appOf(round), round.instanceCode ?? round.approvalId);
    const there = instance?.comments ?? [];
    return texts.filter((text) => !there.some((comment) => isSameText(comment, text)));
  },

  async write(round, text, snapshot) {
    const author = authorOf(round, snapshot);
    const { instanceCode } = round;
    if (instanceCode && author) await feishu.addComment(appOf(round), { instanceCode, author, text });
  },
});

/** Returns the open_id of the author: the bot, or for a round of a former app its requester. */
const authorOf = (round: Round, { settings }: Snapshot): string | undefined =>
  settings && settings.appId === round.appId ? settings.bot.openId : round.requester.userId;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  apos: "'",
};

/**
 * Whether a comment has this text. Feishu may return special characters of an address escaped, as in the values of a
 * form (docs/feishu.md 12.15).
 */
const isSameText = (comment: string, text: string): boolean =>
  comment === text || unescaped(comment) === text;

const unescaped = (comment: string): string =>
  comment.replace(/&(amp|lt|gt|quot|#39|apos);/g, (entity, name: string) => ENTITIES[name] ?? entity);
