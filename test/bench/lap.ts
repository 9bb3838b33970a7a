import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { WALK_MS, walk } from '../../shared/approval/sweep-walk.ts';
import type { IssueRecord } from '../../shared/issue/record.ts';
import { memoryKey, roundKey } from '../../shared/tables/approval-keys.ts';
import { startDynamoDbLocal } from '../support/dynamodb-local.ts';
import { anIssue, aStage, aTask } from '../support/issue.ts';
import { aRoundOf } from '../support/round.ts';

/** Measures how long the sweep's walk takes for 1,000,000 issues, and what it reads, on DynamoDB Local. */

const USAGE = 'Usage: node test/bench/lap.ts\nIt takes no arguments.\n';
const ISSUES = 1_000;
const LAP = 1_000_000;
/** On-demand reads in us-east-1, since November 2024, in USD. */
const PRICE_OF_A_MILLION_UNITS = 0.125;
/** Share of open issues in a table of 1,000,000. */
const OPEN_SHARE = 0.1;

if (process.argv.length > 2) {
  process.stderr.write(USAGE);
  process.exit(2);
}

const aTypicalIssue = (issueId: string, status: IssueRecord['status']): IssueRecord =>
  anIssue({
    issueId,
    status,
    stages: Array.from({ length: 3 }, (_, stage) =>
      aStage({
        stageId: `stage-${stage + 1}`,
        tasks: Array.from({ length: 5 }, (__, task) =>
          aTask({
            taskId: `task-${task}`,
            status: 'PENDING_APPROVAL',
            statement: `UPDATE t SET points = ${task};`.repeat(8),
          }),
        ),
      }),
    ),
  });

/** Measures issues for each second, read units for each issue, and the size of an issue. */
async function measure(status: IssueRecord['status']) {
  const database = await startDynamoDbLocal();
  try {
    const tables = await database.createTables();
    const { documents } = database;
    const put = (TableName: string, item: object) =>
      documents.send(
        new PutItemCommand({ TableName, Item: marshall(item, { removeUndefinedValues: true }) }),
      );
    let bytes = 0;
    for (let number = 0; number < ISSUES; number++) {
      const issue = aTypicalIssue(`issue-${number}`, status);
      bytes += JSON.stringify(issue).length;
      const round = aRoundOf(issue);
      const memory = { issueId: issue.issueId, stageId: 'stage-1', arrival: 1, bellSeq: 0, life: 0 };
      await put(tables.issueTableName, issue);
      await put(tables.approvalTableName, { ...roundKey(round), ...round });
      await put(tables.approvalTableName, { ...memoryKey(issue.issueId), ...memory });
    }
    let units = 0;
    documents.middlewareStack.add(
      (next) => async (args) => {
        const input = args.input as { ReturnConsumedCapacity?: string };
        const answer = await next({ ...args, input: { ...input, ReturnConsumedCapacity: 'TOTAL' } });
        const { ConsumedCapacity } = answer.output as { ConsumedCapacity?: { CapacityUnits?: number } };
        units += ConsumedCapacity?.CapacityUnits ?? 0;
        return answer;
      },
      { step: 'initialize', name: 'countUnits' },
    );
    const startedAt = performance.now();
    const queue = { send: () => Promise.resolve() };
    const { walked } = await walk({ documents, tables, queue, now: () => new Date() });
    const seconds = (performance.now() - startedAt) / 1_000;
    return { perSecond: walked / seconds, units: units / walked, bytes: bytes / ISSUES };
  } finally {
    await database.stop();
  }
}

const closed = await measure('DONE');
const open = await measure('OPEN');
const seconds = LAP * (OPEN_SHARE / open.perSecond + (1 - OPEN_SHARE) / closed.perSecond);
const minutes = seconds / (WALK_MS / 1_000);
const units = LAP * (OPEN_SHARE * open.units + (1 - OPEN_SHARE) * closed.units);
const price = (units / 1_000_000) * PRICE_OF_A_MILLION_UNITS;
const lineOf = (name: string, one: typeof open) =>
  `  ${name} ${Math.round(one.perSecond)} issues/s, ${one.units.toFixed(2)} read units for each issue\n`;
process.stdout.write(
  `The sweep's walk on DynamoDB Local, ${ISSUES} issues of ${Math.round(open.bytes)} bytes each\n` +
    lineOf('closed', closed) +
    lineOf('open  ', open) +
    `A lap of ${LAP.toLocaleString('en-US')} issues, ${OPEN_SHARE * 100}% of them open, ${WALK_MS / 1_000} s a minute:\n` +
    `  ${Math.round(minutes)} minutes, ${Math.round(units).toLocaleString('en-US')} read units, ${price.toFixed(2)} USD\n`,
);
