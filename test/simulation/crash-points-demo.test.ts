import { describeCrashPoints } from './every-crash-point.ts';
import { DEMO } from './scenarios.ts';

describeCrashPoints([DEMO]);
