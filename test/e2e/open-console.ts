import type { Page } from 'playwright-core';
import { aPlace, startStackProcess } from '../support/running-stack.ts';
import { launchBrowser } from './browser.ts';

const TIMEOUT_MS = 20_000;

export interface OpenConsole {
  page: Page;
  url: string;
  /** Errors in any page of the browser, also those of the content security policy. */
  errors: string[];
  close(): Promise<void>;
}

/** Starts a stack as a user does, and opens its console in a browser. */
export async function openConsole(executablePath: string): Promise<OpenConsole> {
  const place = await aPlace();
  const stack = startStackProcess(place.env);
  const browser = await launchBrowser(executablePath);
  const errors: string[] = [];
  async function close(): Promise<void> {
    await browser.close();
    await stack.stop();
    await place.remove();
  }
  try {
    const url = (await stack.waitFor(/Console +(http:\S+)/))[1] ?? '';
    const context = await browser.newContext();
    context.setDefaultTimeout(TIMEOUT_MS);
    context.on('weberror', (error) => errors.push(error.error().message));
    context.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    return { page: await context.newPage(), url, errors, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits until an element with this test id contains the text. */
export const waitForText = (page: Page, testId: string, text: string | RegExp): Promise<void> =>
  page.getByTestId(testId).filter({ hasText: text }).first().waitFor();
