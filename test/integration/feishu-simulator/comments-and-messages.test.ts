import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Caller, startCaller } from './raw-caller.ts';

const post = (caller: Caller, code: string, author: string, body: unknown) =>
  caller.call('POST', `/approval/v4/instances/${code}/comments?user_id_type=open_id&user_id=${author}`, body);
const saying = (text: string) => ({ content: JSON.stringify({ text }) });

describe('a comment', () => {
  test('by the bot is on the instance, also after it is closed, and a repeat is a second comment', async () => {
    const caller = await startCaller();
    const code = await caller.createInstance();
    const bot = await caller.botOpenId();
    caller.simulator.control.withdraw(code);
    for (const text of ['withdrawn', 'withdrawn'])
      expect((await post(caller, code, bot, saying(text))).code).toBe(0);
    expect(await caller.getInstance(code)).toMatchObject({
      comment_list: [
        { comment: 'withdrawn', open_id: bot },
        { comment: 'withdrawn', open_id: bot },
      ],
    });
  });

  test('can be answered, and edited by its author only; the list shows both', async () => {
    const caller = await startCaller();
    const code = await caller.createInstance();
    const [asker, boss] = [await caller.openId('asker@example.com'), await caller.openId('boss@example.com')];
    const { body } = await post(caller, code, asker, saying('why?'));
    const { comment_id } = z.object({ comment_id: z.string() }).parse(body.data);
    await post(caller, code, boss, { ...saying('because'), parent_comment_id: comment_id });
    expect((await post(caller, code, boss, { ...saying('mine'), comment_id })).code).toBe(1390001);
    expect((await post(caller, code, asker, { ...saying('why not?'), comment_id })).code).toBe(0);
    const list = await caller.call('GET', `/approval/v4/instances/${code}/comments?user_id=${asker}`);
    expect(list.body.data).toMatchObject({
      comments: [
        { content: '{"text":"why not?"}', commentator: asker, replies: [{ content: '{"text":"because"}' }] },
      ],
    });
  });

  test('needs a known author', async () => {
    const caller = await startCaller();
    const code = await caller.createInstance();
    for (const author of ['', 'ou_x']) {
      expect(await post(caller, code, author, saying('x'))).toMatchObject({ status: 400, code: 1390001 });
      const list = await caller.call('GET', `/approval/v4/instances/${code}/comments?user_id=${author}`);
      expect(list).toMatchObject({ status: 400, code: 1390001 });
    }
  });

  test.each([
    ['no content', {}],
    ['content that is no string', { content: { text: 'x' } }],
    ['content that is no JSON', { content: 'x' }],
    ['content without text', { content: '{}' }],
    ['empty text', { content: '{"text":""}' }],
    ['a reply to an unknown comment', { ...saying('x'), parent_comment_id: '1' }],
  ])('is refused with %s', async (_, body) => {
    const caller = await startCaller();
    const code = await caller.createInstance();
    expect(await post(caller, code, await caller.botOpenId(), body)).toMatchObject({
      status: 400,
      code: 1390001,
    });
  });

  test('on an unknown instance is refused', async () => {
    const caller = await startCaller();
    expect(await post(caller, 'NONE', await caller.botOpenId(), saying('x'))).toMatchObject({
      code: 1390003,
    });
  });
});

describe('a message', () => {
  const send = async (caller: Caller, changes: Record<string, unknown> = {}, type = 'open_id') => {
    const receive_id = await caller.openId('boss@example.com');
    const body = { receive_id, msg_type: 'text', content: '{"text":"ring"}', ...changes };
    return caller.call('POST', `/im/v1/messages?receive_id_type=${type}`, body);
  };

  test('reaches a person by open_id or by e-mail', async () => {
    const caller = await startCaller();
    expect((await send(caller)).body.data).toMatchObject({ message_id: expect.stringMatching(/^om_/) });
    expect((await send(caller, { receive_id: 'boss@example.com' }, 'email')).code).toBe(0);
    expect(caller.simulator.control.messages()).toHaveLength(2);
  });

  test('of one uuid is sent at most once an hour, whatever its content', async () => {
    const caller = await startCaller();
    const first = await send(caller, { uuid: 'u' });
    const second = await send(caller, { uuid: 'u', content: '{"text":"other"}' });
    expect(second.body.data).toEqual(first.body.data);
    caller.clock.advance(3_600_000);
    await send(caller, { uuid: 'u' });
    expect(caller.simulator.control.messages()).toHaveLength(2);
  });

  test.each([
    ['an unknown receiver', { receive_id: 'ou_x' }, 'open_id', 230034],
    ['an unknown type of receiver', {}, 'phone', 230001],
    ['a group the bot is not in', { receive_id: 'oc_x' }, 'chat_id', 230002],
    ['content that is no JSON', { content: 'x' }, 'open_id', 230001],
    ['an unknown message type', { msg_type: 'card' }, 'open_id', 230001],
    ['a uuid of 51 characters', { uuid: 'x'.repeat(51) }, 'open_id', 230001],
    [
      'a card over 30 KB',
      { msg_type: 'interactive', content: JSON.stringify('x'.repeat(30 * 1024)) },
      'open_id',
      230025,
    ],
    ['a text over 150 KB', { content: JSON.stringify({ text: 'x'.repeat(150 * 1024) }) }, 'open_id', 230025],
  ])('is refused with %s', async (_, changes, type, code) => {
    expect(await send(await startCaller(), changes, type)).toMatchObject({ status: 400, code });
  });

  test('to somebody who resigned, or from a bot that is off, is refused', async () => {
    const caller = await startCaller();
    caller.simulator.control.setBotEnabled(false);
    expect((await send(caller)).code).toBe(230006);
    caller.simulator.control.setBotEnabled(true);
    const receive_id = await caller.openId('gone@example.com');
    caller.simulator.control.setPersonState('gone@example.com', 'RESIGNED');
    expect((await send(caller, { receive_id })).code).toBe(230013);
  });

  test('is refused if it is the sixth to one person within a second', async () => {
    const caller = await startCaller();
    for (let sent = 0; sent < 5; sent += 1) expect((await send(caller)).code).toBe(0);
    expect(await send(caller)).toMatchObject({ status: 429, code: 99991400 });
    expect((await send(caller, { receive_id: await caller.openId('other@example.com') })).code).toBe(0);
    caller.clock.advance(1000);
    expect((await send(caller)).code).toBe(0);
  });
});
