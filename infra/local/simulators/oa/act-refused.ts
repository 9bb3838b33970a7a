/** An act that a person at the OA cannot do: its page would not offer it. */
export class OaActRefused extends Error {
  readonly status: number;
  readonly code: 'NOT_FOUND' | 'NOT_POSSIBLE';
  constructor(status: number, code: OaActRefused['code'], message: string) {
    super(message);
    this.name = 'OaActRefused';
    this.status = status;
    this.code = code;
  }
}
