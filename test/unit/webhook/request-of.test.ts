import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, it } from 'vitest';
import { requestOf } from '../../../functions/receive-feishu-events/http.ts';

it('ignores a body or a header that is not a text', () => {
  const odd: object = {
    body: 5,
    headers: { 'x-lark-signature': null, 'x-lark-request-nonce': ['a'], host: 'h' },
  };

  expect(requestOf(odd as APIGatewayProxyEventV2)).toEqual({ headers: { host: 'h' }, body: Buffer.from('') });
});
