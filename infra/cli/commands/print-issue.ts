import type { approvalOf } from '../../../shared/approval/plan/approval.ts';
import type { Subject } from '../../../shared/approval/plan/round.ts';
import { type Context, oneLine } from '../context.ts';
import { sayShown, subjectText } from './print-round-content.ts';
import type { ShownRound } from './round-content.ts';
import type { Moment } from './timeline.ts';

/** What `show` tells of an issue, and its document with --json. */
export interface Story {
  issueId: string;
  record: StoryRecord;
  rounds: ({ subject: Subject; nodeId?: string } & ReturnType<typeof approvalOf>)[];
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

export function sayStory(context: Pick<Context, 'say' | 'paint'>, story: Story): void {
  const { say, paint } = context;
  const { record, timeline, shown } = story;
  sayRecord(context, story);
  say();
  say(paint('bold', 'Timeline'));
  if (timeline.length === 0) say('  No approval was ever asked for.');
  const subjects = new Set(timeline.map(subjectText));
  for (const moment of timeline) {
    const { at, generation, what } = moment;
    const subject = subjects.size > 1 ? `${subjectText(moment)} ` : '';
    say(`  ${paint('dim', at)}  ${subject}round ${generation}  ${oneLine(what)}`);
  }
  const now = story.rounds.find(({ approvalId }) => approvalId === shown?.approvalId);
  if (shown && now) {
    say(`  Round ${now.generation} of ${subjectText(shown)} is ${paint('bold', now.state)}.`);
  }
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
