import type { DynamoDBRecord } from 'aws-lambda';
import type { OaGateway } from '../../shared/external/gateway.ts';
import { DEFINITION_VERSION } from '../../shared/feishu/definition.ts';
import type { FeishuSettings } from '../../shared/settings/settings.ts';
import { settingsKey } from '../../shared/tables/approval-keys.ts';
import { BOT, DEFINITION } from './feishu.ts';
import type { Image } from './frabit.ts';
import type { Change } from './state.ts';

/** Parts of the small world that never change, and conversions of what its functions read. */

export const APP = 'cli_0123456789abcdef';

export const settingsItem = () =>
  ({
    ...settingsKey,
    enabled: true,
    appId: APP,
    domain: 'feishu',
    bot: { openId: BOT, name: 'Frabit' },
    definitionCode: DEFINITION,
    definitions: {
      [APP]: { code: DEFINITION, version: DEFINITION_VERSION, createdAt: '2026-03-01T08:00:00.000Z' },
    },
    enabledAt: '2026-03-01T08:00:00.000Z',
    revision: 1,
  }) satisfies FeishuSettings & typeof settingsKey;

const rejectCall = () => Promise.reject(new Error('this world has no OA'));
export const noOa: OaGateway = { create: rejectCall, read: rejectCall, cancel: rejectCall };

/** Returns an approvalId that depends only on how many there are, so that it is the same in every order of events. */
export const approvalIdOf = (count: number): string =>
  `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;

export function changeOf({ eventID: _, dynamodb = {}, ...rest }: DynamoDBRecord): Change {
  const { SequenceNumber: position = '', ...images } = dynamodb;
  return { position, record: { ...rest, dynamodb: images } };
}

export const streamRecordOf = ({ position, record }: Change): DynamoDBRecord => ({
  ...record,
  eventID: position,
  dynamodb: { ...record.dynamodb, SequenceNumber: position },
});

/** Returns the issue record in the result of a read; undefined if it is something else. */
export function issueIn(result: unknown): Image | undefined {
  const item = result instanceof Object && 'Item' in result ? result.Item : undefined;
  return item instanceof Object && 'stages' in item ? (item as unknown as Image) : undefined;
}

/** Returns the instance code in the result of a read; undefined if it is something else. */
export const instanceCodeIn = (result: unknown): unknown =>
  result instanceof Object && 'instanceCode' in result ? result.instanceCode : undefined;
