import type { approvalOf, Subject } from '../../../shared/approval/round.ts';
import { type Context, counted, oneLine, plain } from '../context.ts';
import type { Moment } from './timeline.ts';

/** What `show` tells of an issue, and its document with --json. */
export interface Story {
  issueId: string;
  record: StoryRecord;
  rounds: ({ subject: Subject } & ReturnType<typeof approvalOf>)[];
  timeline: Moment[];
  shown: ShownRound | undefined;
}

interface Ours {
  approvalHold?: string;
  approvalError?: { code: string; message: string; at?: string | undefined };
}

type StoryRecord =
  | { kind: 'ABSENT' }
  | ({ kind: 'INVALID' } & Ours)
  | ({ kind: 'VALID'; title: string; status: string; url: string; currentStageId: string | null } & Ours);

interface ShownTask {
  taskId: string;
  title: string;
  type: string | null;
  instance: string | null;
  database: string | null;
  statement?: string;
  sheet?: { uri: string; sha256: string; sizeBytes: number };
  preview?: string;
}

interface ShownRound {
  stageId: string;
  generation: number;
  approvalId: string;
  /** This and the rest: absent until a send was begun. */
  title?: string;
  stageTitle?: string;
  environment?: string | null;
  tasks?: ShownTask[];
}

export function sayStory(context: Pick<Context, 'say' | 'paint'>, story: Story): void {
  const { say, paint } = context;
  const { record, timeline, shown } = story;
  sayRecord(context, story);
  say();
  say(paint('bold', 'Timeline'));
  if (timeline.length === 0) say('  No approval was ever asked for.');
  const stages = new Set(timeline.map(({ stageId }) => stageId));
  for (const { at, stageId, generation, what } of timeline) {
    const stage = stages.size > 1 ? `${oneLine(stageId)} ` : '';
    say(`  ${paint('dim', at)}  ${stage}round ${generation}  ${oneLine(what)}`);
  }
  const now = story.rounds.find(({ approvalId }) => approvalId === shown?.approvalId);
  if (now) say(`  Round ${now.generation} of ${oneLine(now.subject.id)} is ${paint('bold', now.state)}.`);
  if (record.kind === 'VALID' && record.approvalHold) say(`  On hold: ${record.approvalHold}`);
  if (shown) sayShown(context, shown);
}

function sayRecord({ say, paint }: Pick<Context, 'say' | 'paint'>, { issueId, record }: Story): void {
  switch (record.kind) {
    case 'ABSENT':
      say(`${paint('bold', oneLine(issueId))}  the record is gone`);
      return;
    case 'INVALID':
      say(`${paint('bold', oneLine(issueId))}  the record is not valid`);
      break;
    case 'VALID': {
      const { title, status, url, currentStageId } = record;
      say(`${paint('bold', oneLine(title))}  ${oneLine(issueId)}`);
      say(`  ${status}, ${currentStageId === null ? 'at no stage' : `at stage ${oneLine(currentStageId)}`}`);
      say(`  ${oneLine(url)}`);
      break;
    }
    default:
      record satisfies never;
  }
  const { approvalError } = record;
  if (approvalError) say(`  ${paint('red', approvalError.code)}: ${oneLine(approvalError.message)}`);
}

function sayShown({ say, paint }: Pick<Context, 'say' | 'paint'>, shown: ShownRound): void {
  const { stageId, generation, title, stageTitle, environment, tasks } = shown;
  say();
  say(paint('bold', `Shown to the approver in round ${generation} of ${oneLine(stageId)}`));
  if (title === undefined || !tasks) {
    say('  Nothing yet: no send was begun.');
    return;
  }
  say(`  ${oneLine(title)}`);
  say(`  ${oneLine([stageTitle, environment].filter(Boolean).join(', '))}, ${counted(tasks.length, 'task')}`);
  for (const task of tasks) sayTask({ say, paint }, task);
}

function sayTask({ say, paint }: Pick<Context, 'say' | 'paint'>, task: ShownTask): void {
  const { taskId, title, type, instance, database, statement, sheet, preview } = task;
  const where = [type, instance, database].filter(Boolean).join(' · ');
  say();
  say(
    `  ${paint('bold', oneLine(title))}  ${oneLine(taskId)}${where ? `  ${paint('dim', oneLine(where))}` : ''}`,
  );
  if (sheet) say(`    sheet ${oneLine(sheet.uri)}, ${sheet.sizeBytes} bytes, sha256 ${sheet.sha256}`);
  const sql = statement ?? preview;
  if (sql === undefined) return;
  if (sql === '') say('    (no SQL)');
  else for (const line of plain(sql).split('\n')) say(`    ${line}`);
}
