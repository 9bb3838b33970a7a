import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { StackOptions } from '../context.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { makeDashboard, type PlacedAlarm } from './dashboard.ts';
import type { Functions } from './functions.ts';
import type { HttpFront } from './http-front.ts';
import { ImpactAlarm } from './impact-alarm.ts';
import { Measures } from './measures.ts';
import { platformAlarms } from './platform-alarms.ts';
import { productAlarms } from './product-alarms.ts';
import type { WorkQueue } from './work-queue.ts';

interface AlarmsProps {
  functions: Functions;
  workQueue: WorkQueue;
  httpFront: HttpFront;
  options: Pick<StackOptions, 'alarms' | 'alarmEmail' | 'alarmTopicArn' | 'runbookUrl'>;
}

/** All alarms of the stack, and the dashboard that shows them. */
export class Alarms extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { runbookUrl } = props.options;
    const measures = new Measures(this);
    const topics = this.topicsOf(props.options);
    const placed = [...productAlarms(measures), ...platformAlarms(props)]
      .filter((definition) => isWanted(definition, props.options.alarms))
      .map(({ id, stage, essential: _, ...definition }): PlacedAlarm => {
        const { alarm } = new ImpactAlarm(this, id, { ...definition, runbookUrl });
        for (const topic of topics) {
          const action = new SnsAction(topic);
          alarm.addAlarmAction(action);
          alarm.addOkAction(action);
        }
        return { stage, alarm };
      });
    this.dashboard = makeDashboard(this, 'Dashboard', { ...props, measures, placed, runbookUrl });
  }

  /** Where alarms report that they begin and end: to the topic for the e-mail, and to the user's own. */
  private topicsOf({ alarms, alarmEmail, alarmTopicArn }: AlarmsProps['options']): ITopic[] {
    if (alarms === 'none') return [];
    return [
      ...(alarmEmail === undefined ? [] : [new AlarmTopic(this, 'Email', { email: alarmEmail }).topic]),
      ...(alarmTopicArn === undefined ? [] : [Topic.fromTopicArn(this, 'OwnTopic', alarmTopicArn)]),
    ];
  }
}

const isWanted = ({ essential }: AlarmDefinition, alarms: StackOptions['alarms']): boolean =>
  alarms === 'all' || (alarms === 'essential' && essential === true);
