import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import type { FunctionName } from '../../infra/aws/constructs/bundling.ts';
import { readContext } from '../../infra/aws/context.ts';
import { ApprovalStack } from '../../infra/aws/stack.ts';

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
});
export type Resource = z.infer<typeof resourceSchema> & { logicalId: string };

const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
});

/** The app with the stack, without bundles: assets.test.ts tests these. */
export function buildApp(context: Record<string, unknown> = {}): { app: App; stack: ApprovalStack } {
  const app = new App({ context: { ...context, 'aws:cdk:bundling-stacks': [] } });
  const read = readContext((key) => context[key]);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return { app, stack: new ApprovalStack(app, read.options.stackName, read.options) };
}

/** By the JSON of the context: many tests read the same stack, and each takes half a second to make. */
const synthesised = new Map<string, SynthesisedStack>();

export function synthesise(context: Record<string, unknown> = {}): SynthesisedStack {
  const key = JSON.stringify(context);
  const stack =
    synthesised.get(key) ?? new SynthesisedStack(Template.fromStack(buildApp(context).stack).toJSON());
  synthesised.set(key, stack);
  return stack;
}

/** A readable template: resources by type, references by the name of their target. */
export class SynthesisedStack {
  readonly resources: Resource[];
  readonly outputs: Record<string, string>;

  /** `json`: a CloudFormation template. */
  constructor(json: unknown) {
    const template = templateSchema.parse(json);
    this.resources = Object.entries(template.Resources).map(([logicalId, resource]) => ({
      logicalId,
      ...resource,
    }));
    this.outputs = Object.fromEntries(
      Object.entries(template.Outputs).map(([name, { Value }]) => [name, readable(Value)]),
    );
  }

  ofType(type: string): Resource[] {
    return this.resources.filter((resource) => resource.Type === type);
  }

  only(type: string, prefix = ''): Resource {
    const found = this.ofType(type).filter((resource) => resource.logicalId.startsWith(prefix));
    const [first] = found;
    if (!first || found.length > 1) throw new Error(`${found.length} of ${type} ${prefix}`);
    return first;
  }

  function(name: FunctionName): Resource {
    const found = this.ofType('AWS::Lambda::Function').find((resource) => functionNameOf(resource) === name);
    if (!found) throw new Error(`no function ${name}`);
    return found;
  }

  /** The permissions of the function's role: "action on resource", sorted. */
  rightsOf(name: FunctionName): string[] {
    const statements = z.array(
      z.object({
        Effect: z.literal('Allow'),
        Action: z.union([z.string(), z.array(z.string())]),
        Resource: z.unknown(),
        Condition: z.unknown().optional(),
      }),
    );
    const role = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });
    const roleId = role.parse(this.function(name).Properties.Role)['Fn::GetAtt'][0];
    return this.ofType('AWS::IAM::Policy')
      .filter((policy) => JSON.stringify(policy.Properties.Roles).includes(roleId))
      .flatMap((policy) =>
        statements.parse(
          z.object({ Statement: z.unknown() }).parse(policy.Properties.PolicyDocument).Statement,
        ),
      )
      .flatMap((statement) =>
        [statement.Action]
          .flat()
          .map(
            (action) =>
              `${action} on ${readable(statement.Resource)}${statement.Condition ? ` if ${JSON.stringify(statement.Condition)}` : ''}`,
          ),
      )
      .sort();
  }
}

/** Returns the name of a function's folder. */
export const functionNameOf = ({ logicalId }: Resource): string =>
  (/^Functions(.+?)Function[0-9A-F]{8}$/.exec(logicalId)?.[1] ?? logicalId)
    .replaceAll(/(?<=.)[A-Z]/g, '-$&')
    .toLowerCase();

/** The environment of a function, with readable references. */
export function environmentOf(resource: Resource): Record<string, string> {
  const { Variables } = z
    .object({ Variables: z.record(z.string(), z.unknown()) })
    .parse(resource.Properties.Environment);
  return Object.fromEntries(Object.entries(Variables).map(([name, value]) => [name, readable(value)]));
}

const reference = z.union([
  z.strictObject({ Ref: z.string() }).transform(({ Ref }) => withoutHash(Ref)),
  z
    .strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) })
    .transform(({ 'Fn::GetAtt': [id, attribute] }) => `${withoutHash(id)}.${attribute}`),
]);
const joined = z.strictObject({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) });

/** Returns a CloudFormation value as a text: `TablesIssues.Arn`, `HttpFrontApi.ApiEndpoint/settings`. */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const one = reference.safeParse(value);
  if (one.success) return one.data;
  const several = joined.safeParse(value);
  if (several.success) return several.data['Fn::Join'][1].map(readable).join('');
  return JSON.stringify(value);
}

const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');

/** Returns what is at a path inside a CloudFormation value, with readable references. */
export function at(value: unknown, ...path: string[]): string {
  const [key, ...rest] = path;
  if (key === undefined) return readable(value);
  return at(z.looseObject({ [key]: z.unknown() }).parse(value)[key], ...rest);
}

/** The ids of the constructs of the seven functions. */
export const FUNCTION_IDS = [
  'WatchIssues',
  'ReconcileIssues',
  'SweepApprovals',
  'ReceiveFeishuEvents',
  'ReceiveExternalEvents',
  'ManageSettings',
  'PublishApprovalEvents',
];
