import { readable, synthesise } from '../infra/synthesised-stack.ts';
import { type Alarm, idOfAlarm, readAlarm } from './cloudwatch.ts';

/** The stack's default name: the value of the dimension `service`. */
export const STACK_NAME = 'FrabitImApproval';

const resources = () => synthesise().ofType('AWS::CloudWatch::Alarm');

/** Reads all alarms of the synthesized template. Their states are new: INSUFFICIENT_DATA. */
export const templateAlarms = (): Alarm[] => resources().map((resource) => readAlarm(resource, STACK_NAME));

/** The names that people see, by the ids of the alarms. Without a name, CloudFormation makes one. */
export const alarmNames = (): Map<string, string> =>
  new Map(
    resources().map(({ logicalId, Properties }) => [
      idOfAlarm(logicalId),
      Properties.AlarmName === undefined
        ? `${STACK_NAME}-${logicalId}-1EXAMPLE2345`
        : readable(Properties.AlarmName).replaceAll('AWS::StackName', STACK_NAME),
    ]),
  );
