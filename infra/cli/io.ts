/** Everything that the command line uses of its process and of the outside world; `main.ts` passes the real ones. */
export interface CliIo {
  stdout: Output;
  stderr: Output;
  /** Asks the user; absent unless stdin and stderr are terminals. */
  ask?: Asker | undefined;
  /** Shows progress on stderr; absent unless that is a terminal. */
  showProgress?: ((text: string, options: ProgressOptions) => Progress) | undefined;
  readStdin(): Promise<string>;
  /** Rejects as `fs.readFile` does. */
  readFile(path: string): Promise<string>;
  /** Yields the lines of a file. Rejects if there is no such file. */
  readLines(path: string): AsyncIterable<string>;
  /** Whether other users of this machine can read a file; false if it is not a file. */
  isReadableByOthers(path: string): Promise<boolean>;
  env: Readonly<Record<string, string | undefined>>;
  fetch: typeof fetch;
  now(): Date;
  sleep(milliseconds: number): Promise<unknown>;
  newId(): string;
}

export interface Output {
  write(text: string): void;
  isTerminal: boolean;
}

/** Each question rejects with the CommandProblem `CANCELED` on Ctrl-C. */
export interface Asker {
  /** `validate` returns what is wrong with an answer, or undefined. */
  text(message: string, validate: (answer: string) => string | undefined): Promise<string>;
  /** Prints nothing while the user types, not even the length. */
  secret(message: string): Promise<string>;
  confirm(message: string): Promise<boolean>;
}

export interface ProgressOptions {
  /** The number of steps; absent if it is not known. */
  total?: number | undefined;
  /** The sentence that Ctrl-C prints. */
  canceled?: string;
}

export interface Progress {
  update(text: string): void;
  /** Reports that `steps` more of the total are done. */
  advance(steps: number, text: string): void;
  /** Removes the line. */
  stop(): void;
}
