import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createContext, Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { codeBlocksOf, pageNames, readPage } from './pages.ts';

/** Mermaid's own parser, without a browser. Nothing is rendered, so its sanitizer needs no more of a DOM than this. */
function loadMermaid(): (diagram: string) => Promise<unknown> {
  const window = { document: { nodeType: 9, createElement: () => ({}) }, Element: class {} };
  const context: Record<string, unknown> = createContext({ window, structuredClone });
  // A classic script that leaves its result in a global.
  const file = fileURLToPath(import.meta.resolve('@mermaid-js/tiny'));
  new Script(readFileSync(file, 'utf8'), { filename: file }).runInContext(context);
  const { mermaid } = z
    .object({ mermaid: z.custom<{ parse(text: string): Promise<unknown> }>((value) => value !== undefined) })
    .parse(context);
  return (diagram) => mermaid.parse(diagram);
}

const parse = loadMermaid();
const diagrams = pageNames().flatMap((page) =>
  codeBlocksOf(readPage(page), 'mermaid').map((text, index) => ({ page, number: index + 1, text })),
);

describe('the diagrams of the documentation', () => {
  it('are there', () => {
    expect(diagrams.map(({ page }) => page)).toContain('docs/how-it-works.md');
  });

  it.each(diagrams)('parse as Mermaid: $page, diagram $number', async ({ text }) => {
    await expect(parse(text)).resolves.toHaveProperty('diagramType');
  });

  it('are refused if they do not parse', async () => {
    await expect(parse('flowchart LR\n  a[(table]')).rejects.toThrow(/Parse error/);
    await expect(parse('no diagram')).rejects.toThrow(/No diagram type/);
  });
});
