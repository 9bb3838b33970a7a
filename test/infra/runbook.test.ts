import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { anchorsOf, readPage, sectionOf } from '../unit/docs/pages.ts';
import { synthesise } from './synthesised-stack.ts';

/** Each alarm of the stack links to its own section of the runbook. */

const PAGE = 'docs/operate.md';
const PARTS = ['What people notice', 'How to see it', 'What to do', 'When it ends'];

const alarms = synthesise().ofType('AWS::CloudWatch::Alarm');
const descriptionOf = (alarm: (typeof alarms)[number]): string =>
  z.object({ AlarmDescription: z.string() }).parse(alarm.Properties).AlarmDescription;
const anchorOf = (description: string): string | undefined =>
  / Runbook: docs\/operate\.md#([a-z]+)$/.exec(description)?.[1];

const sections = sectionOf(PAGE, 'Alarms')
  .split('\n### ')
  .slice(1)
  .map((section) => {
    const [id = '', ...lines] = section.split('\n');
    return { id, text: lines.join('\n') };
  });

describe('the link in the description of an alarm', () => {
  it('names a section of the runbook, for each alarm another one', () => {
    const anchors = alarms.map((alarm) => anchorOf(descriptionOf(alarm)) ?? alarm.logicalId);
    expect(anchors.toSorted()).toEqual(sections.map(({ id }) => id.toLowerCase()).toSorted());
  });

  it('leads to the heading with the id of the alarm', () => {
    const headings = anchorsOf(readPage(PAGE));
    for (const { id } of sections) {
      expect(headings, id).toContain(id.toLowerCase());
      expect(alarms.filter(({ logicalId }) => logicalId.startsWith(`Alarms${id}Alarm`))).toHaveLength(1);
    }
  });

  it('follows a whole sentence on what people notice', () => {
    for (const alarm of alarms) expect(descriptionOf(alarm)).toMatch(/^[A-Z].{19,}\. Runbook: \S+$/s);
  });

  it('leads to the page that the option runbookUrl names', () => {
    const [alarm] = synthesise({ runbookUrl: 'https://wiki.example.com/frabit' }).ofType(
      'AWS::CloudWatch::Alarm',
    );
    expect(alarm && descriptionOf(alarm)).toMatch(/ Runbook: https:\/\/wiki\.example\.com\/frabit#[a-z]+$/);
  });
});

describe('a section of the runbook', () => {
  it.each(sections)('says what people notice, see and do, and when it ends: $id', ({ text }) => {
    const parts = [...text.matchAll(/^- \*\*(.+?)\.\*\*/gm)].map(([, part]) => part);
    expect(parts).toEqual(PARTS);
  });

  it('is in the list at the top of the alarms', () => {
    const [top = ''] = sectionOf(PAGE, 'Alarms').split('\n### ');
    const listed = [...top.matchAll(/\[(\w+)\]\(#(\w+)\)/g)].map(([, id]) => id);
    expect(listed.toSorted()).toEqual(sections.map(({ id }) => id).toSorted());
  });
});

/** The metrics that the alarms of a lesson watch. */
describe('an alarm watches', () => {
  const watched = JSON.stringify(alarms.map(({ Properties }) => Properties));

  it.each(['FeishuSetupRefused', 'WebhookRefused', 'DecisionFoundByLook'])(
    'that Feishu refuses the app, or its events are refused or missing: %s (docs/lessons.md 44)',
    (metric) => expect(watched).toContain(`"MetricName":"${metric}"`),
  );

  it.each(['HintFailed', 'RecordFailed', 'HintSetAside', 'RecordSetAside'])(
    'what a handler reports as failed while it succeeds: %s (docs/lessons.md 53)',
    (metric) => expect(watched).toContain(`"MetricName":"${metric}"`),
  );
});
