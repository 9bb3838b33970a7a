import { describeCrashPoints } from './every-crash-point.ts';
import { FAST_SCENARIOS } from './scenarios.ts';

describeCrashPoints(FAST_SCENARIOS);
