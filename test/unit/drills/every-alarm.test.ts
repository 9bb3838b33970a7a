import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DRILLS, NOT_DRILLED } from '../../drills/drills.ts';
import { templateAlarms } from '../../drills/template-alarms.ts';

const ids = templateAlarms()
  .map(({ id }) => id)
  .sort();

describe('every alarm of the template', () => {
  it('has a drill, or a reason why it has none', () => {
    const drilled = DRILLS.map(({ alarm }) => alarm);
    expect([...new Set([...drilled, ...Object.keys(NOT_DRILLED)])].sort()).toEqual(ids);
    expect(drilled.filter((alarm) => alarm in NOT_DRILLED)).toEqual([]);
  });

  it('is in the table of docs/testing.md', () => {
    const page = readFileSync(new URL('../../../docs/testing.md', import.meta.url), 'utf8');
    const section = page.split('## Alarm drills')[1]?.split('\n## ')[0] ?? '';
    const named = [...section.matchAll(/^\| (\w+) \|/gm)].map(([, id]) => id).filter((id) => id !== 'alarm');
    expect([...new Set(named)].sort()).toEqual(ids);
  });
});
