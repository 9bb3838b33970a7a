/**
 * What the stored schemas have gained since their frozen copy (`schemas-1.ts`), each with a value (ADR 15). A test
 * finds what is missing here; it writes the value, has the frozen schemas read it, and the present ones read data
 * without it.
 */

/**
 * Schema → path of the member → a value of it. In a path `[]` is an element of a list and `{}` an entry of a record; a
 * new value of an enum is `path=VALUE`, with that value. Of a union each option is a schema: `hintSchema/DUE`.
 */
export const ADDED_SINCE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  feishuSettingsSchema: { withdrawalComments: false },
  roundSchema: {
    asking: ['task-1'],
    underWay: ['task-2'],
    cancelBegun: true,
    successor: { email: 'next@example.com' },
    waiting: { api: 'cancel', since: '2026-03-01T08:00:00.000Z' },
    waitedSince: '2026-03-01T08:00:00.000Z',
  },
  ledgerSchema: { log: { from: 3_500_000_000, fresh: [0, 1], others: [2] }, crowdedUntil: 1_700_000_000_000 },
  'sentRequestSchema/1': { 'shown.tasks[].status': 'CANCELED', 'shown.tasks[].check': 'WARN' },
  issueMemorySchema: {
    highest: { 'arn:stream': '100' },
    numberedBy: 'arn:stream',
    rung: 2,
    past: [{ subject: { kind: 'STAGE', id: 'stage-1' }, from: 1, to: 4 }],
  },
  'hintSchema/RECORD_CHANGED': {
    'arrived.streamArn': 'arn:stream',
    'arrived.sequenceNumber': '100',
    rang: { stageId: 'stage-1', seq: 2 },
  },
  'hintSchema/EXTERNAL_EVENT': { nodeId: 'oa' },
  'sentRequestSchema/EXTERNAL': { 'body.stages[].tasks[].type': 'DDL' },
};

/** Schemas, and options of a union, that are new altogether: nothing older reads them. */
export const ADDED_SCHEMAS: readonly string[] = [];
