/**
 * Members of the stored schemas that are newer than the frozen copy (`schemas-1.ts`), each with a value
 * (docs/adr/0015-reading-what-a-newer-version-wrote.md). A test finds members that are missing here. It reads each value
 * with the frozen schemas, and data without the member with the present ones.
 */

/**
 * Schema → path of the member → a value. In a path, `[]` is an element of a list and `{}` an entry of a map. A new value
 * of an enum is `path=VALUE`, with that value. Each option of a union is a schema: `hintSchema/DUE`.
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
    expiresAt: 1_780_000_000,
  },
  ledgerSchema: { log: { from: 3_500_000_000, fresh: [0, 1], others: [2] }, crowdedUntil: 1_700_000_000_000 },
  'sentRequestSchema/1': { 'shown.tasks[].status': 'CANCELED', 'shown.tasks[].check': 'WARN' },
  issueMemorySchema: {
    highest: { 'arn:stream': '100' },
    numberedBy: 'arn:stream',
    rung: 2,
    past: [{ subject: { kind: 'STAGE', id: 'stage-1' }, from: 1, to: 4 }],
    retention: {
      since: '2026-03-01T08:00:00.000Z',
      roundDays: 90,
      shownDays: 30,
      left: { after: 'STAGE#stage-1#000001' },
    },
    expired: true,
  },
  'hintSchema/RECORD_CHANGED': {
    'arrived.streamArn': 'arn:stream',
    'arrived.sequenceNumber': '100',
    rang: { stageId: 'stage-1', seq: 2 },
  },
  'hintSchema/EXTERNAL_EVENT': { nodeId: 'oa' },
  'sentRequestSchema/EXTERNAL': { 'body.stages[].tasks[].type': 'DDL' },
};

/** New schemas, and new options of a union. No earlier version reads them. */
export const ADDED_SCHEMAS: readonly string[] = [];
