import { describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/runtime/errors.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { createCounter } from '../../../shared/runtime/metrics.ts';
import { observed } from '../../../shared/runtime/observed.ts';
import { printedBy } from '../../support/printed-lines.ts';

const SQL = 'DROP TABLE customers';

/** Runs a handler that fails with this error. Returns what it rejects with and what it printed. */
async function failWith(error: unknown) {
  const parts = { logger: createLogger('a-function'), counter: createCounter('a-function') };
  const handler = observed(
    () => parts,
    async () => {
      throw error;
    },
  );
  const { result, logs } = await printedBy(() => handler({}).catch((reason: unknown) => reason));
  return { rejected: result, logs };
}

describe('a handler that fails', () => {
  it('logs the error and fails the invocation', async () => {
    const own = new AppError('OURS', 'A sentence of ours.');

    const { rejected, logs } = await failWith(own);

    expect(rejected).toBe(own);
    expect(logs).toMatchObject([
      { level: 'ERROR', message: 'invocation failed', error: { name: 'AppError', code: 'OURS' } },
    ]);
  });

  it('does not give the message of a foreign error to Lambda, which would log it', async () => {
    const { rejected, logs } = await failWith(Object.assign(new TypeError(SQL), { statement: SQL }));

    expect(rejected).toMatchObject({ name: 'AppError', code: 'INVOCATION_FAILED' });
    const seen = rejected instanceof Error ? [rejected.message, rejected.stack, { ...rejected }] : [];
    expect(JSON.stringify([seen, logs])).not.toContain(SQL);
    expect(logs).toMatchObject([{ message: 'invocation failed', error: { name: 'TypeError' } }]);
  });
});
