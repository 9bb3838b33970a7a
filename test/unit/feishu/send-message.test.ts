import { expect, test } from 'vitest';
import { createFeishuGateway } from '../../../shared/feishu/client.ts';
import { json, stubFetch } from '../../support/feishu-answers.ts';

const SEND = 'POST /im/v1/messages';
const app = { appId: 'cli_a', domain: 'feishu' } as const;
const aMessage = { receiver: 'ou_assignee', text: 'first “line”\nsecond', uuid: 'id-1' };

function sending(answer: () => Response) {
  const feishu = stubFetch({ [SEND]: [answer] });
  const gateway = createFeishuGateway({
    credentials: async () => ({ appSecret: 'top-secret' }),
    fetch: feishu.fetch,
    sleep: async () => {},
  });
  return { feishu, sent: gateway.sendMessage(app, aMessage) };
}

test('sends a message to an open_id as text, with its uuid', async () => {
  const { feishu, sent } = sending(() => json({ code: 0, data: { message_id: 'om_1' } }));
  await sent;
  expect(feishu.requests[1]?.url.search).toBe('?receive_id_type=open_id');
  expect(feishu.requests[1]?.body).toEqual({
    receive_id: 'ou_assignee',
    msg_type: 'text',
    content: JSON.stringify({ text: 'first “line”\nsecond' }),
    uuid: 'id-1',
  });
});

test('tries to send a message only once, because the caller tries again', async () => {
  const { feishu, sent } = sending(() => json({ code: 230049, msg: 'sending' }, 500));
  await expect(sent).rejects.toMatchObject({ code: 'UNAVAILABLE', feishuCode: 230049 });
  expect(feishu.routes().filter((route) => route === SEND)).toHaveLength(1);
});
