import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { IssueRecord, Stage, Step, Task } from '../../shared/issue/record.ts';
import { readImage } from '../../shared/runtime/attribute-values.ts';
import { anIssue, aStage, aTask } from '../support/issue.ts';
import { NODE } from '../support/oa.ts';
import type { World } from './world.ts';

/** Frabit in the simulation: it reads issue records and writes them whole. */

const CREATOR = 'creator@example.com';
/** Feishu does not know this person. */
const STRANGER = 'stranger@elsewhere.org';
export const PEOPLE = {
  alice: 'Alice@example.com',
  bob: 'bob@example.com',
  carol: 'carol@example.com',
  stranger: STRANGER,
} as const;
export type PersonName = keyof typeof PEOPLE;

/** No statement contains another one, so the text of a card shows which statements it has. */
export const STATEMENTS = [
  'ALTER TABLE orders ADD COLUMN alpha_note TEXT;\nUPDATE orders SET alpha_note = NULL;',
  'DELETE FROM customers WHERE bravo_id = 7;',
  'UPDATE accounts SET charlie_balance = 0;',
  'DROP TABLE delta_archive;',
  'CREATE INDEX echo_idx ON events (echo_at);',
  // Only a card of level FULL shows it whole.
  Array.from({ length: 40 }, (_, n) => `INSERT INTO india VALUES (${n}, '${'i'.repeat(1_000)}');`).join('\n'),
] as const;
export const DATABASES = ['shop_foxtrot', 'shop_golf', 'shop_hotel'] as const;

const ISSUE_IDS = ['issue-1', 'Issue/2 问题'] as const;
export type IssueIndex = 0 | 1;
export const ISSUES: readonly IssueIndex[] = [0, 1];
export const issueIdOf = (index: IssueIndex): string => ISSUE_IDS[index];

const task = (taskId: string, changes: Partial<Task>): Task => aTask({ taskId, title: taskId, ...changes });
const stage = (stageId: string, tasks: Task[]): Stage =>
  aStage({ stageId, title: `Stage ${stageId}`, tasks });

/** The first issue has a version, and Feishu knows its creator. The second has neither, so the bot is its initiator. */
function firstRecord(index: IssueIndex): IssueRecord {
  const first = index === 0;
  return anIssue({
    issueId: issueIdOf(index),
    creator: { email: first ? CREATOR : STRANGER },
    assignee: { email: PEOPLE.alice },
    currentStageId: 's1',
    stages: [
      stage('s1', [
        task('t1', { statement: STATEMENTS[0], database: DATABASES[0] }),
        task('t2', { statement: STATEMENTS[1], database: DATABASES[1] }),
      ]),
      stage('s2', [task('t1', { statement: STATEMENTS[2], database: DATABASES[0] })]),
    ],
    ...(first && { version: 1 }),
  });
}

/** The steps of each flow, in order. */
const FLOWS = {
  OA: ['oa-1'],
  REVIEW_THEN_OA: ['review', 'oa-1'],
  OA_THEN_REVIEW: ['oa-1', 'review'],
  TWO_OAS: ['oa-1', 'oa-2'],
} as const;
export type FlowName = keyof typeof FLOWS;
export const FLOW_NAMES = Object.keys(FLOWS) as FlowName[];

export const flowOf = (
  name: FlowName,
  { review, oaStatus }: { review: Step['status']; oaStatus: Step['status'] },
): Step[] =>
  FLOWS[name].map((stepId) =>
    stepId === 'review'
      ? { stepId, title: 'Review', kind: 'FRABIT', status: review }
      : { stepId, title: `Board ${stepId}`, kind: 'EXTERNAL', externalNodeId: NODE.nodeId, status: oaStatus },
  );

export interface Frabit {
  read(index: IssueIndex): Promise<IssueRecord | undefined>;
  create(index: IssueIndex): Promise<void>;
  /** Reads, changes and writes the whole item without a condition, and increments the version. */
  change(index: IssueIndex, change: (issue: IssueRecord) => void): Promise<void>;
  /** The number of the next ring. Frabit counts the rings itself, also after an old record was written back. */
  nextRing(index: IssueIndex): number;
  remove(index: IssueIndex): Promise<void>;
  /** Undoes Frabit's last change of the stages and the assignee, as a person does. */
  undo(index: IssueIndex): Promise<void>;
  /** Overwrites the record with that of `back` writes ago, against Frabit's duty (docs/lessons.md 25). */
  restore(index: IssueIndex, back: number): Promise<void>;
}

export function createFrabit({ dynamo, changes }: World): Frabit {
  const { documents, tables } = dynamo;
  const TableName = tables.issueTableName;

  const put = async (record: object) => {
    const Item = marshall(record, { removeUndefinedValues: true });
    await documents.send(new PutItemCommand({ TableName, Item }));
  };
  const frabit: Frabit = {
    async read(index) {
      const Key = { issueId: { S: issueIdOf(index) } };
      const { Item } = await documents.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      // Frabit wrote it, so it has Frabit's type.
      return Item && (readImage(Item) as unknown as IssueRecord);
    },
    create: (index) => put(firstRecord(index)),
    async change(index, change) {
      const record = await frabit.read(index);
      if (!record) return;
      change(record);
      if (typeof record.version === 'number') record.version += 1;
      await put(record);
    },
    nextRing(index) {
      const rings = changes
        .filter(({ issueId }) => issueId === issueIdOf(index))
        .map(({ after }) => Number(after?.bell?.M?.seq?.N ?? 0));
      return Math.max(0, ...rings) + 1;
    },
    async remove(index) {
      await documents.send(new DeleteCommand({ TableName, Key: { issueId: issueIdOf(index) } }));
    },
    async undo(index) {
      const last = changes.findLast(({ issueId, by }) => by === 'FRABIT' && issueId === issueIdOf(index));
      if (!last?.before) return;
      const before = readImage(last.before) as unknown as IssueRecord;
      await frabit.change(index, (issue) => {
        issue.stages = before.stages;
        issue.assignee = before.assignee;
      });
    },
    async restore(index, back) {
      const before = changes.filter(({ issueId, after }) => issueId === issueIdOf(index) && after);
      const old = before.at(-1 - back)?.after;
      if (old) await documents.send(new PutItemCommand({ TableName, Item: old }));
    },
  };
  return frabit;
}
