import { open } from 'node:fs/promises';

/** Yields the lines of a file, without their ends. Rejects for what is not a file: a pipe or a device may never end. */
export async function* readLines(path: string): AsyncGenerator<string> {
  const file = await open(path);
  try {
    if (!(await file.stat()).isFile()) throw new Error('not a file');
    yield* file.readLines({ encoding: 'utf8' });
  } finally {
    await file.close();
  }
}
