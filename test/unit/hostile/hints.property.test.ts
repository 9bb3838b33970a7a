import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { afterAll, beforeEach, expect, it } from 'vitest';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { createWorkQueue, parseHint } from '../../../shared/approval/work-queue.ts';
import { TRIGGERS } from '../../../shared/issue/triggers.ts';
import { AppError } from '../../../shared/runtime/errors.ts';
import { hostileJson, hostileMembers } from '../../support/hostile-json.ts';

const sqs = mockClient(SQSClient);
beforeEach(() => {
  sqs.reset();
  sqs.on(SendMessageCommand).resolves({});
});
afterAll(() => sqs.restore());

it('any text is a hint or throws BAD_HINT', () => {
  const kinds = fc.constantFrom('RECORD_CHANGED', 'FEISHU_EVENT', 'UNKNOWN_INSTANCE', 'DUE', '__proto__');
  const almost = fc
    .tuple(kinds, hostileMembers('issueId'))
    .map(([kind, members]) => members.replace('{', `{"kind":"${kind}","triggers":[],"approvalIds":[],`))
    .map((text) => text.replaceAll(/,+\}/g, '}'));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), hostileJson(), almost), (body) => {
      try {
        expect(['RECORD_CHANGED', 'FEISHU_EVENT', 'UNKNOWN_INSTANCE', 'DUE']).toContain(parseHint(body).kind);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect(error).toMatchObject({ code: 'BAD_HINT', retryable: false });
      }
    }),
    { numRuns: 2_000 },
  );
});

const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 128 });
const spoken = {
  eventId: id,
  appId: id,
  definitionCode: id,
  instanceCode: id,
  about: fc.constantFrom('INSTANCE' as const, 'TASK' as const),
  status: fc.string({ unit: 'binary' }),
};
const hint: fc.Arbitrary<Hint> = fc.oneof(
  fc.record({
    kind: fc.constant('RECORD_CHANGED' as const),
    issueId: id,
    triggers: fc.subarray([...TRIGGERS]),
    arrived: fc.record({ stageId: id, bellSeq: fc.nat() }),
  }),
  fc.record({ kind: fc.constant('FEISHU_EVENT' as const), issueId: id, approvalId: id, ...spoken }),
  fc.record({ kind: fc.constant('UNKNOWN_INSTANCE' as const), ...spoken }),
  fc.record({ kind: fc.constant('DUE' as const), issueId: id, approvalIds: fc.array(id) }),
);

it('every hint passes the queue unchanged, with ids that SQS accepts, whatever characters its own ids have', async () => {
  const queue = createWorkQueue({ sqs: new SQSClient({ region: 'us-east-1' }), queueUrl: 'http://queue' });
  await fc.assert(
    fc.asyncProperty(hint, fc.string({ unit: 'binary' }), async (sent, deduplicationId) => {
      sqs.resetHistory();
      await queue.send(sent, deduplicationId);
      const input = sqs.commandCalls(SendMessageCommand)[0]?.args[0].input;
      expect(parseHint(input?.MessageBody ?? '')).toEqual(sent);
      expect(input?.MessageBody).toMatch(/^[ -~]+$/);
      expect(input?.MessageGroupId).toMatch(/^[0-9a-f]{64}$/);
      expect(input?.MessageDeduplicationId).toMatch(/^[!-~]{1,128}$/);
    }),
    { numRuns: 1_000 },
  );
});
