import { type Context, counted, oneLine, plain } from '../context.ts';
import type { ShownRound, ShownTask } from './round-content.ts';

/** What a round showed, for people. */

type Out = Pick<Context, 'say' | 'paint'>;

/** Stages are what most rounds are about: a step says that it is one. */
export const subjectText = (about: { stageId: string } | { stepId: string }): string =>
  'stageId' in about ? oneLine(about.stageId) : `step ${oneLine(about.stepId)}`;

export function sayShown({ say, paint }: Out, shown: ShownRound): void {
  const to = 'stageId' in shown ? 'the approver' : 'the OA';
  say();
  const isCut = 'stageId' in shown && shown.whole === false;
  say(
    paint(
      'bold',
      `${isCut ? 'Asked of' : 'Shown to'} ${to} in round ${shown.generation} of ${subjectText(shown)}`,
    ),
  );
  if (shown.title === undefined) {
    say('  Nothing yet: no send was begun.');
    return;
  }
  say(`  ${oneLine(shown.title)}`);
  if (isCut) {
    const form = shown.form?.toLowerCase() ?? '';
    say(`  The card was ${form} and did not show all of this: its first line told the approver so.`);
  }
  if ('stageId' in shown) {
    const { stageTitle = '', environment = null, tasks = [] } = shown;
    sayStage({ say, paint }, { title: stageTitle, environment, tasks });
    return;
  }
  say(`  ${oneLine(shown.stepTitle ?? '')}`);
  for (const stage of shown.stages ?? []) {
    say();
    sayStage({ say, paint }, stage);
  }
}

function sayStage(
  { say, paint }: Out,
  { title, environment, tasks }: { title: string; environment: string | null; tasks: ShownTask[] },
): void {
  say(`  ${oneLine([title, environment].filter(Boolean).join(', '))}, ${counted(tasks.length, 'task')}`);
  for (const task of tasks) sayTask({ say, paint }, task);
}

function sayTask({ say, paint }: Out, task: ShownTask): void {
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
