import { type Clock, createTimers } from '../kit/clock.ts';
import type { Faults } from './faults.ts';

/** An event of the OA: an approval changed. It does not say how. */
export interface OaEvent {
  nodeId: string;
  /** The `webhook-id`: the same at every repeat. */
  messageId: string;
  approvalId: string;
  /** The JSON to sign and send. */
  body: string;
}

/** Sends an event. Resolves to the status of the answer, or to undefined if there was none. */
export type OaPost = (event: OaEvent) => Promise<number | undefined>;

export interface OaDelivery {
  messageId: string;
  approvalId: string;
  attempts: number;
  outcome: 'WAITING' | 'ACKNOWLEDGED' | 'LOST';
}

export interface EventSender {
  announce(approvalId: string): void;
  deliveries(): OaDelivery[];
  /** Drops events that were not sent yet. */
  forget(): void;
}

/** Pauses before the repeats of an event that was not answered with 200. */
export const RETRY_AFTER_MS = [5_000, 60_000, 600_000] as const;
/** How long an event is held back if no next one comes. */
export const HELD_MS = 30_000;

export function createEventSender(parts: {
  clock: Clock;
  nodeId: string;
  newId: () => string;
  faults: Faults;
  post: OaPost | undefined;
}): EventSender {
  const { clock, nodeId, newId, faults, post } = parts;
  let log: OaDelivery[] = [];
  let held: OaDelivery[] = [];
  const timers = createTimers(clock);

  async function attempt(delivery: OaDelivery): Promise<boolean> {
    const { messageId, approvalId } = delivery;
    delivery.attempts += 1;
    const body = JSON.stringify({ approvalId });
    const status = await post?.({ nodeId, messageId, approvalId, body }).catch(() => undefined);
    return status === 200;
  }

  async function send(delivery: OaDelivery): Promise<void> {
    const acknowledged = await attempt(delivery);
    if (!log.includes(delivery)) return;
    if (acknowledged) {
      if (faults.take('DUPLICATE_EVENT')) await attempt(delivery);
      delivery.outcome = 'ACKNOWLEDGED';
      return;
    }
    const pause = RETRY_AFTER_MS[delivery.attempts - 1];
    if (pause === undefined) delivery.outcome = 'LOST';
    else timers.start(pause, () => void send(delivery));
  }

  function release(): void {
    for (const delivery of held.splice(0)) void send(delivery);
  }

  return {
    announce(approvalId) {
      const messageId = `msg_${newId()}`;
      const delivery: OaDelivery = { messageId, approvalId, attempts: 0, outcome: 'WAITING' };
      log.push(delivery);
      if (!post || faults.take('LOSE_EVENT')) {
        delivery.outcome = 'LOST';
      } else if (faults.take('REORDER_EVENT')) {
        held.push(delivery);
        timers.start(HELD_MS, release);
      } else {
        void send(delivery).then(release);
      }
    },
    deliveries: () => log.map((delivery) => ({ ...delivery })),
    forget() {
      timers.cancelAll();
      log = [];
      held = [];
    },
  };
}
