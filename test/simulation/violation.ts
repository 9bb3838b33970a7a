/** A promise that was broken; the simulation ends with it. */
export class Violation extends Error {
  readonly rule: string;
  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`);
    this.name = 'Violation';
    this.rule = rule;
  }
}

export const violated = (rule: string, detail: string): Violation => new Violation(rule, detail);
