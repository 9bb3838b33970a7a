import type { Tenant } from '../../infra/local/simulators/feishu/tenant.ts';
import { type HintHandling, handleHint } from '../../shared/approval/handle-hint.ts';
import { parseHint } from '../../shared/approval/work-queue.ts';
import { type FakeQueue, finishMessage, type Message } from '../simulation/queue.ts';
import type { Facts } from './facts.ts';
import type { Tally } from './tally.ts';
import type { VirtualTime } from './virtual-time.ts';

const MINUTE = 60_000;

/**
 * Starts the workers. As Lambda does for the event source of a queue, each idle worker receives one message.
 * @returns a function that starts every container again
 */
export function startWorkers(parts: {
  time: VirtualTime;
  queue: FakeQueue;
  tenant: Tenant;
  facts: Facts;
  tally: Tally;
  workers: number;
  startContainer: () => HintHandling;
  isTimed: () => boolean;
}): () => void {
  const { time, queue, tenant, facts, tally, workers, startContainer, isTimed } = parts;
  let containers = Array.from({ length: workers }, startContainer);

  /** Reads in Feishu whether a card is open, because its round can be closed already. */
  function recordHidden(issueId: string, milliseconds: number): void {
    const codes = facts.issues.get(issueId)?.rounds.map(({ instanceCode = '' }) => instanceCode) ?? [];
    const isOpen = codes.some((code) => tenant.world.instances.get(code)?.status === 'PENDING');
    const kind = isOpen ? 'openCard' : 'usual';
    tally.hiddenMs[kind] = Math.max(tally.hiddenMs[kind], milliseconds);
  }

  async function work(message: Message, container: HintHandling): Promise<void> {
    const began = time.now();
    const hint = parseHint(message.body);
    tally.reconciles += 1;
    if ('issueId' in hint) facts.recordReconcile(hint.issueId);
    const ended = await handleHint(hint, container).then(
      (value) => ({ kind: 'DONE', value }) as const,
      (error: unknown) => ({ kind: 'FAILED', error }) as const,
    );
    if (ended.kind === 'FAILED') tally.failures.push(ended.error);
    finishMessage(queue, message, ended);
    const isHidden = ended.kind === 'DONE' && ended.value.waitSeconds !== undefined;
    if (isHidden && 'issueId' in hint) recordHidden(hint.issueId, message.visibleAt - time.now());
    tally.longestMs.worker = Math.max(tally.longestMs.worker, time.now() - began);
    containers.push(container);
  }

  time.add({
    wake() {
      let started = false;
      while (containers.length > 0) {
        const message = queue.receive();
        const container = message && containers.shift();
        if (!message || !container) {
          if (tally.rush) tally.rush.until ??= time.now();
          break;
        }
        void work(message, container);
        started = true;
      }
      const isRush = isTimed() && started && containers.length === 0;
      if (isRush) tally.rush ??= { from: time.now(), until: undefined };
      return started;
    },
    nextAt: () => (containers.length > 0 ? queue.nextAt() : undefined),
  });
  return () => {
    containers = containers.map(startContainer);
  };
}

/** Starts a sweep every minute, unless the sweep of the minute before still runs. */
export function startMinutelySweep(
  { time, tally }: { time: VirtualTime; tally: Tally },
  sweepOnce: () => Promise<void>,
): void {
  let sweeping = false;
  function everyMinute(): void {
    time.after(MINUTE, everyMinute);
    if (sweeping) {
      tally.skippedSweeps += 1;
      return;
    }
    sweeping = true;
    const began = time.now();
    const ended = () => {
      sweeping = false;
      tally.longestMs.sweep = Math.max(tally.longestMs.sweep, time.now() - began);
    };
    sweepOnce().then(ended, (error: unknown) => {
      tally.failures.push(error);
      ended();
    });
  }
  everyMinute();
}
