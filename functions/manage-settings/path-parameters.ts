import type { APIGatewayProxyEventV2 } from 'aws-lambda';

const NODE = /^\/settings\/external-approvals\/([^/]+)$/;

/**
 * The node that a request is about, as its caller wrote it; undefined if the path is not of one. The gateway decodes
 * what it found in the path; a test or another front may give the path alone.
 */
export function nodeIdOf({
  rawPath,
  pathParameters,
}: Pick<APIGatewayProxyEventV2, 'rawPath' | 'pathParameters'>): string | undefined {
  const inPath = NODE.exec(rawPath)?.[1];
  if (inPath === undefined) return undefined;
  return pathParameters?.nodeId ?? decoded(inPath);
}

/** What cannot be decoded is no node, and is judged as it came. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
