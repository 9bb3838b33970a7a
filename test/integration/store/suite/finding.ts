import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { findApproval } from '../../../../functions/receive-external-events/find-approval.ts';
import { findIssue } from '../../../../functions/receive-feishu-events/find-issue.ts';
import type { ApprovalEvent } from '../../../../shared/feishu/webhook-events.ts';
import { approvalPointerKey, settingsKey } from '../../../../shared/tables/approval-keys.ts';
import { aRound, SETTINGS } from '../../../support/round.ts';
import { aStorePlace, type MakePlace } from './place.ts';

const EVENT: ApprovalEvent = {
  eventId: 'event-1',
  appId: SETTINGS.appId,
  about: 'INSTANCE',
  definitionCode: SETTINGS.definitionCode,
  instanceCode: 'CODE',
  status: 'APPROVED',
};

async function aScene(makePlace: MakePlace) {
  const { store, documents, tables } = await aStorePlace(makePlace);
  const place = { documents, tableName: tables.approvalTableName };
  const round = aRound({ approvalId: '0a1b2c3d-0000-4000-8000-00000000abcd', instanceCode: undefined });
  await store.open(round);
  const settings = { ...SETTINGS, definitions: { old: { code: 'OLD', version: 1, createdAt: '' } } };
  return {
    round,
    found: { kind: 'FEISHU_EVENT', issueId: 'issue-1', approvalId: round.approvalId },
    learnInstance: () => store.save(round, { ...round, instanceCode: 'CODE' }),
    enable: () =>
      documents.send(new PutCommand({ TableName: place.tableName, Item: { ...settingsKey, ...settings } })),
    place,
    store,
    find: (event: Partial<ApprovalEvent>) => findIssue({ ...EVENT, ...event }, place),
  };
}

export function describeFinding(makePlace: MakePlace): void {
  it('finds the issue by the uuid in any case, before the instance is known', async () => {
    const { find, found, round } = await aScene(makePlace);
    for (const instanceUuid of [round.approvalId, round.approvalId.toUpperCase()]) {
      expect(await find({ instanceUuid })).toEqual({ ...EVENT, ...found });
    }
  });

  it('finds the issue by the instance code once it is known', async () => {
    const { find, found, learnInstance } = await aScene(makePlace);
    await learnInstance();
    expect(await find({})).toMatchObject(found);
    expect(await find({ instanceUuid: 'unknown' })).toMatchObject(found);
  });

  it('ignores a uuid that is too long, even if it is longer than any key', async () => {
    const { find, found, learnInstance } = await aScene(makePlace);
    await learnInstance();
    for (const length of [65, 3_000]) {
      expect(await find({ instanceUuid: 'x'.repeat(length) })).toMatchObject(found);
    }
  });

  it('ignores an empty uuid', async () => {
    const { find, found, learnInstance } = await aScene(makePlace);
    await learnInstance();
    expect(await find({ instanceUuid: '' })).toMatchObject(found);
  });

  it.each([SETTINGS.definitionCode, 'OLD'])(
    'returns a hint for the worker for an unknown instance of our definition %s',
    async (definitionCode) => {
      const { find, enable } = await aScene(makePlace);
      await enable();
      expect(await find({ definitionCode })).toEqual({ ...EVENT, definitionCode, kind: 'UNKNOWN_INSTANCE' });
    },
  );

  it('finds the approval of an OA only for the node that was asked (docs/lessons.md 42)', async () => {
    const { store, place, round } = await aScene(makePlace);
    const { issueId } = round;
    await store.open(
      aRound({ approvalId: 'of-oa', channel: 'EXTERNAL', nodeId: 'oa', subject: { kind: 'STEP', id: 's' } }),
    );
    expect(await findApproval('OF-OA', 'oa', place)).toEqual({ issueId, approvalId: 'of-oa' });
    expect(await findApproval('of-oa', 'other', place)).toBeUndefined();
    expect(await findApproval(round.approvalId, 'oa', place)).toBeUndefined();
    expect(await findApproval('nobody', 'oa', place)).toBeUndefined();
  });

  it('ignores an event of Feishu about an approval of an OA (docs/lessons.md 42)', async () => {
    const { store, find } = await aScene(makePlace);
    await store.open(
      aRound({ approvalId: 'of-oa', channel: 'EXTERNAL', nodeId: 'oa', subject: { kind: 'STEP', id: 's' } }),
    );
    expect(await find({ instanceUuid: 'of-oa' })).toBeUndefined();
  });

  it('finds an approval by a pointer of the previous version, which has no channel', async () => {
    const { place, find } = await aScene(makePlace);
    const Item = { ...approvalPointerKey('old'), issueId: 'issue-1', approvalId: 'old' };
    await place.documents.send(new PutCommand({ TableName: place.tableName, Item }));
    expect(await findApproval('old', 'oa', place)).toEqual({ issueId: 'issue-1', approvalId: 'old' });
    expect(await find({ instanceUuid: 'old' })).toMatchObject({ approvalId: 'old' });
  });

  it('ignores an unknown instance of another definition, or without settings', async () => {
    const { find, enable } = await aScene(makePlace);
    expect(await find({})).toBeUndefined();
    await enable();
    expect(await find({ definitionCode: 'THEIRS' })).toBeUndefined();
  });
}
