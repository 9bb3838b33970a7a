import { FEISHU_SCENARIOS } from './scenarios.ts';
import { testCrashPoints } from './test-crash-points.ts';

testCrashPoints(FEISHU_SCENARIOS.filter(({ fast }) => !fast));
