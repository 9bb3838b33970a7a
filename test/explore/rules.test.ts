import { expect, it } from 'vitest';
import type { Break } from '../support/break-module.ts';
import { explore } from './explore.ts';
import type { StartName } from './starts.ts';

/** Breaks the product once for each rule, and expects the search to find the shortest story that shows it. */

interface RuleBreak extends Break {
  rule: string;
  from: StartName;
  actions: number;
}

const DECIDE = 'shared/approval/actions/decide.ts';
const LOOK = 'shared/approval/actions/look.ts';

const RULE_BREAKS: readonly RuleBreak[] = [
  {
    rule: 'a round fails only if another person decided',
    from: 'open',
    actions: 1,
    file: 'shared/approval/plan/judge.ts',
    find: 'openId !== undefined && approvers.some((approver) => approver.userId === openId);',
    replace: 'openId === undefined && approvers.length === 0;',
  },
  {
    rule: 'a round fails only if another person decided',
    from: 'open',
    actions: 1,
    file: LOOK,
    find: "return end(round, reported.overtime ? 'EXPIRED' : 'CANCELED', {}, work);",
    replace: "return end(round, 'FAILED' as 'CANCELED', {}, work);",
  },
  {
    rule: 'an approved instance is never canceled',
    from: 'open',
    actions: 2,
    file: 'shared/approval/actions/withdraw.ts',
    find: 'const outcome = await closeIfEnded(round, seen, withdrawal, snapshot, work);',
    replace: `const isApproved = seen.verdict.kind === 'APPROVED';
    const outcome = isApproved ? undefined : await closeIfEnded(round, seen, withdrawal, snapshot, work);`,
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
    rule: 'no cancel and no comment is left to do',
    from: 'open',
    actions: 1,
    file: 'shared/approval/plan/closed-rounds.ts',
    find: 'pendingComments(round).length > 0 && due',
    replace: 'pendingComments(round).length > 9 && due',
  },
  {
    rule: 'no round ends as EXPIRED or DELETED',
    from: 'open',
    actions: 0,
    file: LOOK,
    find: "case 'ASKING':",
    replace: `case 'ASKING':
      if (round.looks === 2) return end(round, 'EXPIRED', INSTANCE_LEFT_OPEN, work);
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
    rule: 'the record shows the last round of each stage',
    from: 'open',
    actions: 0,
    file: 'shared/approval/plan/write-back.ts',
    find: "changeMap(issue.ours.stageApprovals, current, 'STAGE', at),",
    replace: 'untouched,',
  },
  {
    rule: 'a task that changed after its approval is set back',
    from: 'approved',
    actions: 2,
    file: 'shared/approval/plan/reapproval.ts',
    find: '...(unasked.length > 0',
    replace: '...(unasked.length > 9',
  },
];

// The timeout is long, because the machine may be busy. The time of a search proves nothing.
it.each(RULE_BREAKS)(
  'finds a broken rule, "$rule", from $from, if $file says "$replace"',
  {
    timeout: 600_000,
  },
  async ({ rule, from, actions, ...place }) => {
    const { found } = await explore({ depth: 2, workers: 1, from, breaks: [place] });

    expect(found?.broken).toContain(rule);
    expect(found?.story.split(/[:,]/).slice(1).filter(Boolean)).toHaveLength(actions);
  },
);
