import { expect, it } from 'vitest';
import type { Break } from '../support/break-module.ts';
import { explore } from './explore.ts';
import type { StartName } from './starts.ts';

/** Each rule against a product that breaks it: the shortest story that shows it. */

interface Bitten extends Break {
  rule: string;
  from: StartName;
  actions: number;
}

const DECIDE = 'shared/approval/actions/decide.ts';
const LOOK = 'shared/approval/actions/look.ts';

const BITTEN: readonly Bitten[] = [
  {
    rule: 'only a tap of somebody else fails',
    from: 'open',
    actions: 1,
    file: 'shared/approval/plan/judge.ts',
    find: 'openId !== undefined && approvers.some((approver) => approver.userId === openId);',
    replace: 'openId === undefined && approvers.length === 0;',
  },
  {
    rule: 'only a tap of somebody else fails',
    from: 'open',
    actions: 1,
    file: LOOK,
    find: "return end(round, reported.overtime ? 'EXPIRED' : 'CANCELED', {}, work);",
    replace: "return end(round, 'FAILED' as 'CANCELED', {}, work);",
  },
  {
    rule: 'what is approved is never canceled',
    from: 'open',
    actions: 2,
    file: 'shared/approval/actions/withdraw.ts',
    find: 'const outcome = await takeOutcome(round, seen, withdrawal, snapshot, work);',
    replace: `const isApproved = seen.verdict.kind === 'APPROVED';
    const outcome = isApproved ? undefined : await takeOutcome(round, seen, withdrawal, snapshot, work);`,
  },
  {
    rule: 'a ring made at the stage is answered',
    from: 'waiting',
    actions: 1,
    file: 'shared/approval/plan/bell.ts',
    find: 'const known = Math.max(memory.rung ?? 0, memory.bellSeq);',
    replace: 'const known = Number.MAX_SAFE_INTEGER;',
  },
  {
    rule: 'nothing is left to take back or to say',
    from: 'open',
    actions: 1,
    file: 'shared/approval/plan/closed-rounds.ts',
    find: 'pendingRemarks(round).length > 0 && due',
    replace: 'pendingRemarks(round).length > 9 && due',
  },
  {
    rule: 'nobody deletes a card, and no time limit ends one',
    from: 'open',
    actions: 0,
    file: LOOK,
    find: "case 'ASKING':",
    replace: `case 'ASKING':
      if (round.looks === 2) return end(round, 'EXPIRED', STANDS_OPEN, work);
      break;`,
  },
  {
    rule: 'a decision is written once',
    from: 'approved',
    actions: 0,
    file: DECIDE,
    find: 'decisions: [decision] }, now),',
    replace: 'decisions: [decision, decision] }, now),',
  },
  {
    rule: 'the record tells the last request of each stage',
    from: 'open',
    actions: 0,
    file: 'shared/approval/plan/write-back.ts',
    find: "changeMap(issue.ours.stageApprovals, current, 'STAGE', at),",
    replace: 'untouched,',
  },
  {
    rule: 'what changed after its approval is put back',
    from: 'approved',
    actions: 2,
    file: 'shared/approval/plan/reapproval.ts',
    find: '...(unasked.length > 0',
    replace: '...(unasked.length > 9',
  },
];

// The machine may be busy: how long a search takes proves nothing.
it.each(BITTEN)(
  'finds that "$rule" is broken, from $from, where $file says "$replace"',
  {
    timeout: 600_000,
  },
  async ({ rule, from, actions, ...place }) => {
    const { found } = await explore({ depth: 2, workers: 1, from, breaks: [place] });

    expect(found?.broken).toContain(rule);
    expect(found?.story.split(/[:,]/).slice(1).filter(Boolean)).toHaveLength(actions);
  },
);
