import { randomUUID } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Declared } from './log-scan.ts';

/** One line of a record: text that a source printed, or a value that must not appear. */
type Entry = { source: string; text: string } | { declared: Declared };

/** The record of one test file. Its first line names the test file. */
interface Recording {
  file: number;
  declared: Set<string>;
}

declare global {
  /** One for each worker. It is global because a test can load this module twice. */
  var frabitLogRecording: Recording | undefined;
}

export const RECORD_SUFFIX = '.log-scan.jsonl';

/** Starts to record the output and the declarations of this worker, in a file of the directory. */
export function startRecording(directory: string, test: string): void {
  if (globalThis.frabitLogRecording) closeSync(globalThis.frabitLogRecording.file);
  const file = openSync(join(directory, `${randomUUID()}${RECORD_SUFFIX}`), 'a');
  writeSync(file, `${JSON.stringify({ test })}\n`);
  globalThis.frabitLogRecording = { file, declared: new Set() };
}

/** Records text that was printed. Does nothing outside vitest, in a script that uses test support. */
export function recordText(source: string, text: string): void {
  write({ source, text });
}

/** Records a value that must not appear, once. */
export function recordDeclared(declared: Declared): void {
  const recording = globalThis.frabitLogRecording;
  const key = `${declared.what} ${declared.value}`;
  if (!recording || recording.declared.has(key)) return;
  recording.declared.add(key);
  write({ declared });
}

/** Writes synchronously, because vitest kills a worker when its test file ends. */
function write(entry: Entry): void {
  const recording = globalThis.frabitLogRecording;
  if (recording) writeSync(recording.file, `${JSON.stringify(entry)}\n`);
}
