/**
 * The part of CloudWatch's metric math that the template uses: numbers, ids, `+`, `/`, parentheses and `FILL(m, number)`.
 * Rules: "Using math expressions with CloudWatch metrics", CloudWatch User Guide.
 */

/** A value at one time; undefined is a missing data point. */
type Value = number | undefined;
/** Returns the value of a metric or of another expression of the alarm by its id. */
type Lookup = (id: string) => Value;
export type MathExpression = (lookup: Lookup) => Value;

const TOKEN = /\s*([A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d+)?|[(),+/])/y;

/** Parses an expression. Throws for whatever this file does not know: an alarm must not be evaluated wrongly. */
export function parseMath(text: string): MathExpression {
  const tokens = tokensOf(text);
  let place = 0;
  const peek = () => tokens[place];
  const take = (): string => {
    const token = tokens[place++];
    if (token === undefined) throw unknown(text);
    return token;
  };
  const expect = (token: string) => {
    if (take() !== token) throw unknown(text);
  };

  /** A missing data point of one metric makes the sum missing at that time. */
  function sum(): MathExpression {
    let left = quotient();
    while (peek() === '+') {
      take();
      const [first, second] = [left, quotient()];
      left = (lookup) => {
        const [a, b] = [first(lookup), second(lookup)];
        return a === undefined || b === undefined ? undefined : a + b;
      };
    }
    return left;
  }

  function quotient(): MathExpression {
    let left = term();
    while (peek() === '/') {
      take();
      const [first, second] = [left, term()];
      left = (lookup) => {
        const [a, b] = [first(lookup), second(lookup)];
        return a === undefined || b === undefined || b === 0 ? undefined : a / b;
      };
    }
    return left;
  }

  function term(): MathExpression {
    const token = take();
    if (token === '(') {
      const inner = sum();
      expect(')');
      return inner;
    }
    if (/^\d/.test(token)) return () => Number(token);
    if (!/^[A-Za-z_]/.test(token)) throw unknown(text);
    if (peek() !== '(') return (lookup) => lookup(token);
    if (token !== 'FILL') throw unknown(text);
    expect('(');
    const filled = sum();
    expect(',');
    const filler = Number(take());
    if (Number.isNaN(filler)) throw unknown(text);
    expect(')');
    return (lookup) => filled(lookup) ?? filler;
  }

  const whole = sum();
  if (place !== tokens.length) throw unknown(text);
  return whole;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const trimmed = text.trim();
  while (TOKEN.lastIndex < trimmed.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(trimmed)?.[1];
    if (token === undefined || TOKEN.lastIndex === at) throw unknown(text);
    tokens.push(token);
  }
  return tokens;
}

const unknown = (text: string): Error =>
  new Error(
    `The evaluator does not know the math expression "${text}"; teach it (test/drills/metric-math.ts).`,
  );
