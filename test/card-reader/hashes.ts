import { createHash } from 'node:crypto';
import type { RecordIssue, RecordStage, RecordTask } from './record.ts';

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** Returns the canonical JSON of a text (RFC 8785, section 3.2.2.2). */
function quote(text: string): string {
  const escapes: Record<string, string> = {
    '\b': '\\b',
    '\t': '\\t',
    '\n': '\\n',
    '\f': '\\f',
    '\r': '\\r',
    '"': '\\"',
    '\\': '\\\\',
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are escaped
  const escaped = text.replace(/[\u0000-\u001F"\\]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return escapes[character] ?? `\\u${code}`;
  });
  return `"${escaped}"`;
}

const quoteOrNull = (text: string | null | undefined): string =>
  text === null || text === undefined ? 'null' : quote(text);

/** Returns the task hash (docs/contract.md 1). Written without the product's code. */
export function hashOfTask({ taskId, type, instance, database, statement, sheet }: RecordTask): string {
  const what = sheet ? `[${quote(sheet.uri)},${quote(sheet.sha256)}]` : quote(statement ?? '');
  return sha256(
    `[${quote(taskId)},${quoteOrNull(type)},${quoteOrNull(instance)},${quoteOrNull(database)},${what}]`,
  );
}

/** Returns the content of a stage (docs/design.md 2.1). */
export function contentOf(issue: Pick<RecordIssue, 'assignee'>, stage: RecordStage): string {
  const members = [
    '"v":1',
    `"stageId":${quote(stage.stageId)}`,
    `"environment":${quoteOrNull(stage.environment)}`,
    `"assignee":${quoteOrNull(issue.assignee?.email.toLowerCase())}`,
    `"tasks":[${stage.tasks.map((task) => quote(hashOfTask(task))).join(',')}]`,
  ];
  return `{${members.join(',')}}`;
}

export const contentHashOf = (issue: Pick<RecordIssue, 'assignee'>, stage: RecordStage): string =>
  sha256(contentOf(issue, stage));
