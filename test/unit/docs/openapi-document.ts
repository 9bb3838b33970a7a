import { readFileSync } from 'node:fs';
import ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import * as z from 'zod';
import {
  type Content,
  documentSchema,
  type Operation,
  type Parameter,
  type Response,
} from './openapi-form.ts';

/** Checks messages with docs/external-approval.openapi.yaml. */

export const DOCUMENT_FILE = new URL('../../../docs/external-approval.openapi.yaml', import.meta.url);

export const readDocument = (): unknown => parse(readFileSync(DOCUMENT_FILE, 'utf8'));

/** One request and its answer. Header names in lower case. */
export interface Exchange {
  method: 'GET' | 'POST' | 'PATCH';
  /** The path below the endpoint, encoded. */
  path: string;
  headers: Record<string, string | undefined>;
  /** The body as text, or '' if there is none. */
  body: string;
  status: number;
  answerHeaders: Record<string, string | undefined>;
  answer: string;
}

/** Headers of HTTP itself, which the document does not describe. */
const PLAIN_HEADERS = new Set([
  'accept',
  'user-agent',
  'content-type',
  'content-length',
  'host',
  'connection',
]);

export interface Described {
  /** The names of the schemas. */
  schemas: string[];
  check(schema: string, value: unknown): string[];
  schema(name: string): unknown;
  /** Returns what the document does not describe in a request of ours or in its answer. */
  checkExchange(exchange: Exchange): string[];
  /** As `checkExchange`, for an event of an OA. */
  checkEvent(exchange: Omit<Exchange, 'path' | 'method'>): string[];
  /** Status codes of the answers to an event, without `default`. */
  eventStatuses: string[];
  /** Returns every example of a body or header, with its problems. */
  checkExamples(): { example: string; value: unknown; problems: string[] }[];
}

/** Returns the checks of `document`. An undescribed field is a problem. */
export function describedBy(document: unknown): Described {
  const { paths, webhooks, components } = documentSchema.parse(document);
  const ajv = new ajv2020.Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'openapi', components: { schemas: closed(components.schemas) } });

  /** Returns the problems of a value. All references of the document are to itself. */
  const problemsOf = (schema: unknown, value: unknown, what: string): string[] => {
    const validate = ajv.compile(z.record(z.string(), z.unknown()).parse(rebased(schema)));
    if (validate(value)) return [];
    // The messages of ajv contain names and rules, never the value.
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${what}${instancePath}: ${message ?? 'wrong'}${'additionalProperty' in params ? ` (${String(params.additionalProperty)})` : ''}`,
    );
  };
  const parameterOf = (one: Operation['parameters'][number]): Parameter =>
    '$ref' in one ? found(components.parameters, one.$ref, 'parameters') : one;
  const responseOf = (one: Operation['responses'][string]): Response =>
    '$ref' in one ? found(components.responses, one.$ref, 'responses') : one;

  const checkHeaders = ({ parameters }: Pick<Operation, 'parameters'>, headers: Exchange['headers']) => {
    const described = parameters.map(parameterOf).filter((one) => one.in === 'header');
    const unknown = Object.keys(headers).filter(
      (name) => !PLAIN_HEADERS.has(name) && !described.some((one) => one.name === name),
    );
    return [
      ...unknown.map((name) => `header ${name}: is not described`),
      ...described.flatMap(({ name, schema }) => problemsOf(schema, headers[name], `header ${name}`)),
    ];
  };
  const checkBody = (
    content: Content | undefined,
    headers: Exchange['headers'],
    body: string,
    what: string,
  ): string[] => {
    if (!content) return body === '' || what === 'answer' ? [] : [`${what}: none is described`];
    const media = Object.entries(content).find(([type]) => headers['content-type']?.split(';')[0] === type);
    if (!media) return [`${what}: its content-type is not described`];
    return problemsOf(media[1].schema, parsedJson(body), what);
  };
  const checkOperation = (operation: Operation, exchange: Omit<Exchange, 'path' | 'method'>): string[] => {
    const response = operation.responses[String(exchange.status)];
    return [
      ...checkHeaders(operation, exchange.headers),
      ...checkBody(operation.requestBody?.content, exchange.headers, exchange.body, 'body'),
      ...(response
        ? checkBody(responseOf(response).content, exchange.answerHeaders, exchange.answer, 'answer')
        : [`answer: the status ${exchange.status} is not described`]),
    ];
  };

  const event = webhooks.approvalChanged.post;
  if (!event) throw new Error('the document has no POST of an event');
  return {
    schemas: Object.keys(components.schemas),
    schema: (name) => rebased(components.schemas[name]),
    check: (name, value) => problemsOf({ $ref: `#/components/schemas/${name}` }, value, name),
    checkExchange(exchange) {
      const known = Object.entries(paths).find(([path]) => pattern(path).test(exchange.path));
      const operation = known?.[1][methodKey(exchange.method)];
      if (!known || !operation) return [`${exchange.method} ${exchange.path}: is not described`];
      const [template, { parameters }] = known;
      const values = pattern(template).exec(exchange.path)?.groups ?? {};
      return [
        ...parameters
          .map(parameterOf)
          .flatMap(({ name, schema }) => problemsOf(schema, decodeURIComponent(values[name] ?? ''), name)),
        ...checkOperation(operation, exchange),
      ];
    },
    checkEvent: (exchange) => checkOperation(event, exchange),
    eventStatuses: Object.keys(event.responses).filter((status) => status !== 'default'),
    checkExamples: () => {
      const operations = [...Object.values(paths), webhooks.approvalChanged].flatMap((path) =>
        [path.get, path.post, path.patch].filter((one) => one !== undefined),
      );
      const bodies = operations.flatMap(({ requestBody, responses }) => [
        ...Object.values(requestBody?.content ?? {}),
        ...Object.values(responses).flatMap((one) => Object.values(responseOf(one).content ?? {})),
      ]);
      return [...bodies, ...Object.values(components.parameters)].flatMap(({ schema, examples }) =>
        Object.entries(examples).map(([example, { value }]) => ({
          example,
          value,
          problems: problemsOf(schema, value, example),
        })),
      );
    },
  };
}

function found<T>(all: Record<string, T>, ref: string, kind: string): T {
  const one = all[ref.replace(`#/components/${kind}/`, '')];
  if (one === undefined) throw new Error(`the document has no ${ref}`);
  return one;
}

const pattern = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);

const methodKey = (method: Exchange['method']) => {
  switch (method) {
    case 'GET':
      return 'get';
    case 'POST':
      return 'post';
    case 'PATCH':
      return 'patch';
    default:
      return method satisfies never;
  }
};

/** Returns a schema whose references lead to the schema that ajv has. */
const rebased = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/'));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns a schema whose objects accept only the members that they name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!isObject(schema)) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return isObject(schema.properties) ? { ...inner, additionalProperties: false } : inner;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
