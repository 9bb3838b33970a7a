import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { IssueRecord, Stage, Step, Task } from '../../shared/issue/record.ts';
import { readImage } from '../../shared/runtime/attribute-values.ts';
import { anIssue, aStage, aTask } from '../support/issue.ts';
import { NODE } from '../support/oa.ts';
import type { World } from './world.ts';

/** Frabit, as the simulation plays it: issues that it writes, reads and puts back whole, and all it ever wrote. */

export const CREATOR = 'creator@example.com';
/** Nobody at Feishu. */
export const STRANGER = 'stranger@elsewhere.org';
export const PEOPLE = {
  alice: 'Alice@example.com',
  bob: 'bob@example.com',
  carol: 'carol@example.com',
  stranger: STRANGER,
} as const;
export type PersonName = keyof typeof PEOPLE;

/** Each is found in no other: what a card shows can be told from its text alone. */
export const STATEMENTS = [
  'ALTER TABLE orders ADD COLUMN alpha_note TEXT;\nUPDATE orders SET alpha_note = NULL;',
  'DELETE FROM customers WHERE bravo_id = 7;',
  'UPDATE accounts SET charlie_balance = 0;',
  'DROP TABLE delta_archive;',
  'CREATE INDEX echo_idx ON events (echo_at);',
  // Whole in a full card, and in no shorter one.
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

/** The first has a version and a creator at Feishu; the second neither, so the bot asks. */
export function firstRecord(index: IssueIndex): IssueRecord {
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

/** Custom Approvals: who comes first. */
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
  /** Reads, changes and puts the whole item back, as the last writer; counts the version up. */
  change(index: IssueIndex, change: (issue: IssueRecord) => void): Promise<void>;
  /** The number of the next click on the bell: Frabit counts them itself, whatever record was put back. */
  nextRing(index: IssueIndex): number;
  remove(index: IssueIndex): Promise<void>;
  /** Changes the SQL, where it runs and the assignee back to what they were before its last change, as a person would. */
  undo(index: IssueIndex): Promise<void>;
  /** Puts a record of so many writes ago over what stands there, against its duty (docs/lessons.md 25). */
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
      // Frabit put it there: it is what Frabit says it is.
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
