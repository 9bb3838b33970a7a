import { vi } from 'vitest';
import { recordText } from './log-scan-record.ts';

export type PrintedLine = Record<string, unknown>;

export interface Printed<T> {
  result: T;
  /** Log lines, in the order in which they were printed. */
  logs: PrintedLine[];
  /** Lines in CloudWatch's embedded metric format. */
  metrics: PrintedLine[];
}

/** Runs the work, and returns the JSON lines that Powertools prints meanwhile. The log scan reads them, too. */
export async function printedBy<T>(work: () => T | Promise<T>): Promise<Printed<T>> {
  const texts: string[] = [];
  const keep = (chunk: unknown): boolean => {
    texts.push(String(chunk));
    recordText('printed', String(chunk));
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(keep),
  );
  try {
    const result = await work();
    const lines = texts
      .join('')
      .split('\n')
      .filter((text) => text.startsWith('{'))
      .map((text): PrintedLine => JSON.parse(text));
    return {
      result,
      logs: lines.filter((line) => 'level' in line),
      metrics: lines.filter((line) => '_aws' in line),
    };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
