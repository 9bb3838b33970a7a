import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { declareStatement } from '../support/secrets.ts';
import { browserPath } from './browser.ts';
import { type OpenConsole, openConsole, waitForText } from './open-console.ts';

const executablePath = browserPath();
const COMMENT = 'In the window of Thursday night.';
const REASON = 'Not before the audit.';
const MARKUP = '<img src=x onerror="document.title=1"> SELECT 1;';
declareStatement(MARKUP);

describe.runIf(executablePath)('an issue with an EXTERNAL step, in a browser', () => {
  let opened: OpenConsole;
  let page: Page;
  let oa: Page;

  beforeAll(async () => {
    opened = await openConsole(executablePath ?? '');
    page = opened.page;
  });
  afterAll(() => opened?.close());

  const pending = () => oa.getByTestId('pending').getByTestId('card');
  const waitForStep = (status: string) => waitForText(page, 'step-status-oa', status);

  it('is held, and the console says why', async () => {
    await page.goto(opened.url);
    await waitForText(page, 'approval-state', 'PENDING');
    await page.getByTestId('new-oa-issue').click();
    await waitForText(page, 'step-lead-oa', 'Waiting in the OA');
    await waitForStep('PENDING');
    await waitForText(page, 'approval-hold', 'A step of the approval flow must be approved first.');
    expect(await page.getByTestId('approval-state').count()).toBe(0);
  });

  it('appears in the OA with the SQL of every stage', async () => {
    [oa] = await Promise.all([page.waitForEvent('popup'), page.getByTestId('open-oa-inbox').click()]);
    expect(await oa.title()).toMatch(/^Demo OA/);
    await pending().waitFor();
    for (const stage of ['test', 'staging', 'production']) {
      const shown = await pending().getByTestId(`stage-${stage}`).innerText();
      expect(shown).toContain('ADD COLUMN loyalty_points');
      expect(shown).toContain('SET c.loyalty_points');
      expect(shown).toMatch(/DDL · .*\/.*DML · /s);
    }
    await waitForText(oa, 'facts', 'Dana Dev (dev@example.com)');
  });

  it('keeps a half-written comment in the OA while other approvals arrive', async () => {
    await pending().getByTestId('comment').fill(COMMENT);
    await page.getByTestId('new-oa-issue').click();
    await waitForText(oa, 'pending-count', '2');
    expect(await pending().last().getByTestId('comment').inputValue()).toBe(COMMENT);
    await page.getByTestId('close').click();
    await waitForText(oa, 'pending-count', '1');
    await waitForText(oa, 'outcome', 'Withdrawn by Frabit');
    await page.getByTestId('issues').getByText('FLOW_PENDING').click();
  });

  it('goes to Feishu after an approval in the OA by keyboard', async () => {
    await pending().getByTestId('comment').focus();
    await oa.keyboard.press('Tab');
    await oa.keyboard.press('Enter');
    await waitForText(oa, 'outcome', `Approved by board@example.com`);
    await waitForText(oa, 'outcome', COMMENT);
    await waitForStep('APPROVED');
    await waitForText(page, 'step-lead-oa', 'board@example.com approved all stages.');
    await waitForText(page, 'step-comment-oa', COMMENT);
    await waitForText(page, 'story', 'step “Change board”: approved by board@example.com');
    await waitForText(page, 'approval-state', 'PENDING');
  });

  it('has PENDING tasks after one click in Feishu', async () => {
    const [inbox] = await Promise.all([page.waitForEvent('popup'), page.getByTestId('open-inbox').click()]);
    const issueId = new URL(page.url()).searchParams.get('issue') ?? '';
    await inbox
      .getByTestId('pending')
      .getByTestId('card')
      .filter({ hasText: issueId })
      .getByTestId('approve')
      .click();
    await waitForText(page, 'approval-lead', 'dba@example.com approved the whole stage.');
    await page.getByTestId('status-backfill').getByText('PENDING', { exact: true }).waitFor();
    await inbox.close();
  });

  it('must be approved in the OA again when its SQL is edited, and the OA shows markup as text', async () => {
    await page.getByTestId('edit-backfill').click();
    await page.getByTestId('statement-input').fill(MARKUP);
    await page.getByTestId('save-statement').click();
    await waitForStep('PENDING');
    await pending().filter({ hasText: MARKUP }).waitFor();
    expect(await oa.locator('img').count()).toBe(0);
  });

  it('stays held when the OA rejects it, with the comment', async () => {
    await pending().getByTestId('comment').fill(REASON);
    await pending().getByTestId('reject').click();
    await waitForStep('REJECTED');
    await waitForText(page, 'step-comment-oa', REASON);
    await waitForText(page, 'approval-hold', 'A step of the approval flow was rejected');
  });

  it.each([1280, 390])('does not overflow at a width of %i', async (width) => {
    for (const each of [page, oa]) {
      await each.setViewportSize({ width, height: 800 });
      expect(await each.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    }
  });

  it('causes no error in the browser, and loads nothing from other servers', () => {
    expect(opened.errors).toEqual([]);
  });
});
