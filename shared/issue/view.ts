import { isDeepStrictEqual } from 'node:util';
import { taskHash } from './content-hash.ts';
import { type IssueRecord, type ParsedRecord, parseIssueRecord } from './record.ts';

/** The attributes that we write on an issue record (docs/contract.md 1, "What we write back"). */
export const WRITE_BACKS = [
  'approvedTasks',
  'stageApprovals',
  'stepApprovals',
  'approvalHold',
  'approvalError',
] as const;

/** What the plan reads of a valid record. Titles and descriptions are not part of it. */
export interface RecordView {
  status: IssueRecord['status'];
  currentStageId: string | null;
  /** E-mail addresses in lower case: upper or lower case does not make another person. */
  assignee: string | null;
  creator: string;
  approvalMode: 'AUTO' | 'BELL_ONLY';
  steps: { stepId: string; kind: string; externalNodeId: string | null; status: string }[];
  bell: { seq: number; rungBy: string } | null;
  stages: {
    stageId: string;
    environment: string | null;
    tasks: { taskId: string; hash: string; status: string; check: string | null }[];
  }[];
}

export interface ApprovalView {
  /** The record, or why it is invalid. */
  record: RecordView | { invalid: string };
  /** Our own attributes as they are stored. Their form is not checked: an old record may have been written over them. */
  writeBacks: Partial<Record<(typeof WRITE_BACKS)[number], unknown>>;
}

/**
 * Returns what the plan reads of a record (docs/design.md 3). If the views before and after a change are equal, the
 * change has no effect on the plan. `parsed`: the parsed `item`, if it was parsed before.
 */
export function approvalView(item: unknown, parsed: ParsedRecord = parseIssueRecord(item)): ApprovalView {
  return {
    record: parsed.ok ? recordView(parsed.record) : { invalid: parsed.message },
    writeBacks: writeBacksOf(item),
  };
}

/** Whether two views are equal, or both undefined. */
export const sameView = (a: ApprovalView | undefined, b: ApprovalView | undefined): boolean =>
  isDeepStrictEqual(a, b);

function recordView(record: IssueRecord): RecordView {
  return {
    status: record.status,
    currentStageId: record.currentStageId ?? null,
    assignee: record.assignee?.email.toLowerCase() ?? null,
    creator: record.creator.email.toLowerCase(),
    approvalMode: record.approvalMode ?? 'AUTO',
    steps: (record.approvalFlow?.steps ?? []).map((step) => ({
      stepId: step.stepId,
      kind: step.kind,
      externalNodeId: step.externalNodeId ?? null,
      status: step.status,
    })),
    bell: record.bell ? { seq: record.bell.seq, rungBy: record.bell.rungBy.toLowerCase() } : null,
    stages: record.stages.map((stage) => ({
      stageId: stage.stageId,
      environment: stage.environment ?? null,
      tasks: stage.tasks.map((task) => ({
        taskId: task.taskId,
        hash: taskHash(task),
        status: task.status,
        check: task.check ?? null,
      })),
    })),
  };
}

function writeBacksOf(item: unknown): ApprovalView['writeBacks'] {
  if (typeof item !== 'object' || item === null) return {};
  const own = new Map(Object.entries(item));
  return Object.fromEntries(WRITE_BACKS.filter((name) => own.has(name)).map((name) => [name, own.get(name)]));
}
