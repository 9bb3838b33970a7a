/** One place of the core broken, to prove that the simulation notices: a text of a file, and what stands there in its place. */
export interface Mutant {
  name: string;
  /** From the project's root. */
  file: string;
  /** Stands there exactly once. */
  find: string;
  replace: string;
}

const SQL_GROUPS = 'shared/feishu/form/sql-groups.ts';
const LIST = 'shared/feishu/form/task-list.ts';
const GROUP_KEY = 'JSON.stringify([title, type ?? null, instance ?? null, status, check ?? null])';
const DECIDE = 'shared/approval/actions/decide.ts';
const ISSUE_CHANGES = 'shared/approval/store/issue-changes.ts';
const STORE = 'shared/approval/store/dynamo-store.ts';
const COVER = 'shared/approval/plan/cover.ts';
const FLOW = 'shared/approval/plan/flow.ts';
const ARRIVALS = 'shared/approval/plan/arrivals.ts';
const OA_CHANNEL = 'shared/approval/channels/oa/oa-channel.ts';

/** The transaction that approves without one of its conditions: what moved since the read is approved all the same. */
const withoutCondition = (name: string): Mutant => ({
  name: `the approving transaction does not require ${name} to be unchanged`,
  file: ISSUE_CHANGES,
  find: 'for (const name of APPROVAL_CONDITIONS) update.requireUnchanged(name);',
  replace: `for (const name of APPROVAL_CONDITIONS) if (name !== '${name}') update.requireUnchanged(name);`,
});

export const MUTANTS: readonly Mutant[] = [
  withoutCondition('stages'),
  withoutCondition('status'),
  withoutCondition('currentStageId'),
  withoutCondition('assignee'),
  withoutCondition('approvalFlow'),
  {
    name: 'a write to the issue does not require its version to be unchanged',
    file: ISSUE_CHANGES,
    find: "this.requireUnchanged('version');",
    replace: "if (raw.version?.N !== undefined) this.name('version');",
  },
  {
    name: 'a round is written whatever became of it since it was read',
    file: STORE,
    find: '...(before ? unchangedSince(before) : {',
    replace: '...(before ? {} : {',
  },
  {
    name: 'a new round is put over one of the same key',
    file: STORE,
    find: "unchangedSince(before) : { ConditionExpression: 'attribute_not_exists(pk)' }",
    replace: 'unchangedSince(before) : {}',
  },
  {
    name: 'the uuid is drawn anew for each attempt',
    file: 'shared/approval/channels/feishu/request.ts',
    find: 'uuid: approvalId,',
    replace: 'uuid: globalThis.crypto.randomUUID(),',
  },
  {
    name: 'the look before the cancel is left out',
    file: 'shared/approval/actions/withdraw.ts',
    find: 'const seen = await channelOf(round, work).look(round, snapshot);',
    replace:
      'const seen = refOf(round) ? { ref: {}, ours: true, verdict: { kind: "UNDECIDED", now: "ASKING" }, reverted: false } : await channelOf(round, work).look(round, snapshot);',
  },
  {
    name: 'the intent to withdraw is not stored',
    file: 'shared/approval/actions/withdraw.ts',
    find: 'change(round, { withdraw: { reason, at: now.toISOString() }, rechecks: 0 }, now);',
    replace: '(void reason, void now, round);',
  },
  {
    name: 'the bell is part of the content',
    file: 'shared/issue/content.ts',
    find: '\n    environment: stage.environment ?? null,',
    replace: "environment: (stage.environment ?? '') + String(issue.bell?.seq ?? 0),",
  },
  {
    name: 'the approver is not compared',
    file: 'shared/approval/plan/judge.ts',
    find: '(task.customNodeId === undefined || task.customNodeId === nodeId) && isApprover(task.openId, round),',
    replace: 'task.customNodeId === undefined || task.customNodeId === nodeId,',
  },
  {
    name: 'an automatic pass counts as a person',
    file: DECIDE,
    find: "case 'NOBODY':\n      return failDecision(round, decided, 'DECIDED_AUTOMATICALLY', decision, work);",
    replace:
      "case 'NOBODY':\n      return apply(round, decided, { ...decision, applied: true }, snapshot, work);",
  },
  {
    name: 'a decision counts whatever the record says now',
    file: DECIDE,
    find: '!view || !isCovered(round, view)',
    replace: '!view',
  },
  {
    name: 'a decision counts without the approval flow',
    file: DECIDE,
    find: '&& isFlowPassed(at)',
    replace: '',
  },
  {
    name: 'decisions of closed rounds are applied',
    file: 'shared/approval/actions/look.ts',
    find: 'return isLive(round)\n',
    replace: 'return isLive(round) || true\n',
  },
  {
    name: 'a hint is taken for the truth',
    file: 'shared/approval/actions/look.ts',
    find: 'seen = await channelOf(round, work).look(round, snapshot);',
    replace:
      "seen = await channelOf(round, work).look(round, snapshot); if (reported.statuses.includes('APPROVED') && seen) seen = { ...seen, verdict: { kind: 'APPROVED', by: 'APPROVER', decision: { result: 'APPROVED', by: { userId: round.approvers[0]?.userId ?? '' }, at: '2026-03-01T08:00:00.000Z' } } };",
  },
  {
    name: 'a create that is not known to have failed is not looked for again',
    file: 'shared/approval/actions/withdraw.ts',
    find: "const leftover = { settle: { what: refOf(round) ? 'OPEN' : 'UNKNOWN', tries: 0 } } as const;",
    replace: 'const leftover = {};',
  },
  {
    name: 'a refused request is sent again by itself',
    file: 'shared/approval/plan/plan.ts',
    find: 'default:\n      return at.ringing ? bell : undefined;',
    replace: 'default:\n      return again;',
  },
  {
    name: 'the sweep does not walk',
    file: 'shared/approval/sweep-walk.ts',
    find: 'now()).length === 0) return false;',
    replace: 'now()).length >= 0) return false;',
  },
  {
    name: 'SQL that was changed after its approval does not ask again',
    file: 'shared/approval/plan/reapproval.ts',
    find: "const unasked = unapproved.filter(({ status }) => status === 'PENDING')",
    replace: 'const unasked = unapproved.filter(() => false)',
  },
  {
    name: 'a round whose app or content is another is not taken back',
    file: 'shared/approval/plan/live-rounds.ts',
    find: 'if (!at.isCovered ||',
    replace: 'if (',
  },
  {
    name: "anybody's ring counts",
    file: 'shared/issue/triggers.ts',
    find: 'return bell && bell.rungBy.toLowerCase() === creator.email.toLowerCase() ? bell.seq : 0;',
    replace: 'return bell && creator ? bell.seq : 0;',
  },
  {
    name: 'what expired is sent again by itself',
    file: 'shared/approval/plan/plan.ts',
    find: "return round.closeReason === 'EXPIRED_BY_US' && !at.ringing ? undefined : again;",
    replace: 'return again;',
  },
  {
    name: 'nothing expires',
    file: 'shared/approval/plan/live-rounds.ts',
    find: "if (isQuiet && isPast(expireAt, now)) return withdrawFor('EXPIRED_BY_US');",
    replace: 'void expireAt;',
  },
  {
    name: 'a card that was handed on counts as closed by a time limit',
    file: 'shared/approval/actions/look.ts',
    find: "const commented = verdict.now === 'TRANSFERRED' ?",
    replace:
      "if (verdict.now === 'TRANSFERRED') return end(round, 'EXPIRED', {}, work);\n  const commented = verdict.now === 'TRANSFERRED' ?",
  },
  {
    name: 'an outage at the send fails the request for good',
    file: 'shared/approval/actions/another-form.ts',
    find: "return recordSetback(stored, error, 'create', snapshot, work, { doubts: undefined });",
    replace: "return fail(round, stored, 'FEISHU_REFUSED', { detail: error.message }, work);",
  },
  {
    name: 'the record is not told what became of its requests',
    file: 'shared/approval/plan/write-back.ts',
    find: "stageApprovals: changeMap(issue.ours.stageApprovals, current, 'STAGE', at),",
    replace: 'stageApprovals: untouched,',
  },
  {
    name: 'a remark that failed is not tried again',
    file: 'shared/approval/plan/closed-rounds.ts',
    find: 'const due = round.remarkAfter === undefined || isPast(round.remarkAfter, now);',
    replace: 'void isPast, void now; const due = round.remarkAfter === undefined;',
  },
  {
    name: 'rounds are read as they may have been a moment ago',
    file: 'shared/approval/store/read-rounds.ts',
    find: '      ConsistentRead: true,\n      ...(newestFirst',
    replace: '      ...(newestFirst',
  },
  {
    name: 'a step that was approved for other content counts',
    file: FLOW,
    find: '|| round.content !== content',
    replace: '|| content === undefined',
  },
  {
    name: 'a step does not wait for those before it',
    file: FLOW,
    find: 'return before.every((step) => isPassed(step, at));',
    replace: 'return before !== undefined;',
  },
  {
    name: 'an EXTERNAL step’s status is left as it stands',
    file: 'shared/approval/plan/write-back.ts',
    find: '.filter(({ step, status }) => step.status !== status)',
    replace: '.filter(({ step, status }) => step === undefined && status)',
  },
  {
    name: 'what an OA did not answer is not asked again',
    file: OA_CHANNEL,
    find: 'if (externalId === undefined) return createAgain(node, round);',
    replace: 'if (externalId === undefined) return undefined;',
  },
  {
    name: 'what an OA has forgotten is not asked again',
    file: OA_CHANNEL,
    find: 'return isLive(round) && !round.withdraw ? createAgain(node, round) : undefined;',
    replace: 'return undefined;',
  },
  {
    name: 'an OA that fails ends the request',
    file: OA_CHANNEL,
    find: "return { failingSince, ...(isLong && { error: explained('OA_UNAVAILABLE') }) };",
    replace:
      "return { failingSince, state: 'FAILED', closedAt: now().toISOString(), error: explained('OA_UNAVAILABLE'), ...(isLong && {}) };",
  },
  {
    name: 'a request that is sent again under another uuid is not looked for',
    file: 'shared/approval/actions/another-form.ts',
    find: "...leftoverIf(true),\n    state: 'WITHDRAWN',",
    replace: "state: 'WITHDRAWN',",
  },
  {
    name: 'a cut card is sent though the settings refuse it',
    file: 'shared/approval/channels/feishu/choose-form.ts',
    find: 'if (!form.whole && !at.mayCut) {',
    replace: 'if (!form.whole && !at.mayCut && form === undefined) {',
  },
  {
    name: 'a card covers a task that it calls something else',
    file: 'shared/approval/plan/subject.ts',
    find: "&& !(view.kind === 'STAGE' && asksAnew(round, view.stage))",
    replace: '',
  },
  {
    name: 'a card covers what asked when the round was opened, not when it was composed',
    file: 'shared/approval/actions/another-form.ts',
    find: 'attempted: true, forms, ...cover }',
    replace: 'attempted: true, forms }',
  },
  {
    name: 'an approval lets every task of the stage run',
    file: COVER,
    find: 'hashed.filter(({ task, hash }) => mayRun(task, hash))',
    replace: 'hashed.filter(({ task, hash }) => mayRun(task, hash) || hash)',
  },
  {
    name: 'what joins an approved stage ready to run is left as it is',
    file: 'shared/approval/plan/reapproval.ts',
    find: '.filter(({ taskId, hash }) => ownEntry(round.asked, taskId) !== hash);',
    replace:
      '.filter(({ taskId, hash }) => ownEntry(round.asked, taskId) !== hash && ownEntry(round.tasks, taskId));',
  },
  {
    name: 'a withdrawn card does not say why',
    file: DECIDE,
    find: '? queueWithdrawalComment(round, snapshot)',
    replace: '? round',
  },
  {
    name: 'a card that its initiator withdrew says that it was withdrawn',
    file: DECIDE,
    find: 'if (!round.cancelBegun || settings',
    replace: 'if (settings',
  },
  {
    name: 'that a cancel was begun is not stored',
    file: 'shared/approval/actions/withdraw.ts',
    find: 'const begun = await work.store.save(round, { ...known, cancelBegun: true });',
    replace: 'const begun: Round = { ...known, cancelBegun: true };',
  },
  {
    name: 'a comment is made again though it is there',
    file: 'shared/approval/channels/feishu/comments.ts',
    find: '!there.some((comment) => isSameText(comment, text))',
    replace: 'there.length >= 0',
  },
  {
    name: 'a withdrawn card does not say whom the next request asks',
    file: DECIDE,
    find: '...(opened && successorOf(opened)),',
    replace: '',
  },
  {
    name: 'a cut card does not say so in its first line',
    file: 'shared/feishu/form/left-out.ts',
    find: '...(incomplete > 0 ? [form.incomplete(incomplete, withSql, firstLine)] : []),',
    replace: '',
  },
  {
    name: 'numbers of the stream are compared as texts',
    file: ARRIVALS,
    find: 'BigInt(sequenceNumber) > BigInt(highest)',
    replace: 'sequenceNumber > highest',
  },
  {
    name: 'the number of a hint is ignored',
    file: ARRIVALS,
    find: 'return SEQUENCE_NUMBER.test(sequenceNumber) ?',
    replace: 'return false ?',
  },
  {
    name: 'an equal number counts as a new arrival',
    file: ARRIVALS,
    find: 'BigInt(sequenceNumber) > BigInt(highest)',
    replace: 'BigInt(sequenceNumber) >= BigInt(highest)',
  },
  {
    name: 'a new arrival at the same stage is ignored',
    file: ARRIVALS,
    find: 'const isLater = numberedBy === arrived.streamArn;',
    replace: 'const isLater = false;',
  },
  {
    name: 'tasks at different instances are listed as one',
    file: LIST,
    find: GROUP_KEY,
    replace: 'JSON.stringify([title, type ?? null, status, check ?? null, instance === title && null])',
  },
  {
    name: 'tasks of different types are listed as one',
    file: LIST,
    find: GROUP_KEY,
    replace: 'JSON.stringify([title, instance ?? null, status, check ?? null, type === title && null])',
  },
  {
    name: 'SQL that differs in white space only is shown once',
    file: SQL_GROUPS,
    find: "['statement', statement ?? '']",
    replace: "['statement', (statement ?? '').replace(/\\s+/g, ' ').trim()]",
  },
  {
    name: 'files at one address with different hashes are shown as one',
    file: SQL_GROUPS,
    find: 'sheet.uri, sheet.sha256, sheet.sizeBytes',
    replace: 'sheet.uri, sheet.sizeBytes',
  },
  {
    name: 'SQL that is one character over the limit is cut without a word',
    file: 'shared/feishu/form/sql-sections.ts',
    find: 'if (part.shown < part.total) {',
    // The note on a cut takes the room of more than a hundred characters, so one too many costs as many as that.
    replace: 'if (part.total - part.shown > 300) {',
  },
  {
    name: 'an empty instance is hashed as none',
    file: 'shared/issue/content.ts',
    find: 'task.instance ?? null,',
    replace: 'task.instance || null,',
  },
  {
    name: 'a task that asked once and changed again is left ready to run',
    file: 'shared/approval/plan/reapproval.ts',
    find: `ownEntry(round.asked, taskId) !== hash);
  const asking = unapproved.filter(({ status }) => status === 'PENDING_APPROVAL');
  const unasked = unapproved.filter(({ status }) => status === 'PENDING').map(({ taskId }) => taskId);
  // A task that asked and was then removed or changed does not count as approved in Frabit when it comes back.
  const unchanged = Object.entries(round.asked).filter(([taskId, hash]) =>
    tasks.some((task) => task.taskId === taskId && task.hash === hash),`,
    replace: `ownEntry(round.asked, taskId) === undefined && hash);
  const asking = unapproved.filter(({ status }) => status === 'PENDING_APPROVAL');
  const unasked = unapproved.filter(({ status }) => status === 'PENDING').map(({ taskId }) => taskId);
  const unchanged = Object.entries(round.asked).filter(([taskId]) =>
    tasks.some((task) => task.taskId === taskId),`,
  },
  {
    name: 'the changes are those since the first request of a stage',
    file: 'shared/approval/channels/feishu/request.ts',
    find: 'await store.findEarlier(round, mayBeSeen);',
    replace: 'await store.findEarlier(round, (one) => one.generation === 1 && mayBeSeen(one));',
  },
];
