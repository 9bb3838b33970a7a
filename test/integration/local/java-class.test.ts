import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { JAVA_DIRECTORY, MAIN_CLASS } from '../../../infra/local/aws/dynamodb-process.ts';
import { CHECKSUMS, checksums, compileInto } from '../../../infra/local/aws/java/compile.ts';

const CLASS = join(JAVA_DIRECTORY, `${MAIN_CLASS}.class`);

const canCompile = (() => {
  try {
    execFileSync('javac', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** All instructions and names. Another compiler may number its constants differently. */
const disassemble = (file: string): string =>
  execFileSync('javap', ['-private', '-c', file], { encoding: 'utf8' }).replace(/#\d+/g, '#');

it('source and class match their checksums (after a change: npm run compile-java)', () => {
  expect(checksums()).toBe(readFileSync(CHECKSUMS, 'utf8'));
});

it('the class runs on Java 17', () => {
  expect(readFileSync(CLASS).readUInt16BE(6)).toBe(44 + 17);
});

// With a runtime but without a compiler, only the checksums are tested.
it.runIf(canCompile)('the class is the result of compiling the source', () => {
  const directory = mkdtempSync(join(tmpdir(), 'frabit-java-'));
  try {
    expect(disassemble(CLASS)).toBe(disassemble(compileInto(directory)));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
