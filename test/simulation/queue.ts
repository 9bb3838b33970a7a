import { type SendMessageCommandInput, SQSClient } from '@aws-sdk/client-sqs';

/** The work queue as SQS FIFO keeps it (Developer Guide, "FIFO queue delivery logic"), in memory. */
export interface FakeQueue {
  /** Takes SendMessageCommand and nothing else. */
  sqs: SQSClient;
  /** The head of the first group that is not waiting; it is in flight from now on. */
  receive(): Message | undefined;
  delete(message: Message): void;
  /** It comes back after so many milliseconds, and its group waits for it. */
  hide(message: Message, milliseconds: number): void;
  /** Loses the message that would be received next. */
  lose(): void;
  /** One of the messages that ever came, from the newest, comes once more, as from the dead letters. */
  redrive(back: number): void;
  /** Epoch milliseconds at which the next message can be received; undefined if there is none. */
  nextAt(): number | undefined;
  messages(): readonly Message[];
  /** Received too often. */
  deadLetters(): readonly Message[];
}

export interface Message {
  readonly group: string;
  readonly body: string;
  /** How often it was received. */
  receives: number;
  /** Epoch milliseconds. */
  visibleAt: number;
}

/** DESIGN, "Numbers". */
const VISIBILITY_MS = 90_000;
const MAX_RECEIVES = 20;
const DEDUPLICATED_FOR_MS = 5 * 60_000;

export function createFakeQueue(options: {
  now: () => number;
  around: <T>(carryOut: () => T) => Promise<T>;
}): FakeQueue {
  const { now, around } = options;
  let messages: Message[] = [];
  const dead: Message[] = [];
  const sent: Pick<Message, 'group' | 'body'>[] = [];
  const seen = new Map<string, number>();

  function put(input: SendMessageCommandInput) {
    const { MessageDeduplicationId: id, MessageGroupId: group, MessageBody: body } = input;
    if (!id || !group || !body) throw new Error('a FIFO queue needs a body, a group and a deduplication id');
    const before = seen.get(id);
    if (before !== undefined && now() - before < DEDUPLICATED_FOR_MS) return {};
    seen.set(id, now());
    messages.push({ group, body, receives: 0, visibleAt: now() });
    sent.push({ group, body });
    return {};
  }

  const heads = (): Message[] => {
    const groups = new Set<string>();
    return messages.filter(({ group }) => !groups.has(group) && groups.add(group));
  };
  const ready = (): Message | undefined => heads().find(({ visibleAt }) => visibleAt <= now());
  const remove = (message: Message) => {
    messages = messages.filter((one) => one !== message);
  };

  const sqs = new SQSClient({ region: 'us-east-1' });
  sqs.send = (command: { input: SendMessageCommandInput }) => around(() => put(command.input));

  return {
    sqs,
    receive() {
      for (let message = ready(); message; message = ready()) {
        message.receives += 1;
        message.visibleAt = now() + VISIBILITY_MS;
        if (message.receives <= MAX_RECEIVES) return message;
        remove(message);
        dead.push(message);
      }
      return undefined;
    },
    delete: remove,
    hide(message, milliseconds) {
      message.visibleAt = now() + milliseconds;
    },
    lose() {
      const message = ready();
      if (message) remove(message);
    },
    redrive(back) {
      const message = sent.at(-1 - (back % Math.max(1, sent.length)));
      if (message) messages.push({ ...message, receives: 0, visibleAt: now() });
    },
    nextAt: () => {
      const times = heads().map(({ visibleAt }) => visibleAt);
      return times.length > 0 ? Math.min(...times) : undefined;
    },
    messages: () => messages,
    deadLetters: () => dead,
  };
}
