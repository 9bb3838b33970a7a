import { describe, expect, it } from 'vitest';
import {
  hasIdsOnly,
  idsOf,
  isMetricOf,
  type LogSource,
  namesIssue,
  findStory as search,
} from '../../../infra/cli/logs/story.ts';
import { aLogLine } from './log-lines.ts';

/** Finds as a search of log files does, without a limit. */
function sourceOf(lines: ReturnType<typeof aLogLine>[], cut = false): LogSource {
  return {
    ofIssue: async (issueId) => ({ lines: lines.filter(namesIssue(issueId)), cut }),
    withIds: async (ids) => ({ lines: lines.filter(hasIdsOnly(ids)), cut: false }),
    metricsOf: async (ids) => ({ lines: lines.filter(isMetricOf(ids)), cut: false }),
  };
}

const messagesOf = async (lines: ReturnType<typeof aLogLine>[], correlation?: string) =>
  (await search(sourceOf(lines), 'issue-1', { correlation })).lines.map(({ raw }) => raw.message);

const OWN = aLogLine({
  second: 2,
  message: 'own',
  issueId: 'issue-1',
  approvalId: 'approval-1',
  instanceCode: 'INSTANCE-1',
  correlationId: 'change-1',
});

describe('the story of an issue', () => {
  it('is in order of time, with the lines that share an id with it', async () => {
    const lines = [
      aLogLine({ second: 5, message: 'last', issueId: 'issue-1' }),
      OWN,
      aLogLine({ second: 3, message: 'instance', instanceCode: 'INSTANCE-1', correlationId: 'event-9' }),
      aLogLine({ second: 4, message: 'approval', approvalId: 'approval-1' }),
      aLogLine({ second: 1, message: 'correlation', correlationId: 'change-1' }),
    ];
    expect(await messagesOf(lines)).toEqual(['correlation', 'own', 'instance', 'approval', 'last']);
  });

  it('leaves out lines of other issues, also when one run of the sweep is about both', async () => {
    const run = { correlationId: 'change-1' };
    const lines = [
      OWN,
      aLogLine({ message: 'another issue', issueId: 'issue-2', ...run }),
      aLogLine({ message: 'approval of another', approvalId: 'approval-2', ...run }),
      aLogLine({ message: 'instance of another', instanceCode: 'INSTANCE-2', ...run }),
      aLogLine({ message: 'nothing in common', correlationId: 'change-2' }),
    ];
    expect(await messagesOf(lines)).toEqual(['own']);
  });

  it('is only what one event set off with a correlation id, also what is not known to be of the issue', async () => {
    const lines = [
      OWN,
      aLogLine({ second: 3, message: 'received', instanceCode: 'INSTANCE-9', correlationId: 'event-9' }),
      aLogLine({ second: 4, message: 'handled', issueId: 'issue-1', correlationId: 'event-9' }),
      aLogLine({ second: 5, message: 'another', issueId: 'issue-2', correlationId: 'event-9' }),
    ];
    expect(await messagesOf(lines, 'event-9')).toEqual(['received', 'handled']);
  });

  it('asks for nothing more when no line names the issue', async () => {
    const source: LogSource = {
      ofIssue: async () => ({ lines: [], cut: false }),
      withIds: () => Promise.reject(new Error('asked')),
      metricsOf: () => Promise.reject(new Error('asked')),
    };
    expect(await search(source, 'issue-1')).toEqual({ lines: [], cut: false });
  });

  it('has the metrics of its invocations if asked for, and of no other', async () => {
    const metrics = (second: number, function_request_id: string) =>
      aLogLine({ second, message: 'counted', function_request_id, _aws: {}, issueId: 'issue-1' });
    const source = sourceOf([OWN, metrics(3, 'request-1'), metrics(4, 'request-2')]);
    expect((await search(source, 'issue-1', { metrics: true })).lines).toEqual([
      OWN,
      metrics(3, 'request-1'),
    ]);
    expect((await search(source, 'issue-1')).lines).toEqual([OWN]);
  });

  it('says that lines are missing', async () => {
    expect(await search(sourceOf([OWN], true), 'issue-1')).toMatchObject({ cut: true });
  });
});

describe('the ids of lines', () => {
  it('are distinct, those of the newest line first', () => {
    const lines = ['a', 'b', 'a'].map((correlationId) => aLogLine({ correlationId }));
    expect(idsOf(lines)).toEqual({ approvalId: [], instanceCode: [], correlationId: ['a', 'b'] });
  });

  it('are texts only', () => {
    expect(idsOf([aLogLine({ approvalId: 7 })]).approvalId).toEqual([]);
  });
});
