import { synthesise } from '../infra/synthesised-stack.ts';
import { type Alarm, readAlarm } from './cloudwatch.ts';

/** The stack's default name: the value of the dimension `service`. */
export const STACK_NAME = 'FrabitImApproval';

/** Reads all alarms of the synthesized template. Their states are new: INSUFFICIENT_DATA. */
export const templateAlarms = (): Alarm[] =>
  synthesise()
    .ofType('AWS::CloudWatch::Alarm')
    .map((resource) => readAlarm(resource, STACK_NAME));
