/** An error as the AWS SDK reads it: its name goes into `__type`. */
export class AwsError extends Error {
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.name = type;
    this.status = status;
  }
}

/** One operation of a service that speaks JSON 1.1. */
export type Operation = (input: unknown) => unknown;
