import type { IssueRecord } from '../../../shared/issue/record.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';

/** A record that keeps or breaks one rule of docs/contract.md 1. */
export interface Case {
  rule: string;
  record: object;
}

export interface Breach extends Case {
  /** The exact text of `approvalError`. */
  message: string;
  /** A rule that JSON Schema cannot express. The description of the schema states it. */
  beyondJsonSchema?: true;
}

export const FACE = '😀';
export const without = (record: object, name: string) =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
export const ofTask = (task: object): object => ({ ...anIssue(), stages: [{ ...aStage(), tasks: [task] }] });
export const ofStage = (stage: object): object => ({ ...anIssue(), stages: [stage] });
export const ofStep = (...steps: object[]): object => ({ ...anIssue(), approvalFlow: { steps } });
export const ofBell = (bell: object): object => ({
  ...anIssue(),
  bell: { seq: 1, rungBy: 'creator@example.com', rungAt: '2026-03-01T08:00:00Z', ...bell },
});
export const stages = (count: number) =>
  Array.from({ length: count }, (_, index) => aStage({ stageId: `stage-${index + 1}` }));
export const tasks = (count: number) =>
  Array.from({ length: count }, (_, index) => aTask({ taskId: `task-${index}` }));
export const sheet = { uri: 's3://sheets/1', sha256: 'a'.repeat(64), sizeBytes: 0, preview: '' };
export const longMail = (length: number) => `${'x'.repeat(length - 4)}@a.b`;

export const KEPT: Case[] = [
  { rule: 'all attributes', record: anIssue() },
  { rule: 'ids of 128 code points of any Unicode', record: { ...anIssue(), issueId: FACE.repeat(128) } },
  { rule: 'a title of 500 code points', record: { ...anIssue(), title: FACE.repeat(500) } },
  {
    rule: 'null in every optional attribute',
    record: {
      ...anIssue(),
      projectId: null,
      description: null,
      assignee: null,
      currentStageId: null,
      bell: null,
      approvalMode: null,
      approvalFlow: null,
      version: null,
      creator: { email: 'creator@example.com', name: null },
      stages: [
        {
          ...aStage(),
          environment: null,
          tasks: [
            {
              ...aTask(),
              type: null,
              instance: null,
              database: null,
              statement: null,
              sheet: null,
              check: null,
            },
          ],
        },
      ],
    },
  },
  { rule: 'no optional attribute', record: without(without(anIssue(), 'assignee'), 'currentStageId') },
  { rule: 'unknown attributes at any level', record: { ...ofTask({ ...aTask(), own: 1 }), own: { x: [1] } } },
  { rule: 'a sheet with a statement of null', record: ofTask({ ...aTask(), statement: null, sheet }) },
  { rule: 'a statement with a sheet of null', record: ofTask({ ...aTask(), sheet: null }) },
  {
    rule: 'a sheet hash in capitals',
    record: ofTask({ ...aTask(), statement: null, sheet: { ...sheet, sha256: 'A'.repeat(64) } }),
  },
  { rule: 'neither statement nor sheet', record: ofTask(without(aTask(), 'statement')) },
  { rule: 'a stage without tasks', record: ofStage(aStage({ tasks: [] })) },
  { rule: 'one hundred stages', record: anIssue({ stages: stages(100) }) },
  { rule: 'a thousand tasks', record: anIssue({ stages: [aStage({ tasks: tasks(1000) })] }) },
  {
    rule: 'the same task id in two stages',
    record: anIssue({ stages: [aStage(), aStage({ stageId: 'stage-2' })] }),
  },
  { rule: 'an e-mail address of 254 characters', record: anIssue({ creator: { email: longMail(254) } }) },
  { rule: 'a url in capitals', record: anIssue({ url: 'HTTPS://FRABIT.EXAMPLE.COM/1' }) },
  { rule: 'a url in another script', record: { ...anIssue(), url: 'https://frabit.example.com/项目/1' } },
  ...['2026-03-01T08:00:00', '2026-03-01T08:00:00.123456', '2026-03-01T08:00', '2026-03-01T08:00Z'].map(
    (rungAt): Case => ({ rule: `a bell rung at ${rungAt}: ISO 8601 too`, record: ofBell({ rungAt }) }),
  ),
  { rule: 'a bell with an offset', record: ofBell({ rungAt: '2026-03-01T16:00:00.123+08:00' }) },
  { rule: 'a version that is no whole number', record: anIssue({ version: 1.5 }) },
  { rule: 'a flow without steps', record: ofStep() },
  {
    rule: 'a FRABIT step with an externalNodeId of null',
    record: ofStep({ ...aStep(), externalNodeId: null }),
  },
  {
    rule: 'an EXTERNAL step with its node',
    record: ofStep(aStep({ kind: 'EXTERNAL', externalNodeId: 'oa' })),
  },
  ...(['OPEN', 'DONE', 'CANCELED'] satisfies IssueRecord['status'][]).map((status) => ({
    rule: `status ${status}`,
    record: anIssue({ status }),
  })),
];
