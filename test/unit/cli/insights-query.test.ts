import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { queriesOfIds, queriesOfMetrics, queryOfIssue } from '../../../infra/cli/logs/insights-query.ts';

const NO_IDS = { approvalId: [], instanceCode: [], correlationId: [] };
const TAIL = ' | sort @timestamp desc | limit 10000';
const LOGS = ' | filter @message not like /"CloudWatchMetrics"/';

/** Every string of a query; the pattern of NO_METRICS is no string. */
const stringsOf = (query: string): string[] =>
  [...query.replace(LOGS, '').matchAll(/"([^"]*)"/g)].map(([, text = '']) => text);

describe('the query for an issue', () => {
  it('finds the newest lines that name it, without metrics', () => {
    expect(queryOfIssue('issue-42')).toBe(
      `fields @timestamp, @message | filter issueId in ["issue-42"]${LOGS}${TAIL}`,
    );
  });

  it.each([
    ['quotes', 'a"b', '(issueId like "a" and issueId like "b")'],
    ['a backslash', 'a\\', '(issueId like "a")'],
    ['a pipe', 'a | delete', '(issueId like "a " and issueId like " delete")'],
    ['nothing else', '"\\"', 'ispresent(issueId)'],
    ['letters of another script', '工单-7', 'issueId in ["工单-7"]'],
  ])('never writes an id with %s whole', (_what, issueId, filter) => {
    expect(queryOfIssue(issueId)).toBe(`fields @timestamp, @message | filter ${filter}${LOGS}${TAIL}`);
  });

  it('holds nothing of any id but its plain parts, and holds for this id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }), (issueId) => {
        const query = queryOfIssue(issueId);
        const frame = query
          .replace(LOGS, 'L')
          .replaceAll(/"[\p{L}\p{N} _.:@/=+-]*"/gu, 'S')
          .replaceAll(
            /\(issueId like S(?: and issueId like S)*\)|issueId in \[S\]|ispresent\(issueId\)/g,
            'C',
          );
        expect(frame).toBe(`fields @timestamp, @message | filter CL${TAIL}`);
        for (const part of stringsOf(query)) expect(issueId).toContain(part);
      }),
    );
  });
});

describe('the queries for ids', () => {
  it('find lines that name no issue and have one of them', () => {
    const ids = { approvalId: ['a-1'], instanceCode: ['I-1', 'I-2'], correlationId: ['e"1', 'e-2'] };
    expect(queriesOfIds(ids)).toEqual({
      queries: [
        `fields @timestamp, @message | filter not ispresent(issueId)${LOGS} | filter (approvalId in ["a-1"]` +
          ' or instanceCode in ["I-1", "I-2"]' +
          ` or correlationId in ["e-2"] or (correlationId like "e" and correlationId like "1"))${TAIL}`,
      ],
      left: 0,
    });
  });

  it('are none without ids', () => {
    expect(queriesOfIds(NO_IDS)).toEqual({ queries: [], left: 0 });
  });

  it('are never longer than AWS accepts, and name each id once, the newest first', () => {
    const all = Array.from({ length: 2_000 }, (_, index) => `event-${index}-${'x'.repeat(30)}`);
    const { queries, left } = queriesOfIds({ ...NO_IDS, correlationId: all });
    expect(queries.every(({ length }) => length <= 10_000)).toBe(true);
    expect(queries).toHaveLength(5);
    expect(left).toBeGreaterThan(0);
    expect(queries.flatMap(stringsOf)).toEqual(all.slice(0, all.length - left));
  });

  it('for metrics find those of the invocations', () => {
    expect(queriesOfMetrics(['r-1', 'r-2']).queries).toEqual([
      `fields @timestamp, @message | filter @message like /"CloudWatchMetrics"/ | filter (function_request_id in ["r-1", "r-2"])${TAIL}`,
    ]);
  });
});
