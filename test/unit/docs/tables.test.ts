import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readContext } from '../../../infra/aws/context.ts';
import { CLOSED_STATES, LIVE_STATES } from '../../../shared/issue/approval-words.ts';
import { METRICS, type Metric } from '../../../shared/runtime/metric-table.ts';
import { CHECK_NAMES } from '../../../shared/settings/settings.ts';
import { codeBlocksOf, firstCells, REPOSITORY, readPage, sectionOf } from './pages.ts';

/** The tables of the documentation list what is in the code. */

describe('docs/deploy.md', () => {
  it('lists every option of the stack', () => {
    const read: string[] = [];
    readContext((key) => void read.push(key));
    expect(firstCells(sectionOf('docs/deploy.md', 'Options')).toSorted()).toEqual(read.toSorted());
  });
});

describe('docs/how-it-works.md', () => {
  it('lists every function, in the diagram too', () => {
    const functions = readdirSync(join(REPOSITORY, 'functions'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const listed = firstCells(sectionOf('docs/how-it-works.md', 'The idea'));
    expect(listed.toSorted()).toEqual(functions.toSorted());
    const [diagram] = codeBlocksOf(readPage('docs/how-it-works.md'), 'mermaid');
    for (const name of functions) expect(diagram).toContain(`[${name}]`);
  });

  it('lists every state of a round', () => {
    const [meanings = ''] = sectionOf('docs/how-it-works.md', 'The states of a round').split('\n| from');
    expect(firstCells(meanings).toSorted()).toEqual([...LIVE_STATES, ...CLOSED_STATES].toSorted());
  });
});

describe('docs/set-up.md', () => {
  it('explains why each check fails', () => {
    const [table = ''] = sectionOf('docs/set-up.md', 'When a check fails').split('\n### ');
    const scopes = /^scope:approval|^scope:contact/;
    expect(new Set(firstCells(table))).toEqual(
      new Set(CHECK_NAMES.map((name) => (scopes.test(name) ? 'scope:…' : name))),
    );
  });
});

describe('docs/operate.md', () => {
  it('lists every metric with its unit, dimension and meaning, and no other', () => {
    const rows = sectionOf('docs/operate.md', 'Metrics').matchAll(
      /^\| `(\w+)` \| (\w+) \| (?:`(\w+)`|–) \| ([^|]+) \|$/gm,
    );
    const listed = [...rows].map(([, name, unit, by, meaning]) => ({ name, unit, by, meaning }));
    const counted = Object.entries<Metric>(METRICS).map(([name, { unit, by, meaning }]) => ({
      name,
      unit,
      by,
      meaning,
    }));
    expect(listed).toEqual(counted);
  });
});
