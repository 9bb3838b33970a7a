import { randomBytes } from 'node:crypto';
import { isScannable } from './log-scan.ts';
import { recordDeclared } from './log-scan-record.ts';

/**
 * What must show in no log of the whole run. Factories declare what they make, so that a test need not:
 * `anApp`, `aTask`, `anIssue`, the simulated Feishu with every token it hands out, and the stubbed one.
 */
export function declareSecret(kind: string, value: string): void {
  if (isScannable({ what: 'SECRET', value })) recordDeclared({ what: 'SECRET', kind, value });
}

/** The secret values of an app; its id is none. */
export function declareApp(app: {
  appSecret?: string;
  encryptKey?: string;
  verificationToken?: string;
}): void {
  if (app.appSecret) declareSecret('app secret', app.appSecret);
  if (app.encryptKey) declareSecret('encrypt key', app.encryptKey);
  if (app.verificationToken) declareSecret('verification token', app.verificationToken);
}

/** A signing secret of an OA, as one generates it. */
export function aSigningSecret(): string {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  declareSecret('signing secret', secret);
  declareSecret('signing secret', secret.replace('whsec_', ''));
  return secret;
}

/** The SQL of an issue. */
export function declareStatement(statement: string | null | undefined): void {
  if (statement && isScannable({ what: 'STATEMENT', value: statement })) {
    recordDeclared({ what: 'STATEMENT', kind: 'SQL statement', value: statement });
  }
}

/** The SQL of tasks, previews of sheets included. */
export function declareStatements(
  tasks: readonly {
    statement?: string | null | undefined;
    sheet?: { preview?: string | null | undefined } | null | undefined;
  }[],
): void {
  for (const { statement, sheet } of tasks) {
    declareStatement(statement);
    declareStatement(sheet?.preview);
  }
}

/** AWS keys for endpoints of this machine, which take any; long enough for the scan to know the secret one by. */
export function aFakeAwsKey(): { accessKeyId: string; secretAccessKey: string } {
  const secretAccessKey = 'fake-secret-access-key';
  declareSecret('AWS secret key', secretAccessKey);
  return { accessKeyId: 'local', secretAccessKey };
}
