import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError, type Operation } from './aws-operation.ts';

const busEventSchema = z.object({
  Source: z.string(),
  DetailType: z.string(),
  Detail: z.string(),
  EventBusName: z.string().optional(),
});
const putEventsSchema = z.object({ Entries: z.array(z.unknown()).min(1).max(10) });

export type BusEvent = z.infer<typeof busEventSchema>;

/** Accepts at most ten entries a call and refuses invalid entries one by one, as EventBridge does. */
export function putEvents(onEvent: (event: BusEvent) => void): Operation {
  return (input) => {
    const parsed = putEventsSchema.safeParse(input);
    if (!parsed.success) throw new AwsError('ValidationException', 'Entries must have 1 to 10 members');
    const entries = parsed.data.Entries.map((entry) => {
      const event = busEventSchema.safeParse(entry);
      if (!event.success) {
        return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Source, DetailType and Detail are required' };
      }
      if (!isJson(event.data.Detail))
        return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
      onEvent(event.data);
      return { EventId: randomUUID() };
    });
    return { FailedEntryCount: entries.filter((entry) => 'ErrorCode' in entry).length, Entries: entries };
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
