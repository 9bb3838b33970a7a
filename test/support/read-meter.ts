import type { FakeDynamoDbOptions } from '../simulation/dynamodb/fake-dynamodb.ts';

/** Counts what is read from a fake database since the last reset. */
export interface Meter {
  /** Number of read requests. */
  calls: number;
  /** Size of the returned items, as JSON of raw values. */
  bytes: number;
  around: NonNullable<FakeDynamoDbOptions['around']>;
  reset(): void;
}

export function aMeter(): Meter {
  const meter: Meter = {
    calls: 0,
    bytes: 0,
    async around({ kind }, run) {
      const answer = await run();
      if (kind === 'READ') {
        meter.calls += 1;
        meter.bytes += JSON.stringify(answer).length;
      }
      return answer;
    },
    reset() {
      meter.calls = 0;
      meter.bytes = 0;
    },
  };
  return meter;
}
