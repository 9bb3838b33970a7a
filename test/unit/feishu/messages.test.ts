import { describe, expect, it } from 'vitest';
import {
  type FeishuRoundError,
  feishuErrorSentence,
} from '../../../shared/approval/channels/feishu/error-sentence.ts';
import { OA_ERROR_SENTENCES } from '../../../shared/approval/channels/oa/error-sentence.ts';
import { ERROR_CODES } from '../../../shared/approval/plan/round.ts';
import { commentText } from '../../../shared/feishu/comment-text.ts';
import { MESSAGES } from '../../../shared/feishu/message-tables.ts';
import { CLOSE_REASONS, COMMENT_KINDS, ENDINGS } from '../../../shared/issue/approval-words.ts';

/** The paths of all leaves: `form.cut`, `statuses.DONE`, … */
const pathsOf = (table: object, prefix = ''): string[] =>
  Object.entries(table).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? pathsOf(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  );

/** Every fixed text of a table. */
const textsOf = (table: object): string[] =>
  Object.values(table).flatMap((value) =>
    typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? textsOf(value) : [],
  );

describe('the tables of texts', () => {
  it('have the same keys in every language', () => {
    expect(pathsOf(MESSAGES['zh-CN']).sort()).toEqual(pathsOf(MESSAGES['en-US']).sort());
  });

  it('have no blank text', () => {
    for (const table of Object.values(MESSAGES)) {
      for (const text of textsOf(table)) expect(text.trim()).not.toBe('');
    }
  });

  it('have no Latin letters in the Chinese texts, except in names (docs/lessons.md 28)', () => {
    for (const text of textsOf(MESSAGES['zh-CN'])) {
      expect(text.replace(/SQL|Frabit/g, '')).not.toMatch(/[A-Za-z]/);
    }
  });

  it('have no Chinese in the English texts', () => {
    for (const text of textsOf(MESSAGES['en-US'])) expect(text).not.toMatch(/\p{Script=Han}|[，。；：（）]/u);
  });
});

describe('a comment on the instance', () => {
  const all = COMMENT_KINDS.flatMap((remark) =>
    [undefined, ...CLOSE_REASONS, ...ENDINGS].map((reason) => ({
      remark,
      reason,
      text: commentText(remark, { reason }),
    })),
  );

  it.each(COMMENT_KINDS)('%s has both languages in one text', (remark) => {
    const [zh, en, ...more] = commentText(remark).split(' / ');
    expect(zh).toMatch(/\p{Script=Han}/u);
    expect(zh).not.toMatch(/[A-Za-z]/);
    expect(en).toMatch(/^[A-Z][\x20-\x7E]+\.$/);
    expect(more).toEqual([]);
  });

  it('has a different text for each kind, and the same text each time', () => {
    const plain = COMMENT_KINDS.map((remark) => commentText(remark));
    expect(new Set(plain).size).toBe(COMMENT_KINDS.length);
    expect(COMMENT_KINDS.map((remark) => commentText(remark))).toEqual(plain);
  });

  it('has the reason of a withdrawal in both languages, with different texts', () => {
    const reasons = [...CLOSE_REASONS, ...ENDINGS];
    const withdrawn = reasons.map((reason) => commentText('WITHDRAWN', { reason }).split(' / '));
    expect(new Set(withdrawn.map(([zh]) => zh)).size).toBe(reasons.length);
    expect(new Set(withdrawn.map(([, en]) => en)).size).toBe(reasons.length);
    expect(commentText('WITHDRAWN', { reason: 'ISSUE_CLOSED' })).toBe(
      '此请求已撤回：工单已关闭。此处无需再处理。 / This request was withdrawn: the issue is closed. There is nothing left to do here.',
    );
  });

  it.each([...CLOSE_REASONS, ...ENDINGS])('names %s as the end of a sentence', (reason) => {
    expect(MESSAGES['en-US'].closeReasons[reason]).toMatch(/^[a-z][^.:;]+$/i);
    expect(MESSAGES['zh-CN'].closeReasons[reason]).toMatch(/^[^。：；]+$/);
  });

  it('says in both languages who gets the next request', () => {
    expect(commentText('WITHDRAWN', { reason: 'BELL', successor: 'bo@example.com' })).toBe(
      '此请求已撤回：发起人按铃，要求重新发送。新的请求将发送给 bo@example.com，此处无需再处理。 / This request was withdrawn: the requester rang the bell to have it sent again. A new request goes to bo@example.com; there is nothing left to do here.',
    );
  });

  it('shows an address on one line, with invisible characters escaped, and cut if it is long', () => {
    const successor = `a\u202e\u2028b@${'x'.repeat(250)}`;
    const text = commentText('WITHDRAWN', { reason: 'ISSUE_CLOSED', successor });
    expect(text).toContain(' a\\u{202E}\\u{2028}b@xxx');
    expect(text).toContain('x…;');
    expect(text).not.toMatch(/[\u202e\u2028\n]/);
    expect(Array.from(text).length).toBeLessThan(500);
  });

  it('cuts no escape of an address', () => {
    const text = commentText('WITHDRAWN', { successor: `${'א'.repeat(100)}@x` });
    expect(text).toMatch(/ (?:\\u\{5D0\}){17}…; there is/);
  });

  it('lists all reasons for a new request if a decision no longer counts', () => {
    const [zh = '', en = ''] = commentText('CONTENT_MOVED_ON').split(' / ');
    const { SUPERSEDED } = MESSAGES['en-US'].closeReasons;
    expect(en.toLowerCase()).toContain(SUPERSEDED.replace(' has changed', '').toLowerCase());
    expect(zh).toContain(MESSAGES['zh-CN'].closeReasons.SUPERSEDED);
  });

  it('contains nothing that the API could change: one line, no markup, no quotation marks', () => {
    for (const { text } of all) expect(text).not.toMatch(/[\n\r\t&<>"'\\]|\s{2}|^\s|\s$/);
  });
});

describe('the message of an error', () => {
  const ofFeishu = ERROR_CODES.filter((code): code is FeishuRoundError => code !== 'OA_UNAVAILABLE');
  it.each([
    ...ofFeishu.map((code) => [code, feishuErrorSentence(code)] as const),
    ...Object.entries(OA_ERROR_SENTENCES),
  ])('%s is an English sentence without a placeholder', (_, text) => {
    expect(text).toMatch(/^[A-Z][\x20-\x7E]+\.$/);
    expect(text).not.toMatch(/undefined|null|\s{2}/);
  });

  it('names the address that Feishu does not know and what to do about it (docs/lessons.md 10)', () => {
    const text = feishuErrorSentence('ASSIGNEE_NOT_IN_FEISHU', { email: 'bo@example.com' });
    expect(text).toContain('bo@example.com');
    expect(text).toContain('availability range');
    expect(text).toContain('Correct the assignee');
  });

  it('names the code of Feishu and who decided', () => {
    expect(feishuErrorSentence('FEISHU_REFUSED', { feishuCode: 1390001 })).toContain('(Feishu code 1390001)');
    expect(feishuErrorSentence('DECIDED_BY_ANOTHER', { decidedBy: 'cy@example.com' })).toContain(
      'cy@example.com',
    );
    expect(feishuErrorSentence('FEISHU_SETUP', { detail: 'A scope is missing.' })).toContain(
      'A scope is missing.',
    );
  });
});
