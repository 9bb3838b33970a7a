import { invalid } from '../errors.ts';

/**
 * One word, placeholder, number or sign of an expression. A `word` is an attribute name, function or keyword, `name` is
 * `#…`, `value` is `:…`, and `end` follows the last token.
 */
export interface Token {
  kind: 'word' | 'name' | 'value' | 'number' | 'sign' | 'end';
  text: string;
}

const MAX_EXPRESSION_BYTES = 4_096;

const SPACE = /[ \t\r\n]/;
const LETTER = /[A-Za-z]/;
const DIGIT = /[0-9]/;
const PART = /[A-Za-z0-9_]/;
const TWO_SIGNS = ['<=', '>=', '<>'];
const SIGNS = '()[],.=<>+';

/** Splits an expression. Throws a ValidationException for an invalid character. */
function tokenize(expression: string): Token[] {
  if (expression === '') throw invalid('Invalid expression: The expression can not be empty');
  const size = Buffer.byteLength(expression);
  if (size > MAX_EXPRESSION_BYTES) {
    throw invalid(
      `Invalid expression: Expression size has exceeded the maximum allowed size; expression size: ${size}`,
    );
  }
  const tokens: Token[] = [];
  let at = 0;
  while (at < expression.length) {
    if (SPACE.test(expression.charAt(at))) {
      at++;
      continue;
    }
    const token = tokenAt(expression, at);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: 'end', text: '<EOF>' });
  return tokens;
}

function tokenAt(expression: string, at: number): Token {
  const first = expression.charAt(at);
  if (LETTER.test(first)) return { kind: 'word', text: run(expression, at, PART) };
  if (DIGIT.test(first)) return { kind: 'number', text: run(expression, at, DIGIT) };
  if (first === '#' || first === ':') {
    const text = first + run(expression, at + 1, PART);
    if (text.length > 1) return { kind: first === '#' ? 'name' : 'value', text };
  }
  const two = expression.slice(at, at + 2);
  if (TWO_SIGNS.includes(two)) return { kind: 'sign', text: two };
  if (SIGNS.includes(first)) return { kind: 'sign', text: first };
  throw invalid(`Invalid expression: Syntax error; token: "${first}"`);
}

function run(expression: string, from: number, of: RegExp): string {
  let to = from;
  while (to < expression.length && of.test(expression.charAt(to))) to++;
  return expression.slice(from, to);
}

/** Reads tokens from left to right. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(expression: string) {
    this.#tokens = tokenize(expression);
  }

  get next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '<EOF>' };
  }

  take(): Token {
    const token = this.next;
    this.#at++;
    return token;
  }

  /** Whether the token after the next one is this sign. */
  isFollowedBy(sign: string): boolean {
    const token = this.#tokens[this.#at + 1];
    return token?.kind === 'sign' && token.text === sign;
  }

  isSign(text: string): boolean {
    return this.next.kind === 'sign' && this.next.text === text;
  }

  /** Whether the next token is this keyword, in upper or lower case. */
  isKeyword(word: string): boolean {
    return this.next.kind === 'word' && this.next.text.toUpperCase() === word;
  }

  takeSign(text: string): void {
    if (!this.isSign(text)) throw this.unexpected();
    this.take();
  }

  takeEnd(): void {
    if (this.next.kind !== 'end') throw this.unexpected();
  }

  unexpected(): Error {
    return invalid(`Invalid expression: Syntax error; token: "${this.next.text}"`);
  }
}
