/** Global setup of vitest: scans everything that was printed after the last test. A finding fails the run. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import * as z from 'zod';
import { type Declared, type Finding, type Source, scan } from './log-scan.ts';
import { RECORD_SUFFIX } from './log-scan-record.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    logScanDirectory: string;
  }
}

const PREFIX = 'frabit-log-scan-';

export default function setup(project: Pick<TestProject, 'provide'>): () => void {
  removeLeftBehind();
  const directory = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  project.provide('logScanDirectory', directory);
  return () => {
    try {
      const { sources, declared } = readRecords(directory);
      const findings = scan(sources, declared);
      // Standard output can be a report for a program.
      process.stderr.write(`${report(sources, declared, findings)}\n`);
      if (findings.length > 0) process.exitCode = 1;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  };
}

/** Removes the directories of runs that were killed. */
function removeLeftBehind(): void {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (pid > 0 && !isRunning(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

const declaredSchema = z.object({
  what: z.enum(['SECRET', 'STATEMENT']),
  kind: z.string(),
  value: z.string(),
});
const lineSchema = z.union([
  z.object({ test: z.string() }),
  z.object({ source: z.string(), text: z.string() }),
  z.object({ declared: declaredSchema }),
]);

/** Reads the record of each worker. */
export function readRecords(directory: string): { sources: Source[]; declared: Declared[] } {
  const sources: Source[] = [];
  const declared: Declared[] = [];
  for (const name of readdirSync(directory).filter((file) => file.endsWith(RECORD_SUFFIX))) {
    let test = '';
    const texts = new Map<string, string[]>();
    // The last line is incomplete if the worker was killed while it wrote.
    const lines = readFileSync(join(directory, name), 'utf8').split('\n').slice(0, -1);
    for (const line of lines) {
      const entry = lineSchema.parse(JSON.parse(line));
      if ('test' in entry) test = entry.test;
      else if ('declared' in entry) declared.push(entry.declared);
      else {
        const parts = texts.get(entry.source);
        if (parts) parts.push(entry.text);
        else texts.set(entry.source, [entry.text]);
      }
    }
    for (const [source, parts] of texts) {
      const { text, printed } = withoutPrintedKeys(parts.join(''));
      sources.push({ test, name: source, text });
      declared.push(...printed);
    }
  }
  return { sources, declared };
}

/** Takes out the keys of the simulator's app, which `npm start` prints for the user (docs/contract.md 7). */
function withoutPrintedKeys(text: string): { text: string; printed: Declared[] } {
  const printed: Declared[] = [];
  const rest = text.replaceAll(
    /^ {2}(App secret|Encrypt key|Verification token) +(\w+)$/gm,
    (_, name: string, value: string) => {
      printed.push({ what: 'SECRET', kind: name.toLowerCase(), value });
      return `  ${name}`;
    },
  );
  return { text: rest, printed };
}

function report(sources: Source[], declared: Declared[], findings: Finding[]): string {
  const lines = sources.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
  const count = (what: Declared['what']) =>
    new Set(declared.filter((one) => one.what === what).map(({ value }) => value)).size;
  const head = `log scan: ${lines} lines of ${sources.length} sources, ${count('SECRET')} secrets and ${count('STATEMENT')} statements`;
  if (findings.length === 0) return `${head}: none found`;
  return [
    `${head}: FOUND`,
    ...findings.map(({ kind, test, source, spelling }) => `  ${kind}, ${spelling}, in ${source} of ${test}`),
  ].join('\n');
}
