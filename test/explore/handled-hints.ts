import type { Message } from './state.ts';

/**
 * Adds a handled hint to those that can be delivered again. Keeps few: the first and the last hint of an arrival, and
 * the last event hint of a decision.
 */
export function keepForRedelivery(handled: readonly Message[], message: Message): readonly Message[] {
  const kept = { ...message, visibleAt: 0 };
  const others = handled.filter(({ body }) => body !== message.body);
  const [arrivals, decisions] = [others.filter(isArrival), others.filter((one) => !isArrival(one))];
  if (isArrival(message)) return [...arrivals.slice(0, 1), kept, ...decisions];
  return isDecision(message) ? [...arrivals, kept] : handled;
}

const isArrival = ({ body }: Message): boolean => body.includes('"arrived"');
const isDecision = ({ body }: Message): boolean =>
  body.startsWith('{"kind":"FEISHU_EVENT"') && !body.includes('"status":"PENDING"');
