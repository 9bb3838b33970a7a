import {
  type CloudWatchLogsClient,
  GetQueryResultsCommand,
  type ResultField,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { errorNames } from '../error-to-problem.ts';
import type { CliIo } from '../io.ts';
import { outOfReach } from '../problem.ts';
import { MOST_LINES, type Queries, queriesOfIds, queriesOfMetrics, queryOfIssue } from './insights-query.ts';
import { type LogLine, parseLogLine } from './line.ts';
import {
  type FoundLines,
  hasIdsOnly,
  inOrder,
  isMetricOf,
  type LogSource,
  namesIssue,
  type Search,
} from './story.ts';

const POLL_MS = 1_000;
const ENDS_WITHIN_MS = 60_000;
const NOT_ENDED: readonly (string | undefined)[] = ['Scheduled', 'Running', 'Unknown'];

export interface LogGroups {
  client: CloudWatchLogsClient;
  names: readonly string[];
  /** Names the deployment in sentences. */
  where: string;
}

type Waiting = Pick<CliIo, 'sleep' | 'now'>;

/** Searches log groups with CloudWatch Logs Insights. Rejects with a CommandProblem that names a missing right. */
export function searchLogGroups(groups: LogGroups, search: Search, waiting: Waiting): LogSource {
  /** Runs queries and keeps what fits: a query also finds lines that only resemble what is asked for. */
  const find = async (queries: string[], fits: (line: LogLine) => boolean): Promise<FoundLines> => {
    const answers = await Promise.all(queries.map((query) => runQuery(groups, query, search, waiting)));
    // Two queries find the same line if it has an id of each.
    const lines = new Map(answers.flat().map(({ pointer, line }) => [pointer, line]));
    return {
      lines: inOrder([...lines.values()].filter(fits)),
      cut: answers.some((rows) => rows.length >= MOST_LINES),
    };
  };
  const findAll = async ({ queries, left }: Queries, fits: (line: LogLine) => boolean) => {
    const { lines, cut } = await find(queries, fits);
    return { lines, cut: cut || left > 0 };
  };
  return {
    ofIssue: (issueId) => find([queryOfIssue(issueId)], namesIssue(issueId)),
    withIds: (ids) => findAll(queriesOfIds(ids), hasIdsOnly(ids)),
    metricsOf: (requestIds) => findAll(queriesOfMetrics(requestIds), isMetricOf(requestIds)),
  };
}

interface Row {
  pointer: string;
  line: LogLine;
}

async function runQuery(
  { client, names, where }: LogGroups,
  queryString: string,
  { from, to }: Search,
  { sleep, now }: Waiting,
): Promise<Row[]> {
  const call = callerOf(where);
  const { queryId } = await call('logs:StartQuery', () =>
    client.send(
      new StartQueryCommand({
        logGroupNames: [...names],
        startTime: Math.floor(from / 1000),
        endTime: Math.ceil(to / 1000),
        queryString,
      }),
    ),
  );
  const deadline = now().getTime() + ENDS_WITHIN_MS;
  do {
    await sleep(POLL_MS);
    const { status, results = [] } = await call('logs:GetQueryResults', () =>
      client.send(new GetQueryResultsCommand({ queryId })),
    );
    // Rows are newest first.
    if (status === 'Complete') return results.toReversed().flatMap(rowOf);
    if (!NOT_ENDED.includes(status)) {
      throw outOfReach(
        'LOGS_QUERY_FAILED',
        `CloudWatch Logs did not finish the search at ${where}: try again, or use a shorter --since.`,
      );
    }
  } while (now().getTime() < deadline);
  throw outOfReach(
    'LOGS_QUERY_SLOW',
    `The search at ${where} took more than ${ENDS_WITHIN_MS / 1000} seconds: use a shorter --since.`,
  );
}

function rowOf(fields: ResultField[]): Row[] {
  const values = new Map(fields.map(({ field, value }) => [field, value]));
  const time = values.get('@timestamp');
  // Logs Insights writes "2026-03-01 08:00:00.000", in UTC.
  const line = parseLogLine(
    values.get('@message') ?? '',
    time === undefined ? undefined : Date.parse(`${time.replace(' ', 'T')}Z`),
  );
  return line ? [{ pointer: values.get('@ptr') ?? JSON.stringify(line), line }] : [];
}

/** Calls CloudWatch Logs. A refusal becomes a CommandProblem that names the right. */
const callerOf =
  (where: string) =>
  async <T>(right: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      const names = errorNames(error);
      if (names.includes('AccessDeniedException')) {
        throw outOfReach(
          'ACCESS_DENIED',
          `These credentials may not search the logs of ${where}: ask for the right ${right}, or use others with --profile.`,
          error,
        );
      }
      if (names.includes('LimitExceededException')) {
        throw outOfReach(
          'LOGS_BUSY',
          `Too many searches of logs run in the account of ${where}: try again in a minute.`,
          error,
        );
      }
      throw error;
    }
  };
