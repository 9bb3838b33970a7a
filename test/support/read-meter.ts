import type { FakeDynamoDbOptions } from '../simulation/dynamodb/fake-dynamodb.ts';

/** What was read from a fake database since the meter was last set to zero. */
export interface Meter {
  /** Requests that read, whatever they found. */
  calls: number;
  /** Of the items that came back, as JSON of raw values. */
  bytes: number;
  around: NonNullable<FakeDynamoDbOptions['around']>;
  reset(): void;
}

/** Counts what is read: the requests, and the items that come back. */
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
