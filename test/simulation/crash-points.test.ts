import { FAST_SCENARIOS } from './scenarios.ts';
import { testCrashPoints } from './test-crash-points.ts';

testCrashPoints(FAST_SCENARIOS);
