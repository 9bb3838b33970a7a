import type { ImpactAlarmProps } from './impact-alarm.ts';

/** Where on the way of an approval an alarm belongs, in the order of the way. WHOLE: everywhere. */
export const STAGES = ['CHANGE', 'HINT', 'CARD', 'DECISION', 'TRANSACTION', 'EVENT', 'WHOLE'] as const;
export type Stage = (typeof STAGES)[number];

export interface AlarmDefinition extends ImpactAlarmProps {
  /** Also the heading of its section in the runbook. */
  id: string;
  stage: Stage;
  /** One of the half that is kept with `-c alarms=essential`. */
  essential?: true;
}

export const ESSENTIAL = { essential: true } as const;
