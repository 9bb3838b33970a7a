import { type Context, counted, oneLine, removeControlCharacters } from '../context.ts';
import type { RoundContent, ShownTask } from './round-content.ts';

/** Prints the content of a round. */

type Out = Pick<Context, 'print' | 'paint'>;

/** Names a subject. Only steps are marked: most subjects are stages. */
export const subjectText = (about: { stageId: string } | { stepId: string }): string =>
  'stageId' in about ? oneLine(about.stageId) : `step ${oneLine(about.stepId)}`;

export function printRoundContent({ print, paint }: Out, shown: RoundContent): void {
  const to = 'stageId' in shown ? 'the approver' : 'the OA';
  print();
  const isCut = 'stageId' in shown && shown.whole === false;
  print(
    paint(
      'bold',
      `${isCut ? 'Asked of' : 'Shown to'} ${to} in round ${shown.generation} of ${subjectText(shown)}`,
    ),
  );
  if (shown.title === undefined) {
    print('  Nothing yet: sending has not started.');
    return;
  }
  print(`  ${oneLine(shown.title)}`);
  if (isCut) {
    const form = shown.form?.toLowerCase() ?? '';
    print(`  The card was ${form} and did not show all of this: its first line said so.`);
  }
  if ('stageId' in shown) {
    const { stageTitle = '', environment = null, tasks = [] } = shown;
    printStage({ print, paint }, { title: stageTitle, environment, tasks });
    return;
  }
  print(`  ${oneLine(shown.stepTitle ?? '')}`);
  for (const stage of shown.stages ?? []) {
    print();
    printStage({ print, paint }, stage);
  }
}

function printStage(
  { print, paint }: Out,
  { title, environment, tasks }: { title: string; environment: string | null; tasks: ShownTask[] },
): void {
  print(`  ${oneLine([title, environment].filter(Boolean).join(', '))}, ${counted(tasks.length, 'task')}`);
  for (const task of tasks) printTask({ print, paint }, task);
}

function printTask({ print, paint }: Out, task: ShownTask): void {
  const { taskId, title, type, instance, database, statement, sheet, preview } = task;
  const where = [type, instance, database].filter(Boolean).join(' · ');
  print();
  print(
    `  ${paint('bold', oneLine(title))}  ${oneLine(taskId)}${where ? `  ${paint('dim', oneLine(where))}` : ''}`,
  );
  if (sheet) print(`    sheet ${oneLine(sheet.uri)}, ${sheet.sizeBytes} bytes, sha256 ${sheet.sha256}`);
  const sql = statement ?? preview;
  if (sql === undefined) return;
  if (sql === '') print('    (no SQL)');
  else for (const line of removeControlCharacters(sql).split('\n')) print(`    ${line}`);
}
