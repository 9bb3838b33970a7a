import type { Page } from 'playwright-core';
import { aPlace, startStackProcess } from '../support/running-stack.ts';
import { launchBrowser } from './browser.ts';

const TIMEOUT_MS = 20_000;

export interface OpenConsole {
  page: Page;
  url: string;
  /** What went wrong in any page of this browser: errors, and whatever a policy kept out. */
  troubles: string[];
  close(): Promise<void>;
}

/** A stack as a user starts it, and its console in a browser. */
export async function openConsole(executablePath: string): Promise<OpenConsole> {
  const place = await aPlace();
  const stack = startStackProcess(place.env);
  const browser = await launchBrowser(executablePath);
  const troubles: string[] = [];
  async function close(): Promise<void> {
    await browser.close();
    await stack.stop();
    await place.remove();
  }
  try {
    const url = (await stack.waitFor(/Console +(http:\S+)/))[1] ?? '';
    const context = await browser.newContext();
    context.setDefaultTimeout(TIMEOUT_MS);
    context.on('weberror', (error) => troubles.push(error.error().message));
    context.on('console', (message) => {
      if (message.type() === 'error') troubles.push(message.text());
    });
    return { page: await context.newPage(), url, troubles, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits until an element of this name says so. */
export const waitForText = (page: Page, testId: string, text: string | RegExp): Promise<void> =>
  page.getByTestId(testId).filter({ hasText: text }).first().waitFor();
