import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath } from './browser.ts';
import { type OpenConsole, openConsole, waitForText as waitForTextOn } from './open-console.ts';

const executablePath = browserPath();

describe('this machine', () => {
  it('has a browser for the end-to-end tests, except outside CI', () => {
    if (!executablePath) {
      console.warn('No Chromium found: the end-to-end tests did not run. Install it, or set CHROMIUM_PATH.');
    }
    expect(executablePath !== undefined || process.env.CI !== 'true').toBe(true);
  });
});

describe.runIf(executablePath)('the local stack in a browser', () => {
  let opened: OpenConsole;
  let page: Page;

  beforeAll(async () => {
    opened = await openConsole(executablePath ?? '');
    page = opened.page;
  });
  afterAll(() => opened?.close());

  const waitForText = (testId: string, text: string) => waitForTextOn(page, testId, text);

  it('shows the demo issue with its SQL, PENDING in Feishu', async () => {
    await page.goto(opened.url);
    await waitForText('title', 'Add loyalty points to customers');
    await waitForText('task-add-column', 'ALTER TABLE customers');
    await waitForText('approval-state', 'PENDING');
    await waitForText('status-backfill', 'PENDING_APPROVAL');
    expect(await page.getByTestId('run').isDisabled()).toBe(true);
  });

  it('shows the tasks as PENDING after one click in the inbox', async () => {
    const [inbox] = await Promise.all([page.waitForEvent('popup'), page.getByTestId('open-inbox').click()]);
    const card = inbox.getByTestId('pending').getByTestId('card');
    await card.filter({ hasText: 'ADD COLUMN loyalty_points' }).waitFor();
    await card.getByTestId('approve').click();
    await waitForText('approval-state', 'APPROVED');
    await page.getByTestId('status-add-column').getByText('PENDING', { exact: true }).waitFor();
    await page.getByTestId('status-backfill').getByText('PENDING', { exact: true }).waitFor();
    await waitForText('approval-lead', 'dba@example.com approved the whole stage.');
    await inbox.close();
  });

  it('sends the next stage when this one has run', async () => {
    await page.getByTestId('run').click();
    await waitForText('approval-lead', 'Waiting for dba@example.com');
    await waitForText('stage-staging', 'wait for approval');
    await waitForText('stage-test', 'run');
  });

  it('withdraws the card and sends a new one when the SQL is edited, and shows markup as text', async () => {
    const statement = '<img src=x onerror="document.title=1"> SELECT 1;';
    await page.getByTestId('edit-backfill').click();
    await page.getByTestId('statement-input').fill(statement);
    await page.getByTestId('save-statement').click();
    await waitForText('task-backfill', statement);
    await waitForText('story', 'trigger STATEMENT_CHANGED');
    await waitForText('approval-state', 'PENDING');
    expect(await page.locator('#detail img').count()).toBe(0);
  });

  it('sends a new card when the assignee changes, and when the creator rings', async () => {
    await page.getByTestId('change-assignee').click();
    await page.getByTestId('assignee-input').fill('lead@example.com');
    await page.getByTestId('save-assignee').click();
    await waitForText('approval-lead', 'Waiting for lead@example.com');
    await page.getByTestId('ring').click();
    await waitForText('bell', 'rung 1×');
    await waitForText('story', 'trigger BELL');
  });

  it('withdraws the card when the issue is closed', async () => {
    await page.getByTestId('close').click();
    await waitForText('issue-status', 'CANCELED');
    await waitForText('approval-state', 'WITHDRAWN');
    await waitForText('approval-lead', 'Withdrawn: issue closed.');
  });

  it('causes no error in the browser, and loads nothing from other servers', () => {
    expect(opened.errors).toEqual([]);
  });
});
