import { expect, it } from 'vitest';
import type { Round } from '../../../../shared/approval/plan/round.ts';
import { idSchema } from '../../../../shared/issue/record.ts';
import { anIssue, aStage, aTask } from '../../../support/issue.ts';
import { approvingAll, aRoundOf } from '../../../support/round.ts';
import { aStorePlace, type MakePlace } from './place.ts';

const IDS: [string, string][] = [
  ['a name of every object', 'constructor'],
  ['a method of every object', 'toString'],
  ['another method of every object', 'hasOwnProperty'],
  ['almost the name that is refused', '__proto__ '],
  ['another name of the language', '__defineGetter__'],
  ['a placeholder of a name', '#stages'],
  ['a placeholder of a value', ':v0'],
  ['a path', 'a.b[0]'],
  ['a keyword of expressions', 'AND'],
  ['a function of expressions', 'attribute_exists(pk)'],
  ['the separator of our keys', 'a#b#000001'],
  ['a key of ours', 'STAGE#stage-1#000001'],
  ['the key of the memory', 'ISSUE'],
  ['per cent', '100%25'],
  ['a space', ' '],
  ['a line end', '\n'],
  ['a null', '\u0000'],
  ['quotes', `'"\\`],
  ['a letter with a combining accent', 'e\u0301'],
  ['a precomposed letter with an accent', '\u00e9'],
  ['128 letters', 'x'.repeat(128)],
  ['128 Chinese characters', '审'.repeat(128)],
  ['128 emoji', '\u{1F600}'.repeat(128)],
  ['128 per cent signs', '%'.repeat(128)],
];

export function describeIds(makePlace: MakePlace): void {
  it.each(IDS)('%s may be the id of an issue, its stage and its task', async (_, id) => {
    expect(idSchema.safeParse(id).success).toBe(true);
    const { store, putIssue, rawIssue } = await aStorePlace(makePlace);
    const task = aTask({ taskId: id });
    const issue = anIssue({
      issueId: id,
      currentStageId: id,
      stages: [aStage({ stageId: id, tasks: [task] })],
    });
    await putIssue({ ...issue, stageApprovals: {}, stepApprovals: {} });

    await store.remember({ issueId: id, stageId: id, arrival: 1, bellSeq: 0, life: 0 }, undefined);
    const first = aRoundOf(issue, { state: 'REQUESTED', instanceCode: undefined });
    await store.open(first);
    const pending = await store.save(first, { ...first, state: 'PENDING', instanceCode: 'CODE' });
    await store.writeBack(id, await rawIssue(id), {
      stageApprovals: { set: { [id]: { state: 'PENDING' } }, remove: [] },
      stepStatuses: {},
      stepApprovals: { set: { [id]: { state: 'PENDING' } }, remove: [] },
    });
    const after: Round = { ...pending, state: 'APPROVED' };
    await store.approve({ ...approvingAll(pending, after), raw: await rawIssue(id), taskIds: [id] });

    const read = await store.read(id);
    expect(read.memory?.stageId).toBe(id);
    expect(read.rounds).toEqual([{ ...after, revision: first.revision + 2 }]);
    expect(await store.findIssue({ instanceCode: 'CODE' })).toEqual({
      issueId: id,
      approvalId: first.approvalId,
    });
    const { stages, approvedTasks, stageApprovals, stepApprovals } = await rawIssue(id);
    expect(stages?.L?.[0]?.M?.tasks?.L?.[0]?.M?.status).toEqual({ S: 'PENDING' });
    expect(Object.entries(approvedTasks?.M ?? {})).toEqual([[id, { M: { [id]: { S: after.tasks[id] } } }]]);
    expect(Object.keys(stageApprovals?.M ?? {})).toEqual([id]);
    expect(stageApprovals?.M?.[id]?.M?.state).toEqual({ S: 'APPROVED' });

    await store.requireApproval(id, await rawIssue(id), id, [id]);
    await store.writeBack(id, await rawIssue(id), {
      stageApprovals: { set: {}, remove: [id] },
      stepStatuses: {},
      stepApprovals: { set: {}, remove: [id] },
    });
    const last = await rawIssue(id);
    expect(last.stages?.L?.[0]?.M?.tasks?.L?.[0]?.M?.status).toEqual({ S: 'PENDING_APPROVAL' });
    expect([last.stageApprovals, last.stepApprovals]).toEqual([{ M: {} }, { M: {} }]);
    expect(stepApprovals?.M?.[id]?.M?.state).toEqual({ S: 'PENDING' });
  });

  it('distinguishes ids that look alike, as issues and as stages', async () => {
    const { store } = await aStorePlace(makePlace);
    const stageIds = [
      'a',
      'A',
      'a ',
      'e\u0301',
      '\u00e9',
      'a#000001',
      '审'.repeat(128),
      `${'审'.repeat(127)}査`,
    ];
    for (const issueId of stageIds) {
      for (const stageId of stageIds) {
        await store.open(aRoundOf(anIssue(), { issueId, subject: { kind: 'STAGE', id: stageId } }));
      }
    }
    for (const issueId of stageIds) {
      const { rounds } = await store.read(issueId);
      expect(rounds.map(({ subject }) => subject.id).sort()).toEqual(stageIds.toSorted());
    }
  });
}
