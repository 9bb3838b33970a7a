import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runAbout, runInvocation } from '../../../shared/runtime/invocation.ts';
import { METRICS } from '../../../shared/runtime/metric-table.ts';
import { type Counter, createCounter } from '../../../shared/runtime/metrics.ts';
import { type PrintedLine, printedBy } from '../../support/printed-lines.ts';

beforeEach(() => {
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'FrabitImApproval');
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'copy-1');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', undefined);
});
afterEach(() => void vi.unstubAllEnvs());

const linesOf = async (work: (counter: Counter) => unknown) =>
  (
    await printedBy(async () => {
      const counter = createCounter('a-function');
      await work(counter);
      counter.flush();
    })
  ).metrics;

/** What CloudWatch makes of a line: namespace, dimensions with their values, and values with their units. */
function readLine(line: PrintedLine) {
  const { CloudWatchMetrics } = line._aws as {
    CloudWatchMetrics: {
      Namespace: string;
      Dimensions: string[][];
      Metrics: { Name: string; Unit: string }[];
    }[];
  };
  return CloudWatchMetrics.map(({ Namespace, Dimensions, Metrics }) => ({
    namespace: Namespace,
    dimensions: Dimensions.map((names) => Object.fromEntries(names.map((name) => [name, line[name]]))),
    values: Object.fromEntries(Metrics.map(({ Name, Unit }) => [Name, [Unit, line[Name]]])),
  }));
}

it('prints the values with their units under the name of the deployment', async () => {
  const lines = await linesOf((counter) => {
    counter.count('HintSent');
    counter.count('TimeToCard', 1_500);
    counter.count('TimeToCard', 2_500);
    counter.count('OldestUnsent', 0);
  });

  expect(lines.map(readLine)).toEqual([
    [
      {
        namespace: 'FrabitImApproval',
        dimensions: [{ service: 'copy-1' }],
        values: {
          HintSent: ['Count', 1],
          TimeToCard: ['Milliseconds', [1_500, 2_500]],
          OldestUnsent: ['Seconds', 0],
        },
      },
    ],
  ]);
});

it('prints a metric with a dimension twice: as a total and by each value of it', async () => {
  const lines = await linesOf((counter) => {
    counter.countBy('ApprovalDecided', 'APPROVED');
    counter.countBy('ApprovalDecided', 'REJECTED');
    counter.countBy('FeishuError', 'SETUP');
    counter.countBy('ApprovalDecided', 'APPROVED');
  });

  expect(lines.flatMap(readLine).map(({ dimensions, values }) => ({ dimensions, values }))).toEqual([
    {
      dimensions: [{ service: 'copy-1' }],
      values: { ApprovalDecided: ['Count', [1, 1, 1]], FeishuError: ['Count', 1] },
    },
    {
      dimensions: [{ service: 'copy-1', state: 'APPROVED' }],
      values: { ApprovalDecided: ['Count', [1, 1]] },
    },
    { dimensions: [{ service: 'copy-1', state: 'REJECTED' }], values: { ApprovalDecided: ['Count', 1] } },
    { dimensions: [{ service: 'copy-1', class: 'SETUP' }], values: { FeishuError: ['Count', 1] } },
  ]);
});

it('knows the function of a metric that is counted by function', async () => {
  const lines = await linesOf((counter) => counter.count('RightMissing'));

  expect(lines.flatMap(readLine).map(({ dimensions }) => dimensions)).toEqual([
    [{ service: 'copy-1' }],
    [{ service: 'copy-1', function: 'a-function' }],
  ]);
});

it('prints nothing without values, and each value once', async () => {
  const lines = await linesOf((counter) => {
    counter.flush();
    counter.countBy('ApprovalFailed', 'DECIDED_BY_ANOTHER');
    counter.flush();
  });

  expect(lines).toHaveLength(2);
});

it('counts no value twice if there are more than Powertools prints in one line', async () => {
  const lines = await linesOf((counter) => {
    for (let times = 0; times < 250; times++) counter.count('RecordFailed');
  });

  const read = lines.flatMap(readLine);
  const countOf = (dimensions: object) =>
    read
      .filter((line) => JSON.stringify(line.dimensions) === JSON.stringify([dimensions]))
      .flatMap(({ values }) => values.RecordFailed?.[1]).length;
  expect(countOf({ service: 'copy-1' })).toBe(250);
  expect(countOf({ service: 'copy-1', function: 'a-function' })).toBe(250);
  expect(lines.every(({ function_name }) => function_name === 'a-function')).toBe(true);
});

it('names what the work is about on the line, but never as a dimension', async () => {
  const lines = await linesOf((counter) =>
    runInvocation({ requestId: 'run-1' }, () =>
      runAbout({ issueId: 'issue-1', correlationId: 'cause-1' }, () => {
        counter.count('HintSent');
        counter.count('RightMissing');
        counter.flush();
      }),
    ),
  );

  expect(lines).toHaveLength(2);
  for (const line of lines) {
    expect(line).toMatchObject({
      issueId: 'issue-1',
      correlationId: 'cause-1',
      function_request_id: 'run-1',
      function_name: 'a-function',
    });
    const names = readLine(line).flatMap(({ dimensions }) => dimensions.flatMap(Object.keys));
    expect(names.filter((name) => name !== 'service' && name !== 'function')).toEqual([]);
  }
});

it('can print every metric of the table', async () => {
  const lines = await linesOf((counter) => {
    for (const name of Object.keys(METRICS) as (keyof typeof METRICS)[]) {
      const { by } = METRICS[name] as { by?: string };
      if (by === undefined || by === 'function') counter.count(name as 'HintSent');
      else counter.countBy(name as 'FeishuError', 'X');
    }
  });

  const [totals] = lines.flatMap(readLine);
  expect(Object.keys(totals?.values ?? {}).sort()).toEqual(Object.keys(METRICS).sort());
});
