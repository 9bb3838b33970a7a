import { type Clock, createTimers } from '../kit/clock.ts';
import type { Post } from '../kit/post.ts';
import { encrypt, sign } from './event-crypto.ts';
import { type Envelope, formatEnvelope } from './events.ts';
import type { Faults } from './faults.ts';
import type { AppKeys } from './keys.ts';

/** How long Feishu waits for the 200 (docs/feishu.md 5). */
export const ACK_WITHIN_MS = 3000;
const CONNECT_WITHIN_MS = 2000;
/** Pauses before the repeats of an event that was not acknowledged, at most four. */
export const RETRY_AFTER_MS = [15_000, 300_000, 3_600_000, 21_600_000] as const;

export interface Delivery {
  eventId: string;
  instanceCode: string;
  type: string;
  status: string;
  attempts: number;
  outcome: 'WAITING' | 'ACKNOWLEDGED' | 'LOST';
}

export interface EventSender {
  /** Adds the events of one act to the end of the instance's queue. */
  enqueue(instanceCode: string, envelopes: readonly Envelope[]): void;
  deliveries(): Delivery[];
  close(): void;
}

interface Queued {
  envelope: Envelope;
  delivery: Delivery;
  whiteSpace: boolean;
}

/** Sends events in order per instance: the next one only after the one before was acknowledged or lost. */
export function createEventSender(parts: {
  clock: Clock;
  /** The present keys, at every attempt to send. */
  keys: () => Pick<AppKeys, 'encryptKey' | 'verificationToken'>;
  faults: Faults;
  post: Post;
  url: () => string | undefined;
}): EventSender {
  const { clock, keys, faults, post } = parts;
  const queues = new Map<string, Queued[]>();
  const log: Delivery[] = [];
  const timers = createTimers(clock);
  let closed = false;

  const takeFault = (kind: 'DUPLICATE' | 'LOSE' | 'WHITE_SPACE', { event }: Envelope): boolean =>
    faults.take(
      [kind],
      (fault) =>
        (fault.type === undefined || fault.type === event.type) &&
        (fault.status === undefined || fault.status === event.status),
    ) !== undefined;

  async function send({ envelope, whiteSpace }: Queued): Promise<boolean> {
    const url = parts.url();
    if (url === undefined) return false;
    const { encryptKey, verificationToken } = keys();
    const plain = JSON.stringify(formatEnvelope(envelope, verificationToken));
    const encrypted = { encrypt: encrypt(encryptKey, plain) };
    const body = whiteSpace ? `\n${JSON.stringify(encrypted, null, 2)} \n` : JSON.stringify(encrypted);
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      ...sign(encryptKey, body, clock.now()),
    };
    const answer = await post(url, headers, body, { connectMs: CONNECT_WITHIN_MS, totalMs: ACK_WITHIN_MS });
    return answer?.status === 200;
  }

  async function work(instanceCode: string, queue: Queued[]): Promise<void> {
    for (let head = queue[0]; head !== undefined && !closed; head = queue[0]) {
      head.delivery.attempts += 1;
      const acknowledged = await send(head);
      if (closed) return;
      if (acknowledged) {
        if (takeFault('DUPLICATE', head.envelope)) {
          head.delivery.attempts += 1;
          await send(head);
        }
        head.delivery.outcome = 'ACKNOWLEDGED';
      } else {
        const pause = RETRY_AFTER_MS[head.delivery.attempts - 1];
        if (pause !== undefined) {
          timers.start(pause, () => void work(instanceCode, queue));
          return;
        }
        head.delivery.outcome = 'LOST';
      }
      queue.shift();
    }
    if (queue.length === 0 && queues.get(instanceCode) === queue) queues.delete(instanceCode);
  }

  return {
    enqueue(instanceCode, envelopes) {
      if (closed) return;
      const kept: Queued[] = [];
      for (const envelope of envelopes) {
        const delivery: Delivery = {
          eventId: envelope.uuid,
          instanceCode,
          type: String(envelope.event.type),
          status: String(envelope.event.status),
          attempts: 0,
          outcome: 'WAITING',
        };
        log.push(delivery);
        // Without a request URL an event is lost, not kept for later.
        if (parts.url() === undefined || takeFault('LOSE', envelope)) delivery.outcome = 'LOST';
        else kept.push({ envelope, delivery, whiteSpace: takeFault('WHITE_SPACE', envelope) });
      }
      if (kept.length === 0) return;
      if (kept.length > 1 && faults.take(['REORDER'], () => true)) kept.reverse();
      const running = queues.get(instanceCode);
      if (running) {
        running.push(...kept);
        return;
      }
      queues.set(instanceCode, kept);
      void work(instanceCode, kept);
    },
    deliveries: () => log.map((delivery) => ({ ...delivery })),
    close() {
      closed = true;
      timers.cancelAll();
    },
  };
}
