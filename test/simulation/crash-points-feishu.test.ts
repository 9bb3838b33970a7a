import { describeCrashPoints } from './every-crash-point.ts';
import { FEISHU_SCENARIOS } from './scenarios.ts';

describeCrashPoints(FEISHU_SCENARIOS.filter(({ fast }) => !fast));
