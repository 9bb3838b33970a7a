import type { Messages } from './messages.ts';
import { EN_US } from './messages-en-us.ts';
import { ZH_CN } from './messages-zh-cn.ts';

export const MESSAGES = { 'zh-CN': ZH_CN, 'en-US': EN_US } as const satisfies Record<string, Messages>;
export type Locale = keyof typeof MESSAGES;
