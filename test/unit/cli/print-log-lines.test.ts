import { describe, expect, it } from 'vitest';
import { printLogLines } from '../../../infra/cli/commands/print-log-lines.ts';
import { type LogLine, parseLogLine } from '../../../infra/cli/logs/line.ts';
import { aLogLine, aMetricLine, LOGGED_AT } from './log-lines.ts';

function printed(...lines: LogLine[]): string[] {
  const out: string[] = [];
  printLogLines({ print: (text = '') => out.push(text), paint: (_style, text) => text }, lines, 'issue-1');
  return out;
}

describe('a line of a log', () => {
  it('is printed with time, function, level, message and the members that say what it is about', () => {
    const line = aLogLine({
      message: 'webhook event stored',
      service: 'receive-feishu-events',
      status: 'APPROVED',
      eventId: 'event-1',
      instanceCode: 'I-1',
    });
    expect(printed(line)).toEqual([
      `${LOGGED_AT}  receive-feishu-events  INFO    webhook event stored  instanceCode=I-1  eventId=event-1  status=APPROVED`,
    ]);
  });

  it('does not repeat the id of the issue, but shows another one', () => {
    expect(printed(aLogLine({ issueId: 'issue-1' }))[0]).not.toContain('issue-1');
    expect(printed(aLogLine({ issueId: 'issue-2' }))[0]).toContain('issueId=issue-2');
  });

  it('shows an error with the name, code, HTTP status and request id of each cause', () => {
    const cause = { name: 'AccessDeniedException', httpStatus: 400, requestId: 'R-1' };
    const error = { name: 'AppError', code: 'STORE_UNAVAILABLE', message: 'The store is busy.', cause };
    expect(printed(aLogLine({ level: 'ERROR', message: 'failed', error }))[0]).toContain(
      'ERROR   failed  error=AppError code=STORE_UNAVAILABLE message="The store is busy."  cause=AccessDeniedException httpStatus=400 requestId=R-1',
    );
  });

  it('cannot control the terminal, begin another line, or add a member', () => {
    const [line = '', ...others] = printed(
      aLogLine({
        message: 'one\u001b[2J\ntwo\u202e',
        eventId: 'x\n2026 y',
        instanceCode: 'I state=APPROVED',
        'a b': '\u009b1m',
        service: 'f\r\n',
      }),
    );
    expect(others).toEqual([]);
    expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(line).toContain('one\\u001b[2J\\u000atwo\\u202e');
    expect(line).toContain('eventId="x\\n2026 y"');
    expect(line).toContain('instanceCode="I state=APPROVED"');
    expect(line).toContain('"a b"="\\u009b1m"');
  });

  it('is cut where a value is long', () => {
    expect(printed(aLogLine({ eventId: 'e'.repeat(300) }))[0]).toMatch(/eventId=e{200}…$/);
  });

  it('shows metrics with their values, by the name of the function', () => {
    const line = parseLogLine(JSON.stringify(aMetricLine({ issueId: 'issue-1' })));
    expect(line && printed(line)).toEqual([`${LOGGED_AT}  reconcile-issues  METRIC    ApprovalSent=1`]);
  });
});

describe('parsing a line', () => {
  it.each([
    ['is no JSON', 'Error: at line 1'],
    ['is no object', '[1]'],
    ['has no time', '{"level":"INFO"}'],
    ['has a time that is none', '{"timestamp":"soon"}'],
  ])('gives nothing for one that %s', (_what, text) => {
    expect(parseLogLine(text)).toBeUndefined();
  });

  it('takes the time of the search for one without a time', () => {
    expect(parseLogLine('{"level":"INFO"}', 5)).toEqual({ at: 5, raw: { level: 'INFO' } });
  });
});
