import { DeleteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, it } from 'vitest';
import { resumeApprovals } from '../../../../shared/approval/resume.ts';
import { sweep } from '../../../../shared/approval/sweep.ts';
import { LAP_MS, WALK_MS } from '../../../../shared/approval/sweep-walk.ts';
import { settingsKey } from '../../../../shared/tables/approval-keys.ts';
import { aClock, type ManualClock } from '../../../support/clock.ts';
import { anIssue } from '../../../support/issue.ts';
import { SETTINGS } from '../../../support/round.ts';
import { aStorePlace, type MakePlace, type StorePlace } from './place.ts';

interface Scene extends StorePlace {
  clock: ManualClock;
  /** Ids of the issues that were hinted, in order. */
  hinted: string[];
  /** What the walk logged. */
  logged: unknown[];
  putIssues(count: number): Promise<void>;
  walkOnce(onHint?: (issueId: string) => unknown): ReturnType<typeof sweep>;
  cursor(): Promise<Record<string, unknown> | undefined>;
  reset(): Promise<void>;
  /** Makes every further database call of the present run fail. */
  kill(): void;
}

async function aScene(makePlace: MakePlace): Promise<Scene> {
  const place = await aStorePlace(makePlace);
  const { documents, tables } = place;
  const clock = aClock();
  const hinted: string[] = [];
  const logged: unknown[] = [];
  let kill = () => {};
  await documents.send(
    new PutItemCommand({
      TableName: tables.approvalTableName,
      Item: marshall({ ...settingsKey, ...SETTINGS }),
    }),
  );
  return {
    ...place,
    clock,
    hinted,
    logged,
    async putIssues(count) {
      const ids = Array.from({ length: count }, (_, number) => `issue ${number}`);
      await Promise.all(ids.map((issueId) => place.putIssue(anIssue({ issueId }))));
    },
    walkOnce(onHint) {
      const queue = {
        async send(hint: object) {
          const issueId = 'issueId' in hint ? String(hint.issueId) : '';
          hinted.push(issueId);
          await onHint?.(issueId);
        },
      };
      let isKilled = false;
      kill = () => {
        isKilled = true;
      };
      const send = (command: Parameters<typeof documents.send>[0]) =>
        isKilled ? Promise.reject(new Error('killed')) : documents.send(command);
      const mortal: typeof documents = Object.create(documents, { send: { value: send } });
      const logger = { error: (...line: unknown[]) => void logged.push(line) };
      return sweep({ documents: mortal, tables, queue, now: clock.date, logger });
    },
    async cursor() {
      const Key = { pk: 'SWEEP', sk: 'CURSOR' };
      return (await documents.send(new GetCommand({ TableName: tables.approvalTableName, Key }))).Item;
    },
    kill: () => kill(),
    reset: () =>
      resumeApprovals([], 1, {
        documents,
        tableName: tables.approvalTableName,
        queue: { send: () => Promise.resolve() },
      }),
  };
}

const sizeOf = (ids: readonly string[]) => [ids.length, new Set(ids).size];

export function describeWalk(makePlace: MakePlace): void {
  it('hints every issue of a large table once in one run, and begins again ten minutes later', async () => {
    const scene = await aScene(makePlace);
    await scene.putIssues(230);
    expect(await scene.walkOnce()).toMatchObject({ walked: 230, hinted: 230 });
    expect(sizeOf(scene.hinted)).toEqual([230, 230]);
    await scene.clock.advance(LAP_MS - 1);
    expect((await scene.walkOnce()).walked).toBe(0);
    await scene.clock.advance(1);
    expect((await scene.walkOnce()).walked).toBe(230);
    expect(new Set(scene.hinted.slice(230))).toEqual(new Set(scene.hinted.slice(0, 230)));
  });

  it('does not walk the issues in the order of their names', async () => {
    const scene = await aScene(makePlace);
    await scene.putIssues(50);
    await scene.walkOnce();
    expect(scene.hinted).not.toEqual(scene.hinted.toSorted());
  });

  it('ends if the table ends with a full page', async () => {
    const scene = await aScene(makePlace);
    await scene.putIssues(100);
    expect((await scene.walkOnce()).walked).toBe(100);
    expect((await scene.walkOnce()).walked).toBe(100);
  });

  it('walks an empty table', async () => {
    const { walkOnce } = await aScene(makePlace);
    expect(await walkOnce()).toEqual({ due: 0, walked: 0, hinted: 0 });
  });

  it('docs/lessons.md 46: stops when its time is over, and continues there in the next run', async () => {
    const scene = await aScene(makePlace);
    await scene.putIssues(230);
    const perIssue = WALK_MS / 150;
    const walked: number[] = [];
    for (let run = 0; run < 2; run++) {
      walked.push((await scene.walkOnce(() => scene.clock.advance(perIssue))).walked);
    }
    // Issues in progress when the time is over are finished.
    expect(walked[0]).toBeGreaterThanOrEqual(150);
    expect(walked[0]).toBeLessThan(161);
    expect(walked[1]).toBe(230 - Number(walked[0]));
    expect(sizeOf(scene.hinted)).toEqual([230, 230]);
  });

  it('docs/lessons.md 46: continues after the last complete page when a run is killed', async () => {
    const scene = await aScene(makePlace);
    await scene.putIssues(230);
    const killed = scene.walkOnce(() => {
      if (scene.hinted.length > 105) scene.kill();
    });
    await expect(killed).rejects.toThrow('killed');
    const before = new Set(scene.hinted.slice(0, 100));
    scene.hinted.length = 0;
    await scene.walkOnce();
    expect(scene.hinted.filter((issueId) => before.has(issueId))).toEqual([]);
  });

  it('continues after an issue that was deleted since', async () => {
    const scene = await aScene(makePlace);
    const { documents, tables } = scene;
    await scene.putIssues(150);
    await scene.walkOnce(() => scene.clock.advance(WALK_MS / 50));
    const Key = { issueId: { S: String((await scene.cursor())?.issueId) } };
    await documents.send(new DeleteItemCommand({ TableName: tables.issueTableName, Key }));
    await scene.walkOnce();
    expect(new Set(scene.hinted).size).toBe(150);
  });

  it('docs/lessons.md 46: walks many large records in one run, and stores its place once a page', async () => {
    const scene = await aScene(makePlace);
    const description = 'x'.repeat(300_000);
    for (let number = 0; number < 9; number++) {
      await scene.putIssue(anIssue({ issueId: `issue ${number}`, description }));
    }
    const pages = await scene.documents.send(
      new ScanCommand({ TableName: scene.tables.issueTableName, Limit: 100 }),
    );
    expect(pages.Count).toBeLessThan(9);
    expect((await scene.walkOnce()).walked).toBe(9);
    expect(sizeOf(scene.hinted)).toEqual([9, 9]);
  });

  it('docs/lessons.md 46: logs an issue that cannot be read, continues, and reports it at the end', async () => {
    const scene = await aScene(makePlace);
    const { documents, tables } = scene;
    await scene.putIssues(105);
    const broken = {
      pk: { S: 'ISSUE#issue 2' },
      sk: { S: 'STAGE#x#000001' },
      content: { S: 'DROP TABLE t' },
    };
    await documents.send(new PutItemCommand({ TableName: tables.approvalTableName, Item: broken }));
    await expect(scene.walkOnce()).rejects.toThrow('The walk failed for 1 issues.');
    expect(sizeOf(scene.hinted)).toEqual([104, 104]);
    expect(scene.logged).toEqual([
      [
        'walking an issue failed',
        { issueId: 'issue 2', error: expect.objectContaining({ name: 'ZodError' }) },
      ],
    ]);
    expect(JSON.stringify(scene.logged)).not.toContain('DROP TABLE');
    expect(await scene.cursor()).not.toHaveProperty('issueId');
  });

  it('stops after a page if every issue fails, and continues in the next run', async () => {
    const scene = await aScene(makePlace);
    await scene.putIssues(230);
    await expect(scene.walkOnce(() => Promise.reject(new Error('the queue is down')))).rejects.toThrow(
      'The walk failed for 100 issues.',
    );
    expect(await scene.walkOnce()).toMatchObject({ walked: 130 });
  });

  it('docs/lessons.md 46: does not overwrite the place of another run that is further', async () => {
    const scene = await aScene(makePlace);
    await scene.putIssues(230);
    let place: unknown;
    const first = await scene.walkOnce(async () => {
      if (scene.hinted.length > 1) return;
      await scene.walkOnce(() => scene.clock.advance(WALK_MS / 150));
      place = (await scene.cursor())?.issueId;
    });
    expect(first.walked).toBeLessThanOrEqual(100);
    expect(place).toBeDefined();
    expect((await scene.cursor())?.issueId).toBe(place);
  });

  it.each([
    ['has not left the first page', 0],
    ['is in the middle', 120],
  ])('docs/lessons.md 46: a save of the settings restarts a walk that %s', async (_, behind) => {
    const scene = await aScene(makePlace);
    await scene.putIssues(230);
    await scene.walkOnce(async () => {
      if (scene.hinted.length === behind + 1) await scene.reset();
      await scene.clock.advance(WALK_MS / 150);
    });
    expect(await scene.cursor()).not.toHaveProperty('issueId');
    scene.hinted.length = 0;
    expect((await scene.walkOnce()).walked).toBe(230);
  });

  it('begins at once after a save of the settings', async () => {
    const scene = await aScene(makePlace);
    await scene.putIssues(150);
    await scene.walkOnce();
    await scene.reset();
    expect((await scene.walkOnce()).walked).toBe(150);
  });

  it('begins a lap ten minutes after the start of the last one, however many runs that had', async () => {
    const scene = await aScene(makePlace);
    await scene.putIssues(150);
    const { walked } = await scene.walkOnce(() => scene.clock.advance(WALK_MS / 60));
    expect(walked).toBeLessThan(100);
    await scene.clock.advance(LAP_MS - 2 * WALK_MS);
    expect(await scene.walkOnce()).toMatchObject({ walked: 150 - walked });
    expect((await scene.walkOnce()).walked).toBe(0);
    await scene.clock.advance(2 * WALK_MS);
    expect((await scene.walkOnce()).walked).toBe(150);
  });

  it('is restarted by the previous version, too', async () => {
    const scene = await aScene(makePlace);
    await scene.putIssues(230);
    await scene.walkOnce(() => scene.clock.advance(WALK_MS / 150));
    await scene.documents.send(
      new UpdateCommand({
        TableName: scene.tables.approvalTableName,
        Key: { pk: 'SWEEP', sk: 'CURSOR' },
        UpdateExpression: 'REMOVE issueId',
      }),
    );
    expect((await scene.walkOnce()).walked).toBe(230);
  });
}
