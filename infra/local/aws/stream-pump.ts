import { setTimeout as pauseFor } from 'node:timers/promises';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { firstFailure } from './batch-response.ts';
import { type PumpSwitch, untilOn } from './pump-switch.ts';

/** The shards of one DynamoDB stream, for a pump to read. */
export interface StreamSource {
  shards(): Promise<{ shardId: string; parentShardId?: string | undefined }[]>;
  /** Starts at the oldest record, or after the given one. */
  iterator(shardId: string, after?: string): Promise<string | undefined>;
  /** `next` is undefined when the shard is closed and read to its end. */
  read(iterator: string, limit: number): Promise<{ records: DynamoDBRecord[]; next: string | undefined }>;
}

interface StreamPumpOptions {
  source: StreamSource;
  /** Invokes the function of the event source mapping. An error fails the whole batch. */
  deliver: (event: DynamoDBStreamEvent) => Promise<unknown>;
  /** Gets every record once, before it is delivered. */
  observe?: (record: DynamoDBRecord) => void;
  /** The on-failure destination for records that failed after `maxRetries`. Awaited; must not reject. */
  giveUp: (records: DynamoDBRecord[], batch: { shardId: string; attempts: number }) => unknown;
  pumpSwitch?: PumpSwitch;
  /** The maximum number of records per invocation. */
  batchSize?: number;
  maxRetries?: number;
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  now?: () => number;
}

export interface Pump {
  /** Stops after the current invocation. */
  stop(): Promise<void>;
}

const DISCOVER_EVERY_MS = 10_000;
const RETRY_FROM_MS = 50;
const RETRY_UP_TO_MS = 5_000;

/**
 * Passes records of a DynamoDB stream to a function, by Lambda's rules for an event source mapping: from TRIM_HORIZON,
 * one batch of a shard at a time, in order, a child shard after its parent. After a partial response it continues at the
 * first failed record; after a whole failure it halves the batch at each retry. Records that fail and are older than six
 * hours go to the on-failure destination.
 */
export function startStreamPump(options: StreamPumpOptions): Pump {
  const {
    source,
    deliver,
    observe,
    giveUp,
    pumpSwitch,
    batchSize = 100,
    maxRetries = Number.POSITIVE_INFINITY,
    now = Date.now,
  } = options;
  const pause = options.pause ?? abortablePause;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function deliverInOrder(shardId: string, records: DynamoDBRecord[]): Promise<void> {
    let rest = records;
    let size = rest.length;
    let failures = 0;
    while (rest.length > 0 && !signal.aborted) {
      await untilOn(pumpSwitch, signal);
      if (signal.aborted) return;
      const batch = rest.slice(0, size);
      const failed = await firstFailure(
        batch.map((record) => record.dynamodb?.SequenceNumber ?? ''),
        () => deliver(structuredClone({ Records: batch })),
      );
      if (failed === undefined || failed > 0) {
        rest = rest.slice(failed ?? batch.length);
        size = rest.length;
        failures = 0;
        if (failed === undefined) continue;
      }
      failures += 1;
      const lost = failures > maxRetries ? batch : tooOldOf(batch, now());
      if (lost.length > 0) {
        await giveUp(lost, { shardId, attempts: failures });
        rest = rest.slice(lost.length);
        size = rest.length;
        failures = 0;
        continue;
      }
      if (failed === 0) size = Math.max(1, Math.floor(size / 2));
      await pause(Math.min(RETRY_UP_TO_MS, RETRY_FROM_MS * 2 ** (failures - 1)), signal);
    }
  }

  async function readShard(shardId: string): Promise<void> {
    let iterator: string | undefined;
    let after: string | undefined;
    let troubles = 0;
    let lastRecordAt = now();
    while (!signal.aborted) {
      try {
        iterator ??= await source.iterator(shardId, after);
        if (iterator === undefined) return;
        const { records, next } = await source.read(iterator, batchSize);
        troubles = 0;
        for (const record of records) observe?.(record);
        if (records.length > 0) {
          lastRecordAt = now();
          await deliverInOrder(shardId, records);
          after = records.at(-1)?.dynamodb?.SequenceNumber ?? after;
        } else {
          await pause(pollAfter(now() - lastRecordAt), signal);
        }
        if (next === undefined) return;
        iterator = next;
      } catch {
        // The iterator has expired or the table cannot be reached: continue after the last delivered record.
        iterator = undefined;
        troubles += 1;
        await pause(Math.min(RETRY_UP_TO_MS, RETRY_FROM_MS * 2 ** troubles), signal);
      }
    }
  }

  async function run(): Promise<void> {
    const finished = new Set<string>();
    const reading = new Map<string, Promise<void>>();
    while (!signal.aborted) {
      const shards = await source.shards().catch(() => []);
      const known = new Set(shards.map((shard) => shard.shardId));
      for (const { shardId, parentShardId } of shards) {
        const parentDone = !parentShardId || !known.has(parentShardId) || finished.has(parentShardId);
        if (!parentDone || finished.has(shardId) || reading.has(shardId)) continue;
        reading.set(
          shardId,
          readShard(shardId).then(() => {
            finished.add(shardId);
            reading.delete(shardId);
          }),
        );
      }
      const again = pause(shards.length === 0 ? RETRY_FROM_MS : DISCOVER_EVERY_MS, signal);
      await Promise.race([again, ...reading.values()]);
    }
    await Promise.all(reading.values());
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** The MaximumRecordAge of the event source mapping (docs/design.md 4.9). */
const MAX_AGE_MS = 6 * 60 * 60_000;

/** Returns the records at the start of a batch that are too old to be tried again. */
function tooOldOf(batch: DynamoDBRecord[], now: number): DynamoDBRecord[] {
  const isFresh = ({ dynamodb }: DynamoDBRecord) => {
    const seconds = dynamodb?.ApproximateCreationDateTime;
    return seconds === undefined || now - seconds * 1000 < MAX_AGE_MS;
  };
  const first = batch.findIndex(isFresh);
  return first < 0 ? batch : batch.slice(0, first);
}

/** Returns the poll interval in milliseconds: short while records arrive, longer when the stream is quiet. */
function pollAfter(quietForMs: number): number {
  if (quietForMs < 5_000) return 15;
  return quietForMs < 60_000 ? 40 : 100;
}

async function abortablePause(ms: number, signal: AbortSignal): Promise<void> {
  await pauseFor(ms, undefined, { signal }).catch(() => undefined);
}
