import { randomUUID } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Declared } from './log-scan.ts';

/** One line of a record: text that a source printed, or a value that must not show. */
export type Entry = { source: string; text: string } | { declared: Declared };

/** One test file's record; the first line names the file. */
interface Recording {
  file: number;
  declared: Set<string>;
}

declare global {
  /** Of this worker; not of this module, which a test may load twice. */
  var frabitLogRecording: Recording | undefined;
}

export const RECORD_SUFFIX = '.log-scan.jsonl';

/** From now on this worker's output and declarations go to a file of this directory, one for each test file. */
export function startRecording(directory: string, test: string): void {
  if (globalThis.frabitLogRecording) closeSync(globalThis.frabitLogRecording.file);
  const file = openSync(join(directory, `${randomUUID()}${RECORD_SUFFIX}`), 'a');
  writeSync(file, `${JSON.stringify({ test })}\n`);
  globalThis.frabitLogRecording = { file, declared: new Set() };
}

/** Keeps what was printed. Without a recording — a script that borrows test support — it does nothing. */
export function recordText(source: string, text: string): void {
  write({ source, text });
}

/** Keeps a value that must not show; each once. */
export function recordDeclared(declared: Declared): void {
  const recording = globalThis.frabitLogRecording;
  const key = `${declared.what} ${declared.value}`;
  if (!recording || recording.declared.has(key)) return;
  recording.declared.add(key);
  write({ declared });
}

/** At once: a worker is killed when its file is done, and says no farewell. */
function write(entry: Entry): void {
  const recording = globalThis.frabitLogRecording;
  if (recording) writeSync(recording.file, `${JSON.stringify(entry)}\n`);
}
