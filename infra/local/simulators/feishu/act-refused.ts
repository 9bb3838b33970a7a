/** An act that a person cannot do: Feishu's page would not offer it. */
export class ActRefused extends Error {
  readonly status: number;
  readonly code: string;
  constructor(
    status: number,
    code: 'NOT_FOUND' | 'NOT_THE_APPROVER' | 'NOT_POSSIBLE' | 'UNKNOWN_PERSON',
    message: string,
  ) {
    super(message);
    this.name = 'ActRefused';
    this.status = status;
    this.code = code;
  }
}
