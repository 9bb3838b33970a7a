import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';

/** What of a deployed stack a later version must keep, so that `cdk deploy` over it loses nothing. */

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().default('Delete'),
  UpdateReplacePolicy: z.string().default('Delete'),
});
type Resource = z.infer<typeof resourceSchema>;

const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
});

/**
 * Types that hold data, or an address that others have: a new logical id is a new, empty one. To each the properties
 * whose change makes CloudFormation replace it, or, for a secret, write its first value over the keys.
 */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::GlobalTable': ['TableName', 'KeySchema', 'StreamSpecification'],
  'AWS::SecretsManager::Secret': ['Name', 'SecretString', 'GenerateSecretString'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::ApiGatewayV2::Api': ['ProtocolType'],
  'AWS::ApiGatewayV2::Stage': ['ApiId', 'StageName'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  // A new one would read its stream from the beginning again.
  'AWS::Lambda::EventSourceMapping': ['EventSourceArn', 'StartingPosition'],
};

/** Returns a sentence for each thing that the present template does not keep. */
export function notKept(before: unknown, after: unknown): string[] {
  const old = templateSchema.parse(before);
  const now = templateSchema.parse(after);
  return [
    ...Object.entries(old.Resources).flatMap(([id, resource]) => {
      const properties = KEPT[resource.Type];
      return properties ? resourceNotKept(id, resource, now.Resources[id], properties) : [];
    }),
    ...routesOf(old.Resources).flatMap((route) =>
      routesOf(now.Resources).some((one) => isDeepStrictEqual(one, route))
        ? []
        : [`the route ${route.key} is gone, or has another authorization`],
    ),
    ...Object.entries(old.Outputs).flatMap(([name, { Value }]) => outputNotKept(name, Value, now)),
  ];
}

function resourceNotKept(
  id: string,
  old: Resource,
  now: Resource | undefined,
  properties: readonly string[],
): string[] {
  if (now?.Type !== old.Type) return [`${id} is gone: its data would be lost`];
  const changed = properties.filter((name) => !isDeepStrictEqual(old.Properties[name], now.Properties[name]));
  const policies = (['DeletionPolicy', 'UpdateReplacePolicy'] as const).filter(
    (policy) => old[policy] === 'Retain' && now[policy] !== 'Retain',
  );
  return [
    ...changed.map((name) => `${id} has another ${name}`),
    ...policies.map((policy) => `${id} has no ${policy} Retain any more`),
    ...indexesOf(old)
      .filter((index) => !indexesOf(now).some((one) => isDeepStrictEqual(one, index)))
      .map(({ IndexName }) => `${id} has no index ${IndexName} with the same keys`),
  ];
}

const indexesOf = ({ Properties }: Resource) =>
  z
    .array(z.object({ IndexName: z.string(), KeySchema: z.unknown(), Projection: z.unknown() }))
    .default([])
    .parse(Properties.GlobalSecondaryIndexes);

const routeSchema = z.object({ RouteKey: z.string(), AuthorizationType: z.string().default('NONE') });

const routesOf = (resources: Readonly<Record<string, Resource>>) =>
  Object.values(resources)
    .filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route')
    .map(({ Properties }) => routeSchema.parse(Properties))
    .map(({ RouteKey, AuthorizationType }) => ({ key: RouteKey, authorization: AuthorizationType }));

/** An output stays; one that only refers to a resource refers to the same one. */
function outputNotKept(name: string, before: unknown, now: z.infer<typeof templateSchema>): string[] {
  const output = now.Outputs[name];
  if (!output) return [`the output ${name} is gone`];
  return isDeepStrictEqual(before, output.Value) ? [] : [`the output ${name} leads elsewhere`];
}
