import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { type CallingUp, callWaiting } from '../../../shared/approval/call-up.ts';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { isInLine } from '../../../shared/approval/plan/waiting-line.ts';
import type { PacedApi } from '../../../shared/approval/store/pacing.ts';
import { callUp } from '../../support/call-up.ts';
import { type Core, ISSUE } from '../../support/core.ts';
import { anIssue } from '../../support/issue.ts';
import { aLog } from '../../support/log.ts';
import { aSlotRequest } from '../../support/slot-request.ts';
import { deliver } from '../../support/sweep-over-time.ts';
import { useCore } from '../../support/use-core.ts';

const theCore = useCore();
let core: Core;
beforeEach(() => {
  core = theCore();
});

const MINUTE = 60_000;
const numbered = (count: number) => Array.from({ length: count }, (_, at) => `issue-${at + 1}`);
const roundOf = async (issueId: string) => (await core.rounds(issueId))[0];
const statesOf = (issueIds: readonly string[]) =>
  Promise.all(issueIds.map(async (issueId) => (await roundOf(issueId))?.state));

/** Reserves `count` slots for other rounds, just now. */
async function reserveSlots(api: PacedApi, count: number): Promise<void> {
  for (let taken = 0; taken < count; taken++)
    await core.work.pacer.reserve(core.settings.appId, api, aSlotRequest(core.clock.date()));
}

/** Creates issues whose first cards stand in line, and lets them wait longer than a newcomer does. */
async function standInLine(count: number): Promise<string[]> {
  const issueIds = numbered(count);
  await reserveSlots('create', 120);
  for (const issueId of issueIds) {
    await core.put(anIssue({ issueId }));
    await core.run(issueId);
  }
  await core.clock.advance(4 * MINUTE);
  return issueIds;
}

const calling = (changes: Partial<CallingUp>): CallingUp => ({
  documents: core.documents,
  tables: core.tables,
  pacer: core.work.pacer,
  queue: core.work.queue,
  now: core.clock.date,
  sleep: core.clock.advance,
  ...changes,
});

describe('docs/lessons.md 37: a round that is called up', () => {
  it('is sent even if the worker handles the hint before the sweep continues', async () => {
    const issueIds = await standInLine(12);
    const queue = { send: (hint: Hint) => deliver(core, hint) };
    await callWaiting(calling({ queue }));
    expect(await statesOf(issueIds)).toEqual(issueIds.map(() => 'PENDING'));
  });

  it('does not delay the others if its hint is lost', async () => {
    const issueIds = await standInLine(24);
    const lost = new Set(issueIds.slice(0, 12));
    const { queued, clock } = core;
    const begun = clock.now();
    while (clock.now() < begun + 2 * MINUTE) {
      const next = clock.now() + MINUTE;
      queued.length = 0;
      await callWaiting(
        calling({
          async sleep(ms) {
            for (const { hint } of queued.splice(0))
              if (hint.kind === 'DUE' && !lost.has(hint.issueId)) await deliver(core, hint);
            await clock.advance(ms);
          },
        }),
      );
      await clock.advance(Math.max(0, next - clock.now()));
    }
    expect(await statesOf(issueIds)).toEqual(issueIds.map((id) => (lost.has(id) ? 'REQUESTED' : 'PENDING')));
  });

  it('is tried even if its hint is late, and returns to its old place if it must wait', async () => {
    const [issueId = ''] = await standInLine(1);
    const waited = await roundOf(issueId);
    const late: Hint = { kind: 'DUE', issueId, approvalIds: [waited?.approvalId ?? ''] };
    await callWaiting(calling({ queue: { send: async () => undefined } }));
    await core.clock.advance(3 * MINUTE);
    const refusedUntil = new Date(core.clock.now() + 2 * MINUTE);
    await core.work.pacer.holdUntil(core.settings.appId, 'create', refusedUntil);
    await callUp(core);
    const putBack = await roundOf(issueId);
    expect(putBack && isInLine(putBack)).toBe(true);
    expect(String(putBack?.checkAfter) > String(waited?.checkAfter)).toBe(true);

    await core.run(issueId, late);
    expect((await roundOf(issueId))?.checkAfter).toBe(waited?.checkAfter);
    await core.clock.advance(2 * MINUTE);
    await core.run(issueId, late);
    expect(await statesOf([issueId])).toEqual(['PENDING']);
  });

  it('leaves the line when Feishu refuses its cancel, and is tried again after its pause', async () => {
    await core.write(anIssue());
    const refused = { kind: 'ERROR_CODE', endpoint: 'cancelInstance', code: 1390009, status: 403 } as const;
    core.simulator.control.misbehave(refused);
    await core.edit(ISSUE, (issue) => {
      issue.status = 'CANCELED';
    });
    const closed = await roundOf(ISSUE);
    expect(closed).toMatchObject({ state: 'WITHDRAWN', settle: { what: 'OPEN' } });
    await core.clock.advance(90_000);
    await reserveSlots('cancel', 120);
    await core.run(ISSUE, { kind: 'DUE', issueId: ISSUE, approvalIds: [closed?.approvalId ?? ''] });
    expect((await roundOf(ISSUE))?.waiting?.api).toBe('cancel');

    await core.clock.advance(70_000);
    expect(await callUp(core)).toBe(1);

    const tried = await roundOf(ISSUE);
    expect(tried?.waiting).toBeUndefined();
    expect(Date.parse(tried?.checkAfter ?? '') - core.clock.now()).toBeGreaterThan(8 * MINUTE);
  });

  it('is logged if its hint cannot be sent, and does not delay the others', async () => {
    const issueIds = await standInLine(3);
    const [first] = issueIds;
    const logger = aLog();
    const sent: string[] = [];
    const queue = {
      send: async (hint: Hint) => {
        if (hint.kind === 'DUE' && hint.issueId === first) throw new Error('too slow');
        if (hint.kind === 'DUE') sent.push(hint.issueId);
      },
    };
    await expect(callWaiting(calling({ queue, logger }))).rejects.toThrow(AggregateError);
    expect(sent.sort()).toEqual(issueIds.slice(1));
    expect(JSON.stringify(logger.lines)).toContain(first);
  });

  it('is tried once in a run if it cannot be moved, and the run continues with the others', async () => {
    const [first = ''] = await standInLine(1);
    const { documents } = core;
    const send = (command: Parameters<typeof documents.send>[0]) =>
      command instanceof UpdateCommand && command.input.Key?.pk === `ISSUE#${first}`
        ? Promise.reject(new Error('too slow'))
        : documents.send(command);
    const logger = aLog();
    const begun = core.clock.now();
    const work = calling({ documents: { send } as unknown as CallingUp['documents'], logger });
    await expect(callWaiting(work)).rejects.toThrow('Calling up failed for 1 rounds.');
    expect(logger.lines).toHaveLength(1);
    expect(core.clock.now() - begun).toBeGreaterThan(50_000);
  });
});

describe('docs/lessons.md 37: a request that replaces another one', () => {
  const edit = (issueId: string) =>
    core.edit(issueId, (issue) => {
      issue.title = `${issue.title}!`;
      issue.assignee = { email: `another-${issue.title.length}@example.com` };
    });

  it('keeps the waiting time of the replaced request, however often the issue changes', async () => {
    const [issueId = ''] = await standInLine(1);
    const since = (await roundOf(issueId))?.waiting?.since;
    for (const generation of [2, 3]) {
      await core.clock.advance(MINUTE);
      await reserveSlots('create', 120);
      await edit(issueId);
      const successor = (await core.rounds(issueId)).at(-1);
      expect(successor).toMatchObject({ generation, state: 'REQUESTED', waiting: { api: 'create', since } });
    }
  });

  it('counts its waiting time from the moment the previous card was to be withdrawn', async () => {
    await core.write(anIssue());
    await reserveSlots('cancel', 120);
    await edit(ISSUE);
    const since = (await roundOf(ISSUE))?.withdraw?.at;
    await core.clock.advance(70_000);
    await reserveSlots('create', 120);
    await callUp(core);
    const [, successor] = await core.rounds(ISSUE);
    expect(successor?.waitedSince).toBe(since);
  });

  it('is a newcomer if the replaced request did not have to wait', async () => {
    await core.write(anIssue());
    await edit(ISSUE);
    expect(await core.rounds(ISSUE)).toHaveLength(2);
    expect((await core.rounds(ISSUE))[1]).not.toHaveProperty('waitedSince');
  });
});
