import { beforeEach, describe, expect, it } from 'vitest';
import { ASSIGNEE, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { useCore } from '../../support/use-core.ts';

/** Lessons (docs/lessons.md) about the texts that Feishu receives, and about our credentials. */

const theCore = useCore();
let core: Core;
beforeEach(() => {
  core = theCore();
});

const approval = async () => (await core.record(ISSUE)).stageApprovals?.['stage-1'];

describe('a form with difficult characters (docs/lessons.md 11)', () => {
  const title = 'Say "no" to \\ \'quotes\',\n\tnew lines, {"json": [true]} and 订单 👨‍👩‍👧‍👦 %s @i18n@title';
  // Almost every position in it is inside a character of several code points.
  const lines = Array.from({ length: 10_000 }, (_, row) =>
    row % 4 === 0 ? `UPDATE 订单 SET n=${row};` : '--👩🏽‍🚒👩🏽‍🚒',
  );

  it.each(['zh-CN', 'en-US'] as const)(
    'is accepted by Feishu, shows the whole title in %s, and cuts the SQL between characters',
    async (language) => {
      const tasks = [aTask({ title, statement: lines.join('\n') })];
      await core.write(anIssue({ title, stages: [aStage({ title, tasks })] }));
      const card = core.card();
      const field = (id: string) => card.form.find((one) => one.id === id)?.value[language] ?? '';

      // A line break in a title is escaped, because it must not look like the next field.
      const asShown = title.replace('\n\t', '\\u{A}\\u{9}');
      expect(card.title[language]).toContain(asShown);
      expect(field('tasks')).toContain(asShown);
      const pages = card.form.filter(({ id }) => /^sql(_\d+)?$/.test(id)).map(({ value }) => value[language]);
      const all = pages.join('\n').split('\n');
      const shown = all.filter((line) => !line.startsWith('▌')).join('\n');
      expect(lines.join('\n').startsWith(shown)).toBe(true);
      expect(shown.length).toBeGreaterThan(10_000);
      expect(shown.isWellFormed()).toBe(true);
      // No grapheme is cut in two.
      const whole = [...new Intl.Segmenter().segment(lines.join('\n'))];
      expect(whole.some(({ index }) => index === shown.length)).toBe(true);
      expect(all.at(-1)).toMatch(/^▌.*10,000/);
      expect(field('left_out')).toMatch(/\d,\d{3}/);
    },
  );

  it('can be approved like any other', async () => {
    await core.write(
      anIssue({ title, stages: [aStage({ tasks: [aTask({ title, statement: lines.join('\n') })] })] }),
    );
    const card = core.card();
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core.receiveEvent(card, 'APPROVED');
    expect((await core.record(ISSUE)).stages[0]?.tasks[0]?.status).toBe('PENDING');
  });
});

describe('credentials (docs/lessons.md 12)', () => {
  it('whose token expires during an approval are renewed once, without an effect on it', async () => {
    await core.write(anIssue());
    const card = core.card();
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    core.simulator.control.expireTokens();
    core.simulator.control.resetCalls();
    await core.receiveEvent(card, 'APPROVED');
    expect(core.simulator.control.calls()).toMatchObject({
      calls: { token: 1, getInstance: 2 },
      refused: { getInstance: 1 },
    });
    expect(await approval()).toMatchObject({ state: 'APPROVED' });
  });

  it('of an app that the host does not know, such as a Feishu app at Lark, lead to an error on the record', async () => {
    const here = core.settings;
    await core.saveSettings({ ...here, appId: 'cli_00000000000000ff' });
    await core.write(anIssue());
    const waiting = await approval();
    expect(waiting).toMatchObject({ state: 'REQUESTED', error: { code: 'FEISHU_SETUP' } });
    expect(waiting?.error?.message).toContain('that the app is on this platform (Feishu or Lark)');
    const { appSecret, encryptKey, verificationToken } = core.simulator.app;
    for (const value of [appSecret, encryptKey, verificationToken]) {
      expect(waiting?.error?.message).not.toContain(value);
    }
    expect(core.simulator.control.instances()).toHaveLength(0);
  });
});
