import type { OaGateway } from '../../external/gateway.ts';
import type { FeishuGateway } from '../../feishu/gateway.ts';
import type { Pacer } from '../store/pacing.ts';
import type { ApprovalStore } from '../store/store.ts';
import type { FormMemories } from './feishu/form-memory-store.ts';

/** What the channels are created from. */
export interface ChannelServices {
  store: ApprovalStore;
  feishu: FeishuGateway;
  oa: OaGateway;
  pacer: Pacer;
  forms: FormMemories;
  now: () => Date;
}
