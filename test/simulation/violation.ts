/** A broken promise. It ends the simulation. */
export class Violation extends Error {
  readonly rule: string;
  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`);
    this.name = 'Violation';
    this.rule = rule;
  }
}

export const violated = (rule: string, detail: string): Violation => new Violation(rule, detail);
