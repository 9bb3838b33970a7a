import * as z from 'zod';
import { readIdType } from './definition-rules.ts';
import { idOf } from './people.ts';
import { parseOrRefuse, Refusal } from './refusal.ts';
import { listScopes, missingScope } from './scopes.ts';
import type { Call, World } from './world.ts';

/** People by e-mail, the bot, the granted scopes (docs/feishu.md 2, 2a, 2b). */

const bodySchema = z.object({
  emails: z.array(z.string()).max(50).optional(),
  mobiles: z.array(z.string()).max(50).optional(),
  include_resigned: z.boolean().optional(),
});
const STATUS_SCOPE = 'contact:user.employee:readonly';
const EMPLOYEE_ID_SCOPE = 'contact:user.employee_id:readonly';

/** An unknown person is not an error: the entry has no `user_id`, and nothing says why. */
export function lookUpPeople(world: World, { query, body }: Call) {
  const idType = readIdType(query);
  const given = parseOrRefuse(
    bodySchema,
    body,
    (message) => new Refusal(400, 99992402, `field validation failed: ${message}`),
  );
  if (idType === 'user_id' && !world.grants.scopes.has(EMPLOYEE_ID_SCOPE)) {
    throw missingScope(world.app.appId, [EMPLOYEE_ID_SCOPE]);
  }
  const byEmail = (given.emails ?? []).map((email) => {
    const person = world.people.byEmail(email);
    const hidden =
      person === undefined ||
      person.state === 'OUT_OF_RANGE' ||
      (person.state === 'RESIGNED' && given.include_resigned !== true);
    if (hidden) return { email };
    const status = {
      is_frozen: person.state === 'FROZEN',
      is_resigned: person.state === 'RESIGNED',
      is_activated: person.state === 'ACTIVE',
      is_exited: false,
      is_unjoin: false,
    };
    return {
      user_id: idOf(person, idType),
      email,
      ...(world.grants.scopes.has(STATUS_SCOPE) ? { status } : {}),
    };
  });
  return { data: { user_list: [...byEmail, ...(given.mobiles ?? []).map((mobile) => ({ mobile }))] } };
}

/** The answer is in `bot`, not in `data`. */
export function showBot({ app, grants }: World) {
  if (!grants.botEnabled) throw new Refusal(400, 11205, 'app do not have bot');
  return {
    bot: {
      activate_status: 2,
      app_name: app.name,
      avatar_url: '',
      ip_white_list: [],
      open_id: app.botOpenId,
    },
  };
}

export const showScopes = ({ grants }: World) => ({ data: { scopes: listScopes(grants.scopes) } });
