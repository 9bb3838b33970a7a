import type { Message } from './state.ts';

/**
 * What may be redriven of the hints that were worked on: the first and the last that told of an arrival, and the last
 * that told of something in Feishu.
 */
export function keepPast(past: readonly Message[], message: Message): readonly Message[] {
  const kept = { ...message, visibleAt: 0 };
  const others = past.filter(({ body }) => body !== message.body);
  const [arrivals, told] = [others.filter(isArrival), others.filter((one) => !isArrival(one))];
  if (isArrival(message)) return [...arrivals.slice(0, 1), kept, ...told];
  return isTold(message) ? [...arrivals, kept] : past;
}

const isArrival = ({ body }: Message): boolean => body.includes('"arrived"');
const isTold = ({ body }: Message): boolean =>
  body.startsWith('{"kind":"FEISHU_EVENT"') && !body.includes('"status":"PENDING"');
