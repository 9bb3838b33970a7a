import { describe, expect, it, test } from 'vitest';
import { reminderText, type Waiting } from '../../../shared/feishu/reminder-text.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const aWaiting = (changes: Partial<Waiting> = {}): Waiting => ({
  issue: '一',
  stage: '二',
  url: 'https://frabit.example.com/issues/1',
  waitedMs: 24 * HOUR,
  ...changes,
});
const linesOf = (changes: Partial<Waiting> = {}): string[] => reminderText(aWaiting(changes)).split('\n');

test('a reminder has a line for each language, and the link', () => {
  expect(linesOf()).toEqual([
    '提醒：工单“一”的阶段“二”已等待您审批 24 小时，请处理。',
    'Reminder: the stage “二” of the issue “一” has been waiting for your approval for 24 hours.',
    'https://frabit.example.com/issues/1',
  ]);
});

test('docs/lessons.md 28: its Chinese text has no Latin letters', () => {
  for (const waitedMs of [MINUTE, HOUR, 72 * HOUR]) expect(linesOf({ waitedMs })[0]).not.toMatch(/[A-Za-z]/);
});

test.each([
  [0, '1 分钟', '1 minute'],
  [6 * MINUTE, '6 分钟', '6 minutes'],
  [HOUR, '1 小时', '1 hour'],
  [47.9 * HOUR, '47 小时', '47 hours'],
  [48 * HOUR, '2 天', '2 days'],
  [8760 * HOUR, '365 天', '365 days'],
])('after %d ms it says %s, %s', (waitedMs, zh, en) => {
  const [chinese, english] = linesOf({ waitedMs });
  expect(chinese).toContain(` ${zh}，`);
  expect(english).toContain(`for ${en}.`);
});

describe('titles in a reminder', () => {
  it('are cut between characters, and say so', () => {
    const [chinese, english, ...rest] = linesOf({ issue: '👨‍👩‍👧'.repeat(100) });
    expect(chinese).toContain('（已截断：前 60 个字符，共 500 个）');
    expect(english).toMatch(/“(👨‍👩‍👧){12}… \(cut after 60 of 500 characters\)”/u);
    expect(rest).toHaveLength(1);
  });
  it('stay on one line, and contain nothing invisible', () => {
    expect(linesOf({ stage: 'a\nb\u202Ec' })).toHaveLength(3);
    expect(linesOf({ stage: 'a\nb\u202Ec' })[0]).toContain('a\\u{A}b\\u{202E}c');
  });
  it('say if they are blank', () => {
    expect(linesOf({ issue: ' ' })[0]).toContain('“（无标题）”');
  });
  it('mention nobody and contain no links', () => {
    const [chinese] = linesOf({ issue: '<at user_id="all">All</at> [Open](https://evil.example)' });
    expect(chinese).not.toMatch(/[<>[\]]/);
    expect(chinese).toContain('＜at user_id="all"＞');
  });
});
