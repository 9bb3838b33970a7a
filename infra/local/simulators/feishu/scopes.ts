import { Refusal } from './refusal.ts';

/** The tenant scopes of docs/feishu.md 9 that an endpoint here requires. */
export const SCOPES = [
  'approval:approval',
  'approval:approval:readonly',
  'approval:definition',
  'approval:instance',
  'approval:instance.comment',
  'contact:user.id:readonly',
  'contact:user.employee_id:readonly',
  'contact:user.employee:readonly',
  'im:message',
  'im:message:send_as_bot',
  'im:message:send',
] as const;
export type Scope = (typeof SCOPES)[number];

/** What an app may do, as set in the developer and admin consoles. */
export interface Grants {
  scopes: Set<string>;
  appEnabled: boolean;
  botEnabled: boolean;
  quotaUsedUp: boolean;
  /** Whether the approval events were added in the console and a version was released: otherwise none is sent. */
  eventsAdded: boolean;
}

/** The scopes of an operator who followed the set-up guide. */
const GRANTED_BY_DEFAULT: readonly Scope[] = [
  'approval:approval',
  'approval:approval:readonly',
  'contact:user.id:readonly',
  'im:message:send_as_bot',
];

export const grantedByDefault = (): Grants => ({
  scopes: new Set(GRANTED_BY_DEFAULT),
  appEnabled: true,
  botEnabled: true,
  quotaUsedUp: false,
  eventsAdded: true,
});

/** 99991672 with the scopes that would be enough, in the documented shape. */
export function missingScope(appId: string, anyOf: readonly string[]): Refusal {
  const list = anyOf.join(', ');
  const url = `https://open.feishu.cn/app/${appId}/auth?q=${anyOf.join(',')}&op_from=openapi&token_type=tenant`;
  return new Refusal(
    400,
    99991672,
    `Access denied. One of the following scopes is required: [${list}].应用尚未开通所需的应用身份权限：[${list}]，点击链接申请并开通任一权限即可：${url}`,
    {
      details: {
        permission_violations: anyOf.map((subject) => ({ type: 'action_scope_required', subject })),
        helps: [{ url, description: '申请应用身份权限' }],
      },
    },
  );
}

export function requireScope(appId: string, granted: ReadonlySet<string>, anyOf: readonly string[]): void {
  if (anyOf.length > 0 && !anyOf.some((scope) => granted.has(scope))) throw missingScope(appId, anyOf);
}

/** GET /application/v6/scopes (docs/feishu.md 2a). */
export const listScopes = (granted: ReadonlySet<string>) =>
  SCOPES.map((scope_name) => ({ scope_name, grant_status: granted.has(scope_name) ? 1 : 2 }));
