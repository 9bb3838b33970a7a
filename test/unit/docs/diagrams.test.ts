import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createContext, Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { codeBlocksOf, pageNames, readPage } from './pages.ts';

/** The parser of Mermaid, without a browser. Nothing is rendered, so its sanitizer needs only this much of a DOM. */
function loadMermaid(): (diagram: string) => Promise<unknown> {
  const window = { document: { nodeType: 9, createElement: () => ({}) }, Element: class {} };
  const context: Record<string, unknown> = createContext({ window, structuredClone });
  // A classic script that stores its result in a global variable.
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
  it('exist', () => {
    expect(diagrams.map(({ page }) => page)).toContain('docs/how-it-works.md');
  });

  it.each(diagrams)('are valid Mermaid: $page, diagram $number', async ({ text }) => {
    await expect(parse(text)).resolves.toHaveProperty('diagramType');
  });

  it('are refused if they are not valid', async () => {
    await expect(parse('flowchart LR\n  a[(table]')).rejects.toThrow(/Parse error/);
    await expect(parse('no diagram')).rejects.toThrow(/No diagram type/);
  });
});
