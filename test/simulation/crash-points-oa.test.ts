import { describeCrashPoints } from './every-crash-point.ts';
import { OA_SCENARIOS } from './scenarios.ts';

describeCrashPoints(OA_SCENARIOS.filter(({ fast }) => !fast));
