import { describe, expect, it } from 'vitest';
import { METRICS } from '../../shared/runtime/metric-table.ts';
import { firstCells, sectionOf } from '../unit/docs/pages.ts';
import { readAlarms } from './read-alarms.ts';
import { synthesise } from './synthesised-stack.ts';

/** The tables of the documentation name what the stack has. */

const stack = synthesise();
const dollars = (text: string | undefined) => Number(text);
const cents = (amount: number) => Math.round(amount * 100) / 100;

describe('docs/deploy.md', () => {
  it('lists every output of the stack', () => {
    expect(firstCells(sectionOf('docs/deploy.md', 'Outputs')).toSorted()).toEqual(
      Object.keys(stack.outputs).toSorted(),
    );
  });
});

describe('the cost of an idle stack in docs/deploy.md', () => {
  const section = sectionOf('docs/deploy.md', 'Cost');
  const rows = [...section.matchAll(/^\| ([^|*]+) \| (\d+\.\d\d) \|$/gm)].map(([, what = '', price]) => ({
    what,
    price: dollars(price),
  }));
  // The second table is about what comes in addition.
  const idle = rows.slice(
    0,
    rows.findIndex(({ what }) => what.includes('closed issues')),
  );
  const row = (word: string) => idle.find(({ what }) => what.includes(word)) ?? { what: '', price: 0 };
  const billed = (alarms: string) => {
    const read = readAlarms(synthesise({ alarms }));
    return { alarms: read.length, metrics: read.flatMap(({ metrics }) => metrics).length };
  };

  it('is the sum of its parts, and below 12 dollars', () => {
    const total = dollars(/^\| \*\*all\*\* \| \*\*(\d+\.\d\d)\*\* \|$/m.exec(section)?.[1]);
    expect(total).toBe(cents(idle.reduce((sum, { price }) => sum + price, 0)));
    expect(section).toContain(` at most ${total} US dollars a month`);
    expect(total).toBeLessThan(12);
  });

  it('counts each metric of each alarm', () => {
    const { alarms, metrics } = billed('all');
    expect(row('alarms on').what).toContain(`${alarms} alarms on ${metrics} metrics.`);
    expect(row('alarms on').price).toBe(cents(metrics * 0.1));
  });

  it('says what the essential half costs', () => {
    const { alarms, metrics } = billed('essential');
    const price = (metrics * 0.1).toFixed(2);
    expect(section).toContain(`${alarms} alarms on ${metrics} metrics for ${price} instead of`);
  });

  it('counts the metrics of our own that have values while nothing happens', () => {
    const { what, price } = row('metrics of our own');
    const names = [...what.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    for (const name of names) expect(METRICS).toHaveProperty(name);
    expect(what).toMatch(new RegExp(`^${names.length} metrics`));
    expect(price).toBe(cents(names.length * 0.3));
  });
});
