import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import {
  type Breach,
  FACE,
  longMail,
  ofBell,
  ofStage,
  ofStep,
  ofTask,
  sheet,
  stages,
  tasks,
  without,
} from './kept-records.ts';

const EMAIL = 'must be an e-mail address: one @, no spaces, at most 254 characters';
const missing = (type: string) => `Invalid input: expected ${type}, received undefined`;

const REQUIRED: [string, string][] = [
  ['issueId', 'string'],
  ['title', 'string'],
  ['url', 'string'],
  ['creator', 'object'],
  ['stages', 'array'],
];

export const BROKEN: Breach[] = [
  ...REQUIRED.map(([name, type]) => ({
    rule: `${name} is required`,
    record: without(anIssue(), name),
    message: `${name}: ${missing(type)}`,
  })),
  {
    rule: 'status is required',
    record: without(anIssue(), 'status'),
    message: 'status: Invalid option: expected one of "OPEN"|"DONE"|"CANCELED"',
  },
  {
    rule: 'status is one of three',
    record: { ...anIssue(), status: 'open' },
    message: 'status: Invalid option: expected one of "OPEN"|"DONE"|"CANCELED"',
  },
  {
    rule: 'an id has at least one character',
    record: { ...anIssue(), issueId: '' },
    message: 'issueId: must have 1 to 128 characters',
  },
  {
    rule: 'an id has at most 128 code points',
    record: { ...anIssue(), issueId: FACE.repeat(129) },
    message: 'issueId: must have 1 to 128 characters',
  },
  {
    rule: 'an id is not __proto__',
    record: ofTask(aTask({ taskId: '__proto__' })),
    message: 'stages[0].tasks[0].taskId: must not be __proto__',
  },
  {
    rule: 'projectId is a text',
    record: { ...anIssue(), projectId: 5 },
    message: 'projectId: Invalid input: expected string, received number',
  },
  {
    rule: 'title is not empty',
    record: { ...anIssue(), title: '' },
    message: 'title: must have 1 to 500 characters',
  },
  {
    rule: 'title has at most 500 code points',
    record: { ...anIssue(), title: FACE.repeat(501) },
    message: 'title: must have 1 to 500 characters',
  },
  {
    rule: 'description is a text',
    record: { ...anIssue(), description: [] },
    message: 'description: Invalid input: expected string, received array',
  },
  ...['ftp://frabit', 'frabit', 'javascript:alert(1)', '//frabit/1'].map((url) => ({
    rule: `url is an http URL, not ${url}`,
    record: anIssue({ url }),
    message: 'url: must be an http or https URL',
  })),
  {
    rule: 'url is a URL',
    record: anIssue({ url: 'https://' }),
    message: 'url: must be an http or https URL',
    beyondJsonSchema: true,
  },
  ...['creator', 'a@b@c', 'a b@c', '@c', 'a@', longMail(255)].map((email) => ({
    rule: `creator has an e-mail address, not ${email.slice(0, 9)}`,
    record: anIssue({ creator: { email } }),
    message: `creator.email: ${EMAIL}`,
  })),
  {
    rule: 'a name is a text',
    record: { ...anIssue(), creator: { email: 'a@b', name: 5 } },
    message: 'creator.name: Invalid input: expected string, received number',
  },
  {
    rule: 'assignee is a person',
    record: { ...anIssue(), assignee: 'a@b' },
    message: 'assignee: Invalid input: expected object, received string',
  },
  {
    rule: 'assignee has an e-mail address',
    record: anIssue({ assignee: { email: 'nobody' } }),
    message: `assignee.email: ${EMAIL}`,
  },
  {
    rule: 'currentStageId names a stage',
    record: anIssue({ currentStageId: 'stage-9' }),
    message: 'currentStageId: must name one of the stages',
    beyondJsonSchema: true,
  },
  {
    rule: 'currentStageId is an id',
    record: anIssue({ currentStageId: '' }),
    message: 'currentStageId: must have 1 to 128 characters',
  },
  {
    rule: 'there is a stage',
    record: anIssue({ stages: [], currentStageId: null }),
    message: 'stages: Too small: expected array to have >=1 items',
  },
  {
    rule: 'there are at most 100 stages',
    record: anIssue({ stages: stages(101) }),
    message: 'stages: Too big: expected array to have <=100 items',
  },
  {
    rule: 'there are at most 1,000 tasks in all',
    record: anIssue({
      stages: [aStage({ tasks: tasks(500) }), aStage({ stageId: 'stage-2', tasks: tasks(501) })],
    }),
    message: 'stages: must hold at most 1,000 tasks in all',
    beyondJsonSchema: true,
  },
  {
    rule: 'stageId is unique in the issue',
    record: anIssue({ stages: [aStage(), aStage()] }),
    message: 'stages[1].stageId: must be unique in the issue',
    beyondJsonSchema: true,
  },
  {
    rule: 'a stage has an id',
    record: ofStage(without(aStage(), 'stageId')),
    message: `stages[0].stageId: ${missing('string')}`,
  },
  {
    rule: 'a stage has a title',
    record: ofStage(without(aStage(), 'title')),
    message: `stages[0].title: ${missing('string')}`,
  },
  {
    rule: 'a stage has tasks',
    record: ofStage(without(aStage(), 'tasks')),
    message: `stages[0].tasks: ${missing('array')}`,
  },
  {
    rule: 'environment is a text',
    record: ofStage({ ...aStage(), environment: 1 }),
    message: 'stages[0].environment: Invalid input: expected string, received number',
  },
  {
    rule: 'taskId is unique in its stage',
    record: anIssue({ stages: [aStage({ tasks: [aTask(), aTask()] })] }),
    message: 'stages[0].tasks[1].taskId: must be unique in the stage',
    beyondJsonSchema: true,
  },
  {
    rule: 'a task has an id of at most 128 characters',
    record: ofTask(aTask({ taskId: 'x'.repeat(129) })),
    message: 'stages[0].tasks[0].taskId: must have 1 to 128 characters',
  },
  {
    rule: 'a task has a title',
    record: ofTask(without(aTask(), 'title')),
    message: `stages[0].tasks[0].title: ${missing('string')}`,
  },
  {
    rule: 'a task has a status of seven',
    record: ofTask({ ...aTask(), status: 'APPROVED' }),
    message:
      'stages[0].tasks[0].status: Invalid option: expected one of "PENDING_APPROVAL"|"PENDING"|"RUNNING"|"DONE"|"FAILED"|"CANCELED"|"SKIPPED"',
  },
  ...['type', 'instance', 'database', 'statement'].map((name) => ({
    rule: `${name} is a text`,
    record: ofTask({ ...aTask(), [name]: 5 }),
    message: `stages[0].tasks[0].${name}: Invalid input: expected string, received number`,
  })),
  {
    rule: 'a task has not both statement and sheet',
    record: ofTask({ ...aTask(), sheet }),
    message: 'stages[0].tasks[0]: has both statement and sheet; at most one is allowed',
  },
  {
    rule: 'an empty statement is a statement',
    record: ofTask({ ...aTask(), statement: '', sheet }),
    message: 'stages[0].tasks[0]: has both statement and sheet; at most one is allowed',
  },
  ...(
    [
      ['uri', '', 'Too small: expected string to have >=1 characters'],
      ['sha256', 'a'.repeat(63), 'must be a SHA-256 in hexadecimal'],
      ['sizeBytes', -1, 'Too small: expected number to be >=0'],
      ['sizeBytes', 1.5, 'Invalid input: expected int, received number'],
      ['preview', undefined, missing('string')],
    ] as const
  ).map(([name, value, message]) => ({
    rule: `a sheet has a right ${name}, not ${value}`,
    record: ofTask({
      ...aTask(),
      statement: null,
      sheet: value === undefined ? without(sheet, name) : { ...sheet, [name]: value },
    }),
    message: `stages[0].tasks[0].sheet.${name}: ${message}`,
  })),
  {
    rule: 'check is one of four',
    record: ofTask({ ...aTask(), check: 'OK' }),
    message: 'stages[0].tasks[0].check: Invalid option: expected one of "RUNNING"|"SUCCESS"|"WARN"|"ERROR"',
  },
  {
    rule: 'bell.seq counts from 1',
    record: ofBell({ seq: 0 }),
    message: 'bell.seq: Too small: expected number to be >=1',
  },
  {
    rule: 'bell.seq is a whole number',
    record: ofBell({ seq: 1.5 }),
    message: 'bell.seq: Invalid input: expected int, received number',
  },
  {
    rule: 'bell.rungBy is an e-mail address',
    record: ofBell({ rungBy: 'me' }),
    message: `bell.rungBy: ${EMAIL}`,
  },
  ...['yesterday', '2026-03-01', '2026-03-01T08', '2026-03-01 08:00:00Z'].map(
    (rungAt): Breach => ({
      rule: `bell.rungAt is a date and time, not ${rungAt}`,
      record: ofBell({ rungAt }),
      message: 'bell.rungAt: must be an ISO 8601 date and time',
    }),
  ),
  ...['2026-02-30T08:00:00Z', '2026-03-01T25:00:00', '2026-03-01T08:00Zulu'].map(
    (rungAt): Breach => ({
      rule: `bell.rungAt is a date and time that exists, not ${rungAt}`,
      record: ofBell({ rungAt }),
      message: 'bell.rungAt: must be an ISO 8601 date and time',
      beyondJsonSchema: true,
    }),
  ),
  {
    rule: 'approvalMode is one of two',
    record: { ...anIssue(), approvalMode: 'MANUAL' },
    message: 'approvalMode: Invalid option: expected one of "AUTO"|"BELL_ONLY"',
  },
  {
    rule: 'a flow has steps',
    record: { ...anIssue(), approvalFlow: {} },
    message: `approvalFlow.steps: ${missing('array')}`,
  },
  {
    rule: 'stepId is unique in the issue',
    record: ofStep(aStep(), aStep()),
    message: 'approvalFlow.steps[1].stepId: must be unique in the issue',
    beyondJsonSchema: true,
  },
  {
    rule: 'a step has a title',
    record: ofStep(without(aStep(), 'title')),
    message: `approvalFlow.steps[0].title: ${missing('string')}`,
  },
  {
    rule: 'a step is of one of two kinds',
    record: ofStep({ ...aStep(), kind: 'OA' }),
    message: 'approvalFlow.steps[0].kind: Invalid option: expected one of "FRABIT"|"EXTERNAL"',
  },
  {
    rule: 'a step has a status of three',
    record: ofStep({ ...aStep(), status: 'DONE' }),
    message: 'approvalFlow.steps[0].status: Invalid option: expected one of "PENDING"|"APPROVED"|"REJECTED"',
  },
  ...[undefined, null].map((externalNodeId) => ({
    rule: `an EXTERNAL step names its node, not ${externalNodeId}`,
    record: ofStep(
      externalNodeId === undefined
        ? aStep({ kind: 'EXTERNAL' })
        : aStep({ kind: 'EXTERNAL', externalNodeId }),
    ),
    message: 'approvalFlow.steps[0].externalNodeId: is required when kind is EXTERNAL',
  })),
  {
    rule: 'a FRABIT step names no node',
    record: ofStep(aStep({ externalNodeId: 'oa' })),
    message: 'approvalFlow.steps[0].externalNodeId: is allowed only when kind is EXTERNAL',
  },
  {
    rule: 'version is a number',
    record: { ...anIssue(), version: '1' },
    message: 'version: Invalid input: expected number, received string',
  },
];
