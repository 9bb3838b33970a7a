import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IWidget,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { STAGES, type Stage } from './alarm-definition.ts';
import { type Axis, columnsOf, faultGraphs, type Graph, type Watched } from './dashboard-graphs.ts';

export interface PlacedAlarm {
  stage: Stage;
  alarm: Alarm;
}

interface DashboardProps extends Watched {
  placed: readonly PlacedAlarm[];
  runbookUrl: string;
}

/** The columns of a dashboard. */
const FULL = 24;
const WIDTH = 4;
const HEIGHT = { text: 3, alarms: 4, wholeWay: 2, values: 4, graphs: 6 };

/**
 * Shows whether approvals go their way, and if not, where they stop: one column for each stage of the way, with its
 * alarms, its numbers and a graph. Below is what may be wrong at every stage. It has at most 50 metrics, so that it can
 * be one of the three free dashboards of an account.
 */
export function makeDashboard(scope: Construct, id: string, props: DashboardProps): Dashboard {
  const columns = columnsOf(props);
  const inOrder = STAGES.filter((stage) => stage !== 'WHOLE').map(
    (stage) => [stage, columns[stage]] as const,
  );
  return new Dashboard(scope, id, {
    defaultInterval: Duration.hours(6),
    widgets: [
      [orientation(props.runbookUrl)],
      inOrder.map(([stage, { title }]) => alarmsOf(title, stage, props)),
      [alarmsOf('The whole way', 'WHOLE', props, { width: FULL, height: HEIGHT.wholeWay })],
      inOrder.map(
        ([, { title, values }]) =>
          new SingleValueWidget({
            title,
            width: WIDTH,
            height: HEIGHT.values,
            metrics: values,
            setPeriodToTimeRange: true,
          }),
      ),
      inOrder.map(([, { graph }]) => draw(graph)),
      faultGraphs(props).map(draw),
    ],
  });
}

/** The labels of the axes say the units: CloudWatch would write `Count` or nothing. */
function draw({ title, left, right }: Graph): IWidget {
  const axis = ({ label, max }: Axis) => ({ label, min: 0, max, showUnits: false });
  return new GraphWidget({
    title,
    width: WIDTH,
    height: HEIGHT.graphs,
    left: left.metrics,
    leftYAxis: axis(left),
    ...(right && { right: right.metrics, rightYAxis: axis(right) }),
  });
}

const orientation = (runbookUrl: string): TextWidget =>
  new TextWidget({
    width: FULL,
    height: HEIGHT.text,
    markdown: [
      '# Frabit IM approvals: is it working, and if not, where does it stop?',
      'From left to right, as an approval goes: **1** an issue record changes · **2** a hint waits for the worker · **3** the card is sent · **4** the decision arrives · **5** the transaction changes the tasks · **6** an event tells other systems. The first column with an alarm is where it stops. Without alarm: the first one whose graph ends while the graphs before it go on.',
      `What to do for each alarm: \`${runbookUrl}\`. What happened to one issue: the saved query *Story of an issue*, or \`npx frabit-im logs ISSUE\`. Numbers are for the time range that is shown; \`--\` means none.`,
    ].join('\n\n'),
  });

function alarmsOf(
  title: string,
  stage: Stage,
  { placed }: DashboardProps,
  size = { width: WIDTH, height: HEIGHT.alarms },
): IWidget {
  const alarms = placed.filter((one) => one.stage === stage).map(({ alarm }) => alarm);
  // CloudWatch refuses a widget without alarms.
  return alarms.length === 0
    ? new TextWidget({ ...size, markdown: `**${title}**\n\nNo alarm: see the option \`alarms\`.` })
    : new AlarmStatusWidget({ ...size, title, alarms });
}
