/** Everything the command line touches of its process and the world: `main.ts` brings the real ones. */
export interface CliIo {
  stdout: Output;
  stderr: Output;
  /** Questions to the person; absent unless stdin and stderr are terminals. */
  ask?: Asker | undefined;
  /** Shows that something is under way, on stderr; absent unless that is a terminal. */
  showProgress?: ((text: string, options: ProgressOptions) => Progress) | undefined;
  readStdin(): Promise<string>;
  /** Rejects as `fs.readFile` does. */
  readFile(path: string): Promise<string>;
  /** Whether a file can be read by other users of this machine than its owner; false for what is no file. */
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

/** Each question rejects with the CommandProblem `CANCELED` at Ctrl-C. */
export interface Asker {
  /** `validate` gives what is wrong with an answer, or undefined. */
  text(message: string, validate: (answer: string) => string | undefined): Promise<string>;
  /** Prints nothing of what is typed, not even its length. */
  secret(message: string): Promise<string>;
  confirm(message: string): Promise<boolean>;
}

export interface ProgressOptions {
  /** Of what is advanced through; without it nothing is known of the end. */
  total?: number | undefined;
  /** What Ctrl-C leaves behind, as a sentence. */
  canceled?: string;
}

export interface Progress {
  update(text: string): void;
  /** Of the total, so many more are done. */
  advance(steps: number, text: string): void;
  /** Takes the line away. */
  stop(): void;
}
