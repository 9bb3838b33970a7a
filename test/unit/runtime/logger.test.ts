import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FeishuError } from '../../../shared/feishu/errors.ts';
import { AppError } from '../../../shared/runtime/errors.ts';
import { runAbout, runInvocation } from '../../../shared/runtime/invocation.ts';
import { createLogger, describeError } from '../../../shared/runtime/logger.ts';
import { printedBy } from '../../support/printed-lines.ts';

const ABOUT = {
  issueId: 'issue-1',
  approvalId: 'approval-1',
  instanceCode: 'INSTANCE',
  eventId: 'event-1',
  correlationId: 'cause-1',
};

describe('a log line', () => {
  it('names the function, the invocation, and what the work is about', async () => {
    const logger = createLogger('a-function');

    const { logs } = await printedBy(() =>
      runInvocation({ requestId: 'run-1' }, () =>
        runAbout(ABOUT, () => logger.info('happened', { attempts: 2 })),
      ),
    );

    expect(logs).toEqual([
      {
        level: 'INFO',
        message: 'happened',
        timestamp: expect.any(String),
        service: 'a-function',
        function_request_id: 'run-1',
        attempts: 2,
        ...ABOUT,
      },
    ]);
  });

  it('says what it says itself, also if the work is about something else', async () => {
    const logger = createLogger('a-function');

    const { logs } = await printedBy(() =>
      runAbout(ABOUT, () => logger.error('failed', { issueId: 'another', approvalId: undefined })),
    );

    expect(logs).toMatchObject([{ ...ABOUT, issueId: 'another' }]);
  });

  it('has no empty members outside an invocation', async () => {
    const logger = createLogger('a-function');

    const { logs } = await printedBy(() => logger.info('started'));

    expect(Object.keys(logs[0] ?? {})).toEqual(['level', 'message', 'timestamp', 'service']);
  });
});

describe('the level', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each([
    ['ERROR', ['ERROR']],
    ['WARN', ['ERROR', 'WARN']],
    ['INFO', ['ERROR', 'WARN', 'INFO']],
  ])('%s is that of POWERTOOLS_LOG_LEVEL, also where Lambda passes more', async (level, printed) => {
    vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', 'INFO');
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', level);
    const logger = createLogger('a-function');

    const { logs } = await printedBy(() => {
      logger.error('an error');
      logger.warn('a warning');
      logger.info('a happening');
    });

    expect(logs.map((line) => line.level)).toEqual(printed);
  });
});

const SQL = 'DROP TABLE customers';

/** An answer of DynamoDB whose message holds SQL. */
const canceled = () =>
  new TransactionCanceledException({
    message: SQL,
    $metadata: { httpStatusCode: 400, requestId: 'request-1' },
    CancellationReasons: [
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Message: SQL, Item: { statement: { S: SQL } } },
      { Code: 'TransactionConflict' },
    ],
  });

describe('the description of an error', () => {
  it('has name, status, request id and reasons of an answer of AWS, and not its message', () => {
    expect(describeError(canceled())).toEqual({
      name: 'TransactionCanceledException',
      httpStatus: 400,
      requestId: 'request-1',
      reasons: 'ConditionalCheckFailed TransactionConflict',
    });
  });

  it('has our own message and code, and the same of its causes', () => {
    const error = new AppError('STORE_UNAVAILABLE', 'The database is busy.', {
      cause: new AppError('INNER', 'A sentence of ours.', { cause: canceled() }),
    });

    expect(describeError(error)).toEqual({
      name: 'AppError',
      code: 'STORE_UNAVAILABLE',
      message: 'The database is busy.',
      cause: {
        name: 'AppError',
        code: 'INNER',
        message: 'A sentence of ours.',
        cause: expect.objectContaining({ name: 'TransactionCanceledException', requestId: 'request-1' }),
      },
    });
  });

  it('has the HTTP status of a call that failed', () => {
    const error = new FeishuError('REFUSED', 'Feishu refuses it.', { httpStatus: 400 });

    expect(describeError(error)).toMatchObject({ code: 'REFUSED', httpStatus: 400 });
  });

  it('has the code of an error of the network, and not its message', () => {
    const error = Object.assign(new Error(`connect ECONNREFUSED ${SQL}`), { code: 'ECONNREFUSED' });

    expect(describeError(error)).toEqual({ name: 'Error', code: 'ECONNREFUSED' });
  });

  it.each([
    ['a message', new SyntaxError(SQL)],
    ['a cause', new Error('outer', { cause: new Error(SQL) })],
    ['a cause that is no error', new AppError('OURS', 'A sentence of ours.', { cause: SQL })],
    ['reasons', canceled()],
    [
      'the item of a refused write',
      new ConditionalCheckFailedException({ message: 'x', $metadata: {}, Item: { statement: { S: SQL } } }),
    ],
    ['failures', new AggregateError([new Error(SQL)], SQL)],
    ['itself', SQL],
  ])('shows nothing of a foreign error that holds SQL in %s', (_where, error) => {
    expect(JSON.stringify(describeError(error))).not.toContain('customers');
  });

  it('ends, although an error is its own cause', () => {
    const error = new Error('a circle');
    error.cause = error;

    expect(JSON.stringify(describeError(error)).match(/"name"/g)).toHaveLength(4);
  });
});
