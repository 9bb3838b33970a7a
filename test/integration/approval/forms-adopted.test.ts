import { beforeEach, describe, expect, it } from 'vitest';
import { roundSchema } from '../../../shared/approval/plan/round.ts';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue } from '../../support/issue.ts';
import { valuesOn } from '../../support/large-stage.ts';
import { approvalOf, approve } from '../../support/stage-approval.ts';
import { sweepEachMinute } from '../../support/sweep-over-time.ts';
import { useDatabase } from '../../support/use-core.ts';

/** Cards that are found by their uuid, and rounds of the previous version, which have no forms (ADR 13). */

const database = useDatabase();
let core: Core;
beforeEach(async () => {
  core = await aCore(database());
  return () => core.close();
});

const control = () => core.simulator.control;

/** Stores the rounds of the issue as the previous version did. */
async function forgetForms(): Promise<void> {
  for (const round of await core.rounds(ISSUE)) {
    const { forms: _, ...before } = round;
    await core.work.store.save(round, roundSchema.parse(before));
  }
}

it('a card whose create was not answered is adopted, and the record names its form', async () => {
  control().misbehave(
    { kind: 'ERROR_CODE', endpoint: 'createInstance', times: 1, code: 1390001, status: 400 },
    { kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 },
  );
  await core.write(anIssue());
  const [round, ...more] = await core.rounds(ISSUE);
  expect(more).toEqual([]);
  expect(control().instances()).toHaveLength(1);
  expect(round?.forms.map(({ level, wording }) => `${level} ${wording}`)).toEqual([
    'FULL KEYS',
    'FULL PLAIN',
  ]);
  expect(valuesOn(core, 'zh-CN')).toEqual(valuesOn(core, 'en-US'));
  expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', form: 'FULL' });
  await approve(core);
});

it('looks for a form whose create was not answered before it sends another one', async () => {
  control().misbehave(
    { kind: 'ERROR_CODE', endpoint: 'createInstance', times: 1, code: 1390001, status: 400 },
    { kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 },
    { kind: 'BAD_GATEWAY', endpoint: 'getInstance', times: 3 },
  );
  await core.write(anIssue());
  expect(await approvalOf(core)).toMatchObject({ state: 'REQUESTED' });
  await sweepEachMinute(core, database().documents, 2);
  expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1, form: 'FULL' });
  expect((await core.rounds(ISSUE))[0]?.forms).toHaveLength(2);
  expect(control().calls().calls.createInstance).toBe(2);
});

describe('a round that the previous version began', () => {
  it('is adopted if its card exists', async () => {
    control().misbehave({ kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 });
    control().misbehave({ kind: 'BAD_GATEWAY', endpoint: 'getInstance', times: 9 });
    await core.write(anIssue());
    await forgetForms();
    control().behave();
    await sweepEachMinute(core, database().documents, 3);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1 });
    expect((await approvalOf(core))?.form).toBeUndefined();
    await approve(core);
  });

  it('is sent as it was stored, and in another form with a new uuid if Feishu refuses it', async () => {
    control().misbehave({ kind: 'RESET_BEFORE', endpoint: 'createInstance', times: 3 });
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({ state: 'REQUESTED' });
    await forgetForms();
    control().setKeysRefused(true);
    await sweepEachMinute(core, database().documents, 3);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 2, form: 'FULL' });
    expect((await core.rounds(ISSUE))[0]).toMatchObject({ state: 'WITHDRAWN', closeReason: 'RESENT' });
    await approve(core);
  });
});

it('a card in the response format of 2022 is read, decided and withdrawn', async () => {
  control().setInstancesShownAs('AS_IN_2022');
  await core.write(anIssue());
  await core.edit(ISSUE, (issue) => {
    issue.assignee = { email: 'other@example.com' };
  });
  expect(core.pending(ASSIGNEE)).toEqual([]);
  expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 2 });
  await approve(core, 'other@example.com');
});
