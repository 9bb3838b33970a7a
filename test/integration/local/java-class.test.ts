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

/** Every instruction and name. Another compiler may number its constants otherwise, and does. */
const disassemble = (file: string): string =>
  execFileSync('javap', ['-private', '-c', file], { encoding: 'utf8' }).replace(/#\d+/g, '#');

it('the class was compiled when the source was last changed, and neither was changed since: npm run compile-java', () => {
  expect(checksums()).toBe(readFileSync(CHECKSUMS, 'utf8'));
});

it('the class runs on Java 17', () => {
  expect(readFileSync(CLASS).readUInt16BE(6)).toBe(44 + 17);
});

// Where there is a runtime without a compiler, the checksums have to do.
it.runIf(canCompile)('the class is what the compiler makes of the source', () => {
  const directory = mkdtempSync(join(tmpdir(), 'frabit-java-'));
  try {
    expect(disassemble(CLASS)).toBe(disassemble(compileInto(directory)));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
