import { type SendMessageCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { isLasting } from '../../shared/runtime/lasting-errors.ts';
import type { HandlerResult } from './call-interceptor.ts';
import { SortedMap } from './sorted-map.ts';

/** The work queue in memory, with the behaviour of an SQS FIFO queue (Developer Guide, "FIFO queue delivery logic"). */
export interface FakeQueue {
  /** Accepts only SendMessageCommand. */
  sqs: SQSClient;
  /** Receives the first message of the first group that has a visible one. The message is in flight afterwards. */
  receive(): Message | undefined;
  delete(message: Message): void;
  /** Makes a message visible again after so many milliseconds. Its group waits for it. */
  hide(message: Message, milliseconds: number): void;
  /** Moves a message to the dead letters, as the worker does. */
  setAside(message: Message): void;
  /** Loses the message that `receive` would return next. */
  lose(): void;
  /** Sends an earlier message again, like a redrive of dead letters. `back` counts from the newest. */
  redrive(back: number): void;
  /** Epoch milliseconds at which the next message can be received; undefined if there is none. */
  nextAt(): number | undefined;
  messages(): readonly Message[];
  /** Messages that the worker set aside, or that were received too many times. */
  deadLetters(): readonly Message[];
}

export interface Message {
  /** Increases with each message that is sent. */
  readonly number: number;
  readonly group: string;
  readonly body: string;
  /** The number of times it was received. */
  receives: number;
  /** Epoch milliseconds. */
  visibleAt: number;
}

/** docs/design.md 4.9. */
const VISIBILITY_MS = 180_000;
const MAX_RECEIVES = 400;
const DEDUPLICATED_FOR_MS = 5 * 60_000;

export function createFakeQueue(options: {
  now: () => number;
  around: <T>(carryOut: () => T) => Promise<T>;
}): FakeQueue {
  const { now, around } = options;
  let count = 0;
  /** The messages of each group in the order of their arrival. Only the first of a group can be received. */
  const groups = new Map<string, Set<Message>>();
  /** The first messages that are not visible yet, by the time at which they become visible. */
  const hidden = new SortedMap<Message, Message>(
    undefined,
    (a, b) => a.visibleAt - b.visibleAt || a.number - b.number,
  );
  const ready = new SortedMap<number, Message>();
  const dead: Message[] = [];
  const sent: Pick<Message, 'group' | 'body'>[] = [];
  const seen = new Map<string, number>();

  function put(input: SendMessageCommandInput) {
    const { MessageDeduplicationId: id, MessageGroupId: group, MessageBody: body } = input;
    if (!id || !group || !body) throw new Error('a FIFO queue needs a body, a group and a deduplication id');
    const before = seen.get(id);
    if (before !== undefined && now() - before < DEDUPLICATED_FOR_MS) return {};
    seen.set(id, now());
    add({ group, body });
    sent.push({ group, body });
    return {};
  }

  function add({ group, body }: Pick<Message, 'group' | 'body'>) {
    const message: Message = { number: count++, group, body, receives: 0, visibleAt: now() };
    const others = groups.get(group);
    if (others) others.add(message);
    else {
      groups.set(group, new Set([message]));
      hidden.set(message, message);
    }
  }

  const isFirst = (message: Message) => groups.get(message.group)?.values().next().value === message;

  /** Removes a message from both orders. Needed before its `visibleAt` changes. */
  function takeOut(message: Message) {
    hidden.delete(message);
    ready.delete(message.number);
  }

  function nextReady(): Message | undefined {
    for (let first = hidden.minKey(); first && first.visibleAt <= now(); first = hidden.minKey()) {
      hidden.delete(first);
      ready.set(first.number, first);
    }
    const number = ready.minKey();
    return number === undefined ? undefined : ready.get(number);
  }

  function hide(message: Message, until: number) {
    takeOut(message);
    message.visibleAt = until;
    if (isFirst(message)) hidden.set(message, message);
  }

  function remove(message: Message) {
    const group = groups.get(message.group);
    if (!group?.delete(message)) return;
    takeOut(message);
    const [next] = group;
    if (next) hidden.set(next, next);
    else groups.delete(message.group);
  }

  function setAside(message: Message) {
    remove(message);
    dead.push(message);
  }

  const sqs = new SQSClient({ region: 'us-east-1' });
  sqs.send = (command: { input: SendMessageCommandInput }) => around(() => put(command.input));

  return {
    sqs,
    receive() {
      for (let message = nextReady(); message; message = nextReady()) {
        message.receives += 1;
        hide(message, now() + VISIBILITY_MS);
        if (message.receives <= MAX_RECEIVES) return message;
        setAside(message);
      }
      return undefined;
    },
    setAside,
    delete: remove,
    hide: (message, milliseconds) => hide(message, now() + milliseconds),
    lose() {
      const message = nextReady();
      if (message) remove(message);
    },
    redrive(back) {
      const message = sent.at(-1 - (back % Math.max(1, sent.length)));
      if (message) add(message);
    },
    nextAt: () => nextReady()?.visibleAt ?? hidden.minKey()?.visibleAt,
    messages: () => [...groups.values()].flatMap((group) => [...group]),
    deadLetters: () => dead,
  };
}

/** The longest wait of one visibility change (`shared/runtime/message-visibility.ts`). */
const MAX_WAIT_SECONDS = 900;

/**
 * Deletes, hides or sets aside a message after its handler ended, as `functions/reconcile-issues/handle-message.ts`
 * does. After a kill the message becomes visible when its visibility timeout ends.
 */
export function finishMessage(
  queue: FakeQueue,
  message: Message,
  ended: HandlerResult<{ waitSeconds?: number }>,
): void {
  if (ended.kind === 'FAILED') {
    if (isLasting(ended.error)) queue.setAside(message);
    else queue.hide(message, Math.min(2 ** (message.receives - 1), 90) * 1_000);
  }
  if (ended.kind !== 'DONE') return;
  const { waitSeconds } = ended.value;
  if (waitSeconds === undefined) queue.delete(message);
  else queue.hide(message, Math.min(Math.ceil(waitSeconds), MAX_WAIT_SECONDS) * 1_000);
}
