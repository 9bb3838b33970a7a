import { relative } from 'node:path';
import type { Story, StoryLine } from '../frabit/story.ts';
import { OA_NODE } from '../names.ts';
import type { FeishuAppValues } from './config.ts';
import type { Enabled } from './enable-feishu.ts';
import type { LocalStack } from './stack.ts';
import { requestUrl } from './stack-outputs.ts';

/** Returns what `npm start` prints when everything runs: each URL, and the four values of the simulated app. */
export function welcome(stack: LocalStack, logFile: string, tookMs: number): string {
  const { feishu } = stack;
  const rows: [string, string][] = [
    ['Console', stack.frontUrl],
    ...(feishu.inboxUrl ? [['Feishu inbox', feishu.inboxUrl] satisfies [string, string]] : []),
    ['OA inbox', `${stack.oa.url}/  ${oaHint(stack)}`],
    [
      feishu.inboxUrl ? 'Feishu simulator' : 'Feishu',
      `${feishu.url}${feishu.larkUrl ? `  (for Lark apps: ${feishu.larkUrl})` : ''}`,
    ],
    ['DynamoDB Local', `${stack.dynamoDbUrl}  tables frabit-issues, frabit-approvals`],
    ['Events', eventsRow(stack)],
    ...(feishu.enabled ? [['Definition', definitionRow(feishu.enabled)] satisfies [string, string]] : []),
    ...(feishu.inboxUrl && feishu.app ? appRows(feishu.app) : []),
    ...(stack.oa.signingSecret
      ? [['OA signing secret', stack.oa.signingSecret] satisfies [string, string]]
      : []),
    ['Function logs', relative(process.cwd(), logFile)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    '',
    'Frabit IM approvals on this machine',
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    '',
    `Ready after ${(tookMs / 1000).toFixed(1)} s. ${nextStep(stack)}`,
    '',
    '',
  ].join('\n');
}

function eventsRow({ frontUrl, feishu }: LocalStack): string {
  const known = feishu.inboxUrl !== undefined && feishu.enabled !== undefined;
  return `${requestUrl(frontUrl)}  ${known ? '(already entered in the simulator)' : '(the request URL for the Feishu console)'}`;
}

const oaHint = ({ oa }: LocalStack): string =>
  oa.signingSecret ? '(also its endpoint)' : `(an external approval node, ${OA_NODE.nodeId})`;

const definitionRow = ({ approvalCode, created }: Enabled): string =>
  `${approvalCode}${created ? '  created now' : ''}`;

/** Another terminal does not have PORT: the command there needs the address. */
const localFlag = (frontUrl: string): string =>
  frontUrl === 'http://127.0.0.1:3000' ? '--local' : `--local ${frontUrl}`;

const nextStep = ({ feishu, frontUrl }: LocalStack): string =>
  feishu.enabled
    ? 'Open the console, or run "npm run demo" in another terminal; Ctrl-C ends it.'
    : `Ctrl-C ends it.\n\nNothing is enabled yet: npx frabit-im enable ${localFlag(frontUrl)}`;

const appRows = (app: FeishuAppValues): [string, string][] => [
  ['App ID', app.appId],
  ['App secret', app.appSecret],
  ['Encrypt key', app.encryptKey],
  ['Verification token', app.verificationToken],
];

/** Prints every line of the story when it is added, with the time since its cause. */
export function printStory(story: Story, print: (text: string) => void): void {
  for (const line of story.lines()) print(`${storyLineText(line)}\n`);
  story.subscribe((line) => print(`${storyLineText(line)}\n`));
}

function storyLineText({ since, issueId, text }: StoryLine): string {
  const time = `+${(since / 1000).toFixed(3)} s`;
  return `${time.padStart(11)}  ${issueId ?? 'stack'}  ${text}`;
}
