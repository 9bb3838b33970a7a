import { describe, expect, it } from 'vitest';
import { isReasonToLook } from '../../../shared/approval/plan/event-hints.ts';
import { anInstanceEvent, aSecondEvent } from '../../support/feishu-push.ts';
import { OK, useWebhook } from '../../support/use-webhook.ts';

/** Events in the shapes that Feishu sends in reality, documented or not (docs/feishu.md 4.2a). */

const { app, push, stored } = useWebhook();

const SECOND_INSTANCE = 'approval.instance.status_changed_v4';
const SECOND_TASK = 'approval.task.status_changed_v4';
const KNOWN = { kind: 'FEISHU_EVENT', issueId: 'issue-2', approvalId: 'second', instanceCode: 'KNOWN' };

/** An `approval_task` of 1.0, as Feishu delivers it. */
const aTaskEvent = (event: Record<string, unknown> = {}, envelope: Record<string, unknown> = {}) =>
  anInstanceEvent(
    app,
    {
      type: 'approval_task',
      instance_code: 'KNOWN',
      open_id: 'ou_assignee',
      user_id: 'f7cb567e',
      task_id: '7',
      custom_key: 'frabit-approval',
      def_key: 'a1',
      extra: '',
      ...event,
    },
    envelope,
  );

let events = 0;
/** A new event each time, because repeats are stored once. */
const another = () => ({ uuid: `shape-${++events}` });

describe('an approval_cc', () => {
  it('is answered 200 and not stored', async () => {
    const cc = {
      type: 'approval_cc',
      instance_code: 'KNOWN',
      id: '1',
      operate: 'CREATE',
      create_time: 1666079207003,
    };
    expect(await push(anInstanceEvent(app, cc, another()))).toEqual(OK);
    expect(await stored()).toEqual([]);
  });
});

describe('the inner uuid of 1.0', () => {
  it.each(['our-uuid', 'OUR-UUID', 'Our-Uuid'])('%s finds its approval', async (uuid) => {
    expect(await push(anInstanceEvent(app, { uuid }, another()))).toEqual(OK);
    expect(await stored()).toMatchObject([{ hint: { kind: 'FEISHU_EVENT', approvalId: 'our-uuid' } }]);
  });

  it.each<[string, object]>([
    ['absent, on a task', aTaskEvent({}, another())],
    ['absent, as there was none', anInstanceEvent(app, { instance_code: 'KNOWN' }, another())],
    ['empty', anInstanceEvent(app, { instance_code: 'KNOWN', uuid: '' }, another())],
    ['null', anInstanceEvent(app, { instance_code: 'KNOWN', uuid: null }, another())],
  ])('%s: the instance finds it', async (_name, plain) => {
    expect(await push(plain)).toEqual(OK);
    expect(await stored()).toMatchObject([{ hint: KNOWN }]);
  });
});

describe('members that are missing, unknown or of another type', () => {
  const known = { instance_code: 'KNOWN' };
  it.each<[string, object]>([
    [
      'instance_operate_time missing',
      anInstanceEvent(app, { ...known, instance_operate_time: undefined }, another()),
    ],
    ['generate_type empty', aTaskEvent({ generate_type: '' }, another())],
    [
      'members that nobody documents',
      anInstanceEvent(app, { ...known, news: { a: [1] } }, { ...another(), more: 1 }),
    ],
    ['operate_time a number', anInstanceEvent(app, { ...known, operate_time: 1666079207003 }, another())],
    ['user_id and open_id empty', aTaskEvent({ user_id: '', open_id: '' }, another())],
    ['user_id and open_id absent', aTaskEvent({ user_id: undefined, open_id: undefined }, another())],
    ['ts a number', anInstanceEvent(app, known, { ...another(), ts: 1666079224 })],
  ])('do no harm: %s', async (_name, plain) => {
    expect(await push(plain)).toEqual(OK);
    expect(await stored()).toMatchObject([{ hint: KNOWN }]);
  });

  it.each(['INIT', 'PREPROCESS', 'CREATED', 'INNER_PROCESSING'])(
    'a status that nobody documents is kept as it came, and asks for a look: %s',
    async (status) => {
      expect(await push(anInstanceEvent(app, { ...known, status }, another()))).toEqual(OK);
      expect(await stored()).toMatchObject([{ hint: { ...KNOWN, status } }]);
      expect(isReasonToLook(status)).toBe(true);
    },
  );
});

describe('envelope 2.0', () => {
  const said = { instance_code: 'KNOWN', external_id: 'ours', operate_time: '1666079207003' };

  it.each([
    [SECOND_INSTANCE, 'INSTANCE', { start_user: { open_id: 'ou_creator' } }],
    [SECOND_TASK, 'TASK', { task_id: '7', task_external_id: 'x', assigned_user: { open_id: 'ou_assignee' } }],
  ])('%s has external_id and no uuid: the instance finds it', async (type, about, more) => {
    expect(await push(aSecondEvent(app, type, { ...said, ...more }, { event_id: `e-${type}` }))).toEqual(OK);
    expect(await stored()).toMatchObject([
      { hint: { ...KNOWN, about, status: 'APPROVED' }, deduplicationId: `e-${type}` },
    ]);
  });

  it.each<[string, unknown]>([
    ['absent', undefined],
    ['null', null],
    ['empty', ''],
  ])('without an event_id (%s) is stored once, even if it comes several times', async (name, event_id) => {
    const event = { ...said, task_id: name };
    const delivered = (create_time: string) =>
      aSecondEvent(app, SECOND_TASK, event, { event_id, create_time });

    expect(await push(delivered('1666079207003'))).toEqual(OK);
    // The header may differ when an event comes again.
    expect(await push(delivered('1666079222003'))).toEqual(OK);
    expect(await push(aSecondEvent(app, SECOND_TASK, { ...event, status: 'DONE' }, { event_id }))).toEqual(
      OK,
    );

    const hints = await stored();
    expect(hints).toMatchObject([{ hint: { ...KNOWN, status: 'APPROVED' } }, { hint: { status: 'DONE' } }]);
    expect(hints[0]?.deduplicationId).toMatch(/^[0-9a-f]{64}$/);
    expect(hints[0]?.deduplicationId).toBe(hints[0]?.hint.kind === 'FEISHU_EVENT' && hints[0].hint.eventId);
  });

  it('without an event_id, of an instance and of a task, are two', async () => {
    for (const type of [SECOND_INSTANCE, SECOND_TASK]) {
      expect(await push(aSecondEvent(app, type, { ...said, of: 'both' }, { event_id: undefined }))).toEqual(
        OK,
      );
    }
    expect(await stored()).toHaveLength(2);
  });

  it('without an id in 1.0 is refused, because 1.0 always has one', async () => {
    expect(await push(anInstanceEvent(app, said, { uuid: undefined }))).toMatchObject({ statusCode: 400 });
  });
});

describe('a revocation under another instance code', () => {
  const revocation = (event: Record<string, unknown>, event_id: string) =>
    aSecondEvent(app, SECOND_INSTANCE, { instance_code: 'REVOKING', ...event }, { event_id });

  it.each(['PENDING', 'APPROVED', 'REVERTED'])(
    'finds the approval of the original, as REVERTED whatever its own status (%s)',
    async (status) => {
      expect(await push(revocation({ status, reverted_instance_code: 'KNOWN' }, `r-${status}`))).toEqual(OK);
      expect(await stored()).toMatchObject([{ hint: { ...KNOWN, status: 'REVERTED' } }]);
    },
  );

  it('is left to the worker with the code of the original, if that is not known yet', async () => {
    expect(await push(revocation({ reverted_instance_code: 'NEW' }, 'r-new'))).toEqual(OK);
    expect(await stored()).toMatchObject([
      { hint: { kind: 'UNKNOWN_INSTANCE', instanceCode: 'NEW', status: 'REVERTED' } },
    ]);
  });

  it.each<[string, unknown]>([
    ['empty', ''],
    ['null', null],
    ['its own', 'KNOWN'],
    ['no text', 5],
    ['too long to be one', 'x'.repeat(129)],
  ])(
    'is an event like any other when the code of the original is %s',
    async (name, reverted_instance_code) => {
      const event = { instance_code: 'KNOWN', reverted_instance_code };
      expect(await push(revocation(event, `r-${name}`))).toEqual(OK);
      expect(await stored()).toMatchObject([{ hint: { ...KNOWN, status: 'APPROVED' } }]);
    },
  );
});
