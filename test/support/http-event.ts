import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** A POST as the HTTP API passes it to a function, in payload format 2.0. */
export function aPost(
  path: string,
  request: { body?: string | undefined; headers?: Record<string, string>; isBase64Encoded?: boolean } = {},
): APIGatewayProxyEventV2 {
  const { body, headers = {}, isBase64Encoded = false } = request;
  const routeKey = `POST ${path}`;
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: '',
    headers,
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      domainName: 'local',
      domainPrefix: 'local',
      http: { method: 'POST', path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: 'request',
      routeKey,
      stage: '$default',
      time: '01/Mar/2026:08:00:00 +0000',
      timeEpoch: 1_772_352_000_000,
    },
    isBase64Encoded,
    ...(body !== undefined && { body }),
  };
}
