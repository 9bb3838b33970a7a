import { resolve } from 'node:path';
import { aPlace, startStackProcess } from '../support/running-stack.ts';
import { browserPath, launchBrowser } from './browser.ts';

/** Takes the screenshots in docs/images/ again: `npx node test/e2e/take-screenshots.ts`. */

const DIRECTORY = resolve(import.meta.dirname, '../../docs/images');
const VIEWPORT = { width: 1280, height: 900 };

const executablePath = browserPath();
if (!executablePath) throw new Error('Install Chromium, or set CHROMIUM_PATH.');
const place = await aPlace();
const stack = startStackProcess(place.env);
const browser = await launchBrowser(executablePath);
try {
  const consoleUrl = (await stack.waitFor(/Console +(http:\S+)/))[1] ?? '';
  const inboxUrl = (await stack.waitFor(/Feishu inbox +(http:\S+)/))[1] ?? '';
  const page = await browser.newPage({ viewport: VIEWPORT });
  const inbox = await browser.newPage({ viewport: VIEWPORT });
  await page.goto(consoleUrl);
  await page.getByTestId('approval-state').filter({ hasText: 'PENDING' }).waitFor();
  await inbox.goto(`${inboxUrl}?email=dba@example.com&language=en-US`);
  await inbox.getByTestId('pending').getByTestId('approve').click();
  await page.getByTestId('run').and(page.locator(':enabled')).click();
  await page.getByTestId('approval-lead').filter({ hasText: 'Waiting for dba@example.com' }).waitFor();
  await page.mouse.move(0, 0);
  await page.screenshot({ path: resolve(DIRECTORY, 'console.png') });
  // Opens a new page, because the other one has scrolled.
  const fresh = await browser.newPage({ viewport: VIEWPORT });
  await fresh.goto(inbox.url());
  await fresh.getByTestId('pending').getByTestId('card').first().waitFor();
  await fresh.screenshot({ path: resolve(DIRECTORY, 'inbox.png') });
  const oaInboxUrl = (await stack.waitFor(/OA inbox +(http:\S+)/))[1] ?? '';
  await page.getByTestId('new-oa-issue').click();
  await page.getByTestId('step-lead-oa').filter({ hasText: 'Waiting in the OA' }).waitFor();
  const oa = await browser.newPage({ viewport: VIEWPORT });
  await oa.goto(oaInboxUrl);
  await oa.getByTestId('pending').getByTestId('card').first().waitFor();
  await oa.screenshot({ path: resolve(DIRECTORY, 'oa-inbox.png') });
} finally {
  await browser.close();
  await stack.stop();
  await place.remove();
}
