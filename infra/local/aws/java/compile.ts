import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { databaseFiles, JAVA_DIRECTORY, MAIN_CLASS } from '../dynamodb-process.ts';

/** The oldest Java that the stack supports. */
const RELEASE = '17';

const SOURCE = `${MAIN_CLASS}.java`;
const CLASS = `${MAIN_CLASS}.class`;

/** The checksums of source and class, in the format of `sha256sum -c`. */
export const CHECKSUMS = join(JAVA_DIRECTORY, `${MAIN_CLASS}.sha256`);

/** Compiles the source into a directory. Needs a JDK. Returns the path of the class. */
export function compileInto(directory: string): string {
  const arguments_ = ['--release', RELEASE, '-cp', databaseFiles().jar, '-d', directory];
  execFileSync('javac', [...arguments_, join(JAVA_DIRECTORY, SOURCE)], { stdio: 'pipe' });
  return join(directory, CLASS);
}

/** Returns the checksums of the present source and class. */
export const checksums = (): string =>
  [SOURCE, CLASS]
    .map((name) => {
      const bytes = readFileSync(join(JAVA_DIRECTORY, name));
      return `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`;
    })
    .join('');

// `npm run compile-java` runs this file after a change of the source. Importing it has no effect.
const [, started = ''] = process.argv;
if (basename(started) === 'compile.ts') {
  compileInto(JAVA_DIRECTORY);
  writeFileSync(CHECKSUMS, checksums());
}
