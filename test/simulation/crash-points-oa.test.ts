import { OA_SCENARIOS } from './scenarios.ts';
import { testCrashPoints } from './test-crash-points.ts';

testCrashPoints(OA_SCENARIOS.filter(({ fast }) => !fast));
