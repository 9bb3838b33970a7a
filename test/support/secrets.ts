import { randomBytes } from 'node:crypto';
import { isScannable } from './log-scan.ts';
import { recordDeclared } from './log-scan-record.ts';

/**
 * Declares a value that must not appear in any log of the run. Factories declare what they make: `anApp`, `aTask`,
 * `anIssue`, and the simulated and the stubbed Feishu with their tokens.
 */
export function declareSecret(kind: string, value: string): void {
  if (isScannable({ what: 'SECRET', value })) recordDeclared({ what: 'SECRET', kind, value });
}

/** Declares the secret values of an app. Its id is not secret. */
export function declareApp(app: {
  appSecret?: string;
  encryptKey?: string;
  verificationToken?: string;
}): void {
  if (app.appSecret) declareSecret('app secret', app.appSecret);
  if (app.encryptKey) declareSecret('encrypt key', app.encryptKey);
  if (app.verificationToken) declareSecret('verification token', app.verificationToken);
}

/** Returns a new signing secret of an OA. */
export function aSigningSecret(): string {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  declareSecret('signing secret', secret);
  declareSecret('signing secret', secret.replace('whsec_', ''));
  return secret;
}

/** Declares SQL. */
export function declareStatement(statement: string | null | undefined): void {
  if (statement && isScannable({ what: 'STATEMENT', value: statement })) {
    recordDeclared({ what: 'STATEMENT', kind: 'SQL statement', value: statement });
  }
}

/** Declares the SQL of tasks, and the previews of sheets. */
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

/** AWS keys for local endpoints, which accept any keys. The secret is long enough for the log scan. */
export function aFakeAwsKey(): { accessKeyId: string; secretAccessKey: string } {
  const secretAccessKey = 'fake-secret-access-key';
  declareSecret('AWS secret key', secretAccessKey);
  return { accessKeyId: 'local', secretAccessKey };
}
