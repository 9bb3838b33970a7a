import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { PROJECT_ROOT } from '../../infra/aws/constructs/bundling.ts';
import { METRICS } from '../../shared/runtime/metric-table.ts';
import { readable, type SynthesisedStack, synthesise } from './synthesised-stack.ts';

const querySchema = z.object({
  Name: z.string(),
  QueryString: z.string(),
  LogGroupNames: z.array(z.unknown()),
});
const queriesOf = (stack: SynthesisedStack) =>
  stack.ofType('AWS::Logs::QueryDefinition').map(({ Properties }) => querySchema.parse(Properties));
const queries = queriesOf(synthesise());

describe('saved queries', () => {
  it('have names that begin with the name of the stack', () => {
    for (const stackName of ['FrabitImApproval', 'Other'])
      expect(queriesOf(synthesise({ stackName })).map(({ Name }) => Name)).toEqual([
        `${stackName}/Story of an issue`,
        `${stackName}/Failures of the last hours`,
        `${stackName}/Issues whose calls failed`,
        `${stackName}/Refused webhooks`,
        `${stackName}/Slowest cards`,
        `${stackName}/Calls of Feishu by outcome`,
      ]);
  });

  it('search the logs of all functions', () => {
    for (const { LogGroupNames } of queries)
      expect(LogGroupNames.map(readable).join(',')).toBe(synthesise().outputs.LogGroupNames);
  });

  it('name metrics and messages that the functions write', () => {
    const code = globSync(['functions/**/*.ts', 'shared/**/*.ts'], { cwd: PROJECT_ROOT })
      .map((file) => readFileSync(`${PROJECT_ROOT}${file}`, 'utf8'))
      .join('\n');
    const text = queries.map(({ QueryString }) => QueryString).join('\n');
    const messages = [...text.matchAll(/"((?:webhook|OA event|call|approval) [a-z]+)"/g)].map(
      ([, message]) => message,
    );
    expect(messages).toEqual(['call failed', 'approval failed', 'webhook refused', 'OA event refused']);
    for (const message of messages) expect(code).toContain(`'${message}'`);
    const metrics = [...text.matchAll(/\b(?:[A-Z][a-z]+){2,}\b/g)].map(([metric]) => metric);
    expect(new Set(metrics)).toEqual(new Set(['TimeToCard', 'FeishuCall']));
    for (const metric of metrics) expect(METRICS).toHaveProperty(metric);
  });
});
