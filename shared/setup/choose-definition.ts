import { buildDefinition } from '../feishu/definition.ts';
import { isFeishuError } from '../feishu/errors.ts';
import type { FeishuApp } from '../feishu/gateway.ts';
import type { FeishuSetup } from '../feishu/setup-client.ts';
import { ABOUT_TO_OVERWRITE, type Check, type OwnDefinition } from '../settings/settings.ts';
import type { SettingsLock } from '../settings/settings-lock.ts';
import type { DefinitionChanges } from '../settings/stored-definitions.ts';
import { failed, passed } from './check-app.ts';
import { DEFINITION_FIX } from './check-definition.ts';
import { MAYBE_MADE, MAYBE_MADE_FIX } from './fixes.ts';
import {
  candidatesOf,
  type DefinitionChoice,
  findRemembered,
  judgeDefinition,
  type Verdict,
} from './judge-definition.ts';

export interface ChosenDefinition {
  check: Check;
  /** Present if the definition can be used. `keep`: what to store with the settings that use it. */
  usable?: { code: string; keep: DefinitionChanges };
  /** Code of the definition that was created or overwritten. It stays so even if the save fails. */
  written?: string | undefined;
}

interface Choosing {
  setup: FeishuSetup;
  app: FeishuApp;
  choice: DefinitionChoice;
  lock: Pick<SettingsLock, 'renew' | 'storeDefinitions'>;
  now: () => Date;
}

/**
 * Creates, overwrites or takes over the definition. Needs the lock: the API cannot delete a definition, so its code is
 * stored before anything else is done with it (docs/lessons.md 18). A definition that is only used is stored with the
 * settings, so that a failed save does not change which one the next save uses.
 */
export async function chooseDefinition(choosing: Choosing): Promise<ChosenDefinition> {
  const { setup, app, choice } = choosing;
  const { approvalCode } = choice;
  const look = async (code: string) => judgeDefinition(await setup.getDefinition(app, code), code, choice);
  try {
    if (approvalCode !== undefined)
      return await applyVerdict(choosing, approvalCode, await look(approvalCode));
    for (const code of candidatesOf(choice)) {
      const verdict = await look(code);
      const isUsed = code === choice.inUse[app.appId]?.code;
      // Skip an earlier definition that cannot be used.
      if (verdict.kind === 'DELETED' || (verdict.kind === 'UNFIT' && !isUsed)) continue;
      return await applyVerdict(choosing, code, verdict);
    }
    return await createDefinition(choosing);
  } catch (error) {
    return { check: failed('definition', error, DEFINITION_FIX) };
  }
}

async function applyVerdict(choosing: Choosing, code: string, verdict: Verdict): Promise<ChosenDefinition> {
  const { choice, app } = choosing;
  switch (verdict.kind) {
    case 'FITS': {
      const remembered = findRemembered(code, choice);
      const made = remembered === undefined ? false : remembered.made;
      const version = Math.max(choice.version, remembered?.version ?? choice.version);
      const before = choice.inUse[app.appId]?.code;
      const goesBack = choice.approvalCode === undefined && before !== undefined && before !== code;
      return {
        check: passed(
          'definition',
          goesBack
            ? 'The previous approval definition is deleted. An earlier one that this software made is used.'
            : 'The approval definition is as it must be.',
        ),
        usable: { code, keep: asUsed(choosing, entryOf(choosing, code, { made, version })) },
      };
    }
    case 'TO_OVERWRITE':
      return overwrite(choosing, code, verdict.asked);
    case 'DELETED':
      return createDefinition(choosing);
    case 'UNFIT':
      return { check: fails(verdict.detail, verdict.fix) };
    default:
      return verdict satisfies never;
  }
}

async function createDefinition(choosing: Choosing): Promise<ChosenDefinition> {
  const { setup, app, choice, lock } = choosing;
  // Nobody else may create one at the same time, so the lease must cover this call.
  await lock.renew();
  let code: string;
  try {
    code = await setup.saveDefinition(app, buildDefinition());
  } catch (error) {
    if (!isFeishuError(error) || error.code !== 'UNAVAILABLE') throw error;
    return { check: fails(`${error.message} ${MAYBE_MADE}`, MAYBE_MADE_FIX) };
  }
  const keep = asUsed(choosing, entryOf(choosing, code, { made: true, version: choice.version }));
  await lock.storeDefinitions(keep);
  return {
    check: passed('definition', 'The approval definition was created.'),
    usable: { code, keep },
    written: code,
  };
}

async function overwrite(choosing: Choosing, code: string, asked: boolean): Promise<ChosenDefinition> {
  const { setup, app, choice, lock } = choosing;
  const before = choice.own[code];
  const undo: DefinitionChanges = !asked ? {} : before ? { own: [before] } : { disown: code };
  if (asked) {
    // Stored before the overwrite. If this entry were lost afterwards, the definition would not count as ours.
    const intent = entryOf(choosing, code, { made: true, version: ABOUT_TO_OVERWRITE });
    await lock.storeDefinitions({ own: [intent] });
  }
  // Nobody else may save at the same time, so the lease must cover this call too.
  await lock.renew();
  let answered: string;
  try {
    answered = await setup.saveDefinition(app, buildDefinition(code));
  } catch (error) {
    const refused = isFeishuError(error) && error.code !== 'UNAVAILABLE';
    if (asked && refused) await lock.storeDefinitions(undo);
    throw error;
  }
  const written = { made: true, version: choice.version };
  if (answered !== code) {
    const other = entryOf(choosing, answered, written);
    await lock.storeDefinitions({ ...undo, own: [...(undo.own ?? []), other] });
    return {
      check: fails(
        `Feishu did not overwrite the approval definition, but created another one: ${answered}.`,
        `To use the new one, save again with its code (frabit-im enable --approval-code ${answered}).`,
      ),
      written: answered,
    };
  }
  const entry = entryOf(choosing, code, written);
  const after = judgeDefinition(await setup.getDefinition(app, code), code, {
    ...choice,
    replace: false,
    own: { ...choice.own, [code]: entry },
  });
  if (after.kind !== 'FITS') {
    const says =
      after.kind === 'TO_OVERWRITE' ? after.says : after.kind === 'UNFIT' ? after.detail : 'deleted';
    return {
      check: fails(
        `Feishu accepted the overwrite, but the approval definition differs from what was written: ${says}`,
        'Save again in a minute. If it still differs, save with the approval code of another definition (frabit-im enable, --approval-code).',
      ),
      written: code,
    };
  }
  await lock.storeDefinitions({ own: [entry] });
  return {
    check: passed('definition', `The approval definition was ${asked ? 'replaced' : 'brought up to date'}.`),
    usable: { code, keep: asUsed(choosing, entry) },
    written: code,
  };
}

const fails = (detail: string, fix: string): Check => ({ name: 'definition', ok: false, detail, fix });

function entryOf(
  { app, choice, now }: Choosing,
  code: string,
  { made, version }: { made: boolean | undefined; version: number },
): OwnDefinition {
  const { made: _, ...remembered } = findRemembered(code, choice) ?? { createdAt: now().toISOString() };
  return {
    ...remembered,
    code,
    version,
    domain: app.domain,
    ...(made !== undefined && { made }),
    appId: app.appId,
  };
}

/** Returns the changes that make the app use a definition. The previous one stays ours, unless it was only named. */
function asUsed({ choice: { inUse, own } }: Choosing, entry: OwnDefinition): DefinitionChanges {
  const { appId, ...definition } = entry;
  const before = inUse[appId];
  const displaced =
    before && before.code !== entry.code && before.made !== false && !Object.hasOwn(own, before.code)
      ? [{ ...before, appId }]
      : [];
  return {
    used: { appId, definition },
    own: [...displaced, ...(entry.made === false ? [] : [entry])],
  };
}
