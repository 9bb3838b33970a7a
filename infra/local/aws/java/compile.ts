import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { databaseFiles, JAVA_DIRECTORY, MAIN_CLASS } from '../dynamodb-process.ts';

/** What the class runs on: the oldest Java that the stack starts with. */
const RELEASE = '17';

const SOURCE = `${MAIN_CLASS}.java`;
const CLASS = `${MAIN_CLASS}.class`;

/** Of source and class, in the form that `sha256sum -c` reads. */
export const CHECKSUMS = join(JAVA_DIRECTORY, `${MAIN_CLASS}.sha256`);

/** Compiles the source into a directory; needs a JDK. Returns the path of the class. */
export function compileInto(directory: string): string {
  const arguments_ = ['--release', RELEASE, '-cp', databaseFiles().jar, '-d', directory];
  execFileSync('javac', [...arguments_, join(JAVA_DIRECTORY, SOURCE)], { stdio: 'pipe' });
  return join(directory, CLASS);
}

/** The checksums of source and class as they are now. */
export const checksums = (): string =>
  [SOURCE, CLASS]
    .map((name) => {
      const bytes = readFileSync(join(JAVA_DIRECTORY, name));
      return `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`;
    })
    .join('');

// `npm run compile-java` starts this file, after a change of the source; an import of it does nothing.
const [, started = ''] = process.argv;
if (basename(started) === 'compile.ts') {
  compileInto(JAVA_DIRECTORY);
  writeFileSync(CHECKSUMS, checksums());
}
