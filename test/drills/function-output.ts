import type { MetricsStore } from './metrics-store.ts';

/** A JSON line of Powertools: a log line, or values in the embedded metric format. */
const IS_LAMBDA_LINE = /^\{"(?:level|_aws)":/;

/**
 * Reads what the functions print to standard output, and puts its metrics into the store. Log lines are not shown.
 * Under vitest the recorder of the log scan still reads everything. Returns what ends it.
 */
export function readFunctionOutput(store: MetricsStore): () => void {
  const { stdout, stderr } = process;
  const restore = [stdout, stderr].map((stream) => {
    const before = stream.write;
    const write = before.bind(stream);
    const isVitest = process.env.VITEST !== undefined;
    // `write` is overloaded. Both forms are passed on.
    stream.write = ((chunk: unknown, ...rest: []) => {
      if (typeof chunk !== 'string' || !IS_LAMBDA_LINE.test(chunk)) return write(chunk as string, ...rest);
      for (const line of chunk.split('\n')) store.putLine(line);
      return isVitest ? write(chunk, ...rest) : true;
    }) as typeof stream.write;
    return () => {
      stream.write = before;
    };
  });
  return () => {
    for (const end of restore) end();
  };
}
