import { resolve } from 'node:path';
import { browserPath, launchBrowser } from '../e2e/browser.ts';
import { synthesise } from '../infra/synthesised-stack.ts';
import type { AlarmState } from './alarm-state.ts';
import { readDashboard } from './dashboard-body.ts';
import { drawDashboard, PAGE_WIDTH } from './draw-dashboard.ts';
import { startDrillStack } from './drill-stack.ts';
import { playPictureStory } from './picture-story.ts';
import { alarmNames, STACK_NAME } from './template-alarms.ts';

/**
 * Draws docs/images/dashboard.png: the dashboard of the synthesized template with what the functions emitted in
 * six played hours. `npx node test/drills/draw.ts`, or with the path of another file.
 */

const FILE = resolve(process.argv[2] ?? resolve(import.meta.dirname, '../../docs/images/dashboard.png'));

async function main(executablePath: string): Promise<void> {
  const stack = await startDrillStack(STACK_NAME);
  let page: string;
  try {
    const states: ReadonlyMap<string, AlarmState> = await playPictureStory(stack);
    const names = alarmNames();
    page = drawDashboard({
      body: readDashboard(synthesise(), STACK_NAME),
      store: stack.store,
      alarms: new Map([...states].map(([id, state]) => [id, { name: names.get(id) ?? id, state }])),
      now: stack.now(),
    });
  } finally {
    await stack.stop();
  }
  const browser = await launchBrowser(executablePath);
  try {
    const tab = await browser.newPage({ viewport: { width: PAGE_WIDTH, height: 900 } });
    await tab.setContent(page);
    await tab.screenshot({ path: FILE, fullPage: true });
  } finally {
    await browser.close();
  }
}

const executablePath = browserPath();
if (!executablePath) throw new Error('Install Chromium, or set CHROMIUM_PATH.');
await main(executablePath);
