import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { type DrillStack, startDrillStack } from './drill-stack.ts';
import { approveCard, writeIssue } from './people.ts';
import { STACK_NAME } from './template-alarms.ts';

const lineSchema = z.looseObject({
  level: z.string(),
  message: z.string(),
  service: z.string(),
  function_request_id: z.string().optional(),
  issueId: z.string().optional(),
  approvalId: z.string().optional(),
  instanceCode: z.string().optional(),
  eventId: z.string().optional(),
  correlationId: z.string().optional(),
});
type Line = z.infer<typeof lineSchema>;

const lines: Line[] = [];
/** Warnings and errors are printed to standard error. */
const STREAMS = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
let stack: DrillStack;
beforeAll(async () => {
  stack = await startDrillStack(STACK_NAME);
  for (const { stream } of STREAMS) {
    const inner = stream.write.bind(stream);
    stream.write = ((chunk: unknown, ...rest: []) => {
      for (const line of String(chunk).split('\n'))
        if (line.startsWith('{"level"')) lines.push(lineSchema.parse(JSON.parse(line)));
      return inner(chunk as string, ...rest);
    }) as typeof stream.write;
  }
});
afterAll(async () => {
  for (const { stream, write } of STREAMS) stream.write = write;
  await stack.stop();
});

const find = (message: string, about: Partial<Line> = {}): Line => {
  const found = lines.find(
    (line) =>
      line.message === message && Object.entries(about).every(([name, value]) => line[name] === value),
  );
  if (!found) throw new Error(`No line says "${message}".`);
  return found;
};

it('the lines of an approval tell what they are about, and what set them off', async () => {
  await stack.startAfresh();
  stack.feishu.control.misbehave({ kind: 'BAD_GATEWAY', endpoint: 'createInstance' });
  const issueId = await writeIssue(stack);
  await stack.settle();

  // From the change of the record through the queue to the calls.
  const written = find('issue written', { issueId, service: 'watch-issues' });
  const called = find('Feishu call failed', { issueId, service: 'reconcile-issues' });
  expect(written).toMatchObject({ eventId: expect.any(String), correlationId: written.eventId });
  expect(called).toMatchObject({ approvalId: expect.any(String), correlationId: written.eventId });

  // The sweep brings it back.
  stack.feishu.control.clearFaults('calls');
  for (let minute = 0; minute < 5; minute++) await stack.pass();
  const sent = find('approval sent', { issueId });
  expect(sent).toMatchObject({ approvalId: called.approvalId, instanceCode: expect.any(String) });
  expect(sent.correlationId).toMatch(/^[0-9a-f-]{36}$/);
  expect(sent.correlationId).not.toBe(written.correlationId);

  // From the event of Feishu through the queue to the transaction.
  await approveCard(stack, issueId);
  await stack.settle();
  const stored = find('webhook event stored', { issueId, status: 'APPROVED' });
  const approved = find('approved', { issueId });
  const { approvalId, instanceCode } = sent;
  expect(stored).toMatchObject({ approvalId, instanceCode, correlationId: stored.eventId });
  expect(approved).toMatchObject({ approvalId, instanceCode });
  const events = lines.filter(({ message }) => message === 'webhook event stored');
  expect(events.map(({ eventId }) => eventId)).toContain(approved.correlationId);

  // No line is without its invocation, and only lines of whole runs are about no issue.
  expect(lines.filter((line) => line.function_request_id === undefined)).toEqual([]);
  const ofNoIssue = lines.filter((line) => line.issueId === undefined).map(({ message }) => message);
  expect([...new Set(ofNoIssue)].filter((message) => !OF_WHOLE_RUNS.includes(message))).toEqual([]);
});

const OF_WHOLE_RUNS = [
  'webhook challenge answered',
  'webhook event not used',
  'sent hints for due rounds',
  'called up waiting rounds',
];
