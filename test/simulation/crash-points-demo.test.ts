import { DEMO } from './scenarios.ts';
import { testCrashPoints } from './test-crash-points.ts';

testCrashPoints([DEMO]);
