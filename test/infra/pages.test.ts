import { describe, expect, it } from 'vitest';
import { firstCells, sectionOf } from '../unit/docs/pages.ts';
import { synthesise } from './synthesised-stack.ts';

/** The tables of the documentation name what the stack has. */

const stack = synthesise();
const alarms = stack
  .ofType('AWS::CloudWatch::Alarm')
  .map(({ logicalId }) => /^Alarms(.+?)Alarm[0-9A-F]{8}$/.exec(logicalId)?.[1] ?? logicalId);

describe('docs/deploy.md', () => {
  it('lists every output of the stack', () => {
    expect(firstCells(sectionOf('docs/deploy.md', 'Outputs')).toSorted()).toEqual(
      Object.keys(stack.outputs).toSorted(),
    );
  });

  it('counts the alarms', () => {
    expect(sectionOf('docs/deploy.md', 'Cost')).toContain(` ${alarms.length} alarms`);
  });
});
