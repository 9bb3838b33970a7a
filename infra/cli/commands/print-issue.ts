import type { approvalOf } from '../../../shared/approval/plan/approval.ts';
import type { Subject } from '../../../shared/approval/plan/round.ts';
import { type Context, oneLine } from '../context.ts';
import { printRoundContent, subjectText } from './print-round-content.ts';
import type { RoundContent } from './round-content.ts';
import type { TimelineEntry } from './timeline.ts';

/** What `show` prints of an issue; also its document with --json. */
export interface IssueHistory {
  issueId: string;
  record: IssueHistoryRecord;
  rounds: ({ subject: Subject; nodeId?: string } & ReturnType<typeof approvalOf>)[];
  timeline: TimelineEntry[];
  shown: RoundContent | undefined;
}

interface WrittenBack {
  approvalHold?: string;
  approvalError?: { code: string; message: string; at?: string | undefined };
}

type IssueHistoryRecord =
  | { kind: 'ABSENT' }
  | ({ kind: 'INVALID' } & WrittenBack)
  | ({
      kind: 'VALID';
      title: string;
      status: string;
      url: string;
      currentStageId: string | null;
    } & WrittenBack);

export function printIssueHistory(context: Pick<Context, 'print' | 'paint'>, story: IssueHistory): void {
  const { print, paint } = context;
  const { record, timeline, shown } = story;
  printRecord(context, story);
  print();
  print(paint('bold', 'Timeline'));
  if (timeline.length === 0) print('  No approval was ever asked for.');
  const subjects = new Set(timeline.map(subjectText));
  for (const moment of timeline) {
    const { at, generation, what } = moment;
    const subject = subjects.size > 1 ? `${subjectText(moment)} ` : '';
    print(`  ${paint('dim', at)}  ${subject}round ${generation}  ${oneLine(what)}`);
  }
  const now = story.rounds.find(({ approvalId }) => approvalId === shown?.approvalId);
  if (shown && now) {
    print(`  Round ${now.generation} of ${subjectText(shown)} is ${paint('bold', now.state)}.`);
  }
  if (record.kind === 'VALID' && record.approvalHold) print(`  On hold: ${record.approvalHold}`);
  if (shown) printRoundContent(context, shown);
}

function printRecord(
  { print, paint }: Pick<Context, 'print' | 'paint'>,
  { issueId, record }: IssueHistory,
): void {
  switch (record.kind) {
    case 'ABSENT':
      print(`${paint('bold', oneLine(issueId))}  the record is gone`);
      return;
    case 'INVALID':
      print(`${paint('bold', oneLine(issueId))}  the record is not valid`);
      break;
    case 'VALID': {
      const { title, status, url, currentStageId } = record;
      print(`${paint('bold', oneLine(title))}  ${oneLine(issueId)}`);
      print(
        `  ${status}, ${currentStageId === null ? 'at no stage' : `at stage ${oneLine(currentStageId)}`}`,
      );
      print(`  ${oneLine(url)}`);
      break;
    }
    default:
      record satisfies never;
  }
  const { approvalError } = record;
  if (approvalError) print(`  ${paint('red', approvalError.code)}: ${oneLine(approvalError.message)}`);
}
