import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createAsker } from '../../../infra/cli/terminal.ts';

const CTRL_C = '\u0003';

/** A terminal on which somebody types, key by key, once the question is shown. */
function aTerminal() {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 30 });
  let shown = '';
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString('utf8');
  });
  return {
    ask: createAsker({ input, output }),
    shown: () => shown,
    async type(question: string, keys: string) {
      await expect.poll(() => shown).toContain(question);
      for (const key of keys) input.write(key);
    },
  };
}

it('shows nothing of a typed secret, not even its length', async () => {
  const one = aTerminal();
  const asking = one.ask.secret('App Secret');
  await one.type('App Secret', 'zq\r');
  expect(await asking).toBe('zq');
  const other = aTerminal();
  const again = other.ask.secret('App Secret');
  await other.type('App Secret', 'zqzqzqzqzqzqzqzqzqzqzqzq\r');
  expect(await again).toBe('zqzqzqzqzqzqzqzqzqzqzqzq');
  for (const { shown } of [one, other]) expect(shown()).not.toMatch(/[zq*•▪]/);
  // The prompt may be drawn again, but never longer.
  expect(longest(other.shown())).toBe(longest(one.shown()));
});

const longest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

it('shows and validates a typed text', async () => {
  const { ask, type, shown } = aTerminal();
  const asking = ask.text('App ID', (answer) => (answer === 'zq' ? undefined : 'must be zq'));
  await type('App ID', 'z\r');
  await type('must be zq', 'q\r');
  expect(await asking).toBe('zq');
  expect(shown()).toContain('zq');
});

it.each(['text', 'secret', 'confirm'] as const)(
  'ends with CANCELED after Ctrl-C at a %s question',
  async (kind) => {
    const { ask, type } = aTerminal();
    const asking = kind === 'text' ? ask.text('Question', () => undefined) : ask[kind]('Question');
    const ended = expect(asking).rejects.toMatchObject({ code: 'CANCELED', exit: 130 });
    await type('Question', CTRL_C);
    await ended;
  },
);
