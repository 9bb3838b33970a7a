import { buildDefinition } from '../feishu/definition.ts';
import { isFeishuError } from '../feishu/errors.ts';
import type { FeishuApp } from '../feishu/gateway.ts';
import type { FeishuSetup } from '../feishu/setup-client.ts';
import { ABOUT_TO_OVERWRITE, type Check, type OwnDefinition } from '../settings/settings.ts';
import type { SettingsLock } from '../settings/settings-store.ts';
import type { KeptDefinitions } from '../settings/stored-definitions.ts';
import { DEFINITION_FIX } from './check-definition.ts';
import { failed, passed } from './checks.ts';
import { MAYBE_MADE, MAYBE_MADE_FIX } from './fixes.ts';
import {
  candidatesOf,
  type DefinitionChoice,
  judgeDefinition,
  recall,
  type Verdict,
} from './judge-definition.ts';

export interface ChosenDefinition {
  check: Check;
  /** There if it may be used; `keep`: what to remember with the settings that use it. */
  usable?: { code: string; keep: KeptDefinitions };
  /** The definition that was made or overwritten: it stays so, whatever becomes of the save. */
  written?: string | undefined;
}

interface Settling {
  setup: FeishuSetup;
  app: FeishuApp;
  choice: DefinitionChoice;
  lock: Pick<SettingsLock, 'renew' | 'keepDefinitions'>;
  now: () => Date;
}

/**
 * Creates, overwrites or adopts the definition. Under the lock: a definition made by API can never be deleted, so
 * its code is written before anything else is done with it (docs/lessons.md 18). A definition that is only used is
 * remembered with the settings: a save that fails does not change which one the next save uses.
 */
export async function chooseDefinition(settling: Settling): Promise<ChosenDefinition> {
  const { setup, app, choice } = settling;
  const { approvalCode } = choice;
  const look = async (code: string) => judgeDefinition(await setup.getDefinition(app, code), code, choice);
  try {
    if (approvalCode !== undefined) return await carryOut(settling, approvalCode, await look(approvalCode));
    for (const code of candidatesOf(choice)) {
      const verdict = await look(code);
      const isUsed = code === choice.known[app.appId]?.code;
      // One that is not in use is gone back to only if it can be used.
      if (verdict.kind === 'DELETED' || (verdict.kind === 'UNFIT' && !isUsed)) continue;
      return await carryOut(settling, code, verdict);
    }
    return await make(settling);
  } catch (error) {
    return { check: failed('definition', error, DEFINITION_FIX) };
  }
}

async function carryOut(settling: Settling, code: string, verdict: Verdict): Promise<ChosenDefinition> {
  const { choice, app } = settling;
  switch (verdict.kind) {
    case 'FITS': {
      const remembered = recall(code, choice);
      const made = remembered === undefined ? false : remembered.made;
      const version = Math.max(choice.version, remembered?.version ?? choice.version);
      const before = choice.known[app.appId]?.code;
      const goesBack = choice.approvalCode === undefined && before !== undefined && before !== code;
      return {
        check: passed(
          'definition',
          goesBack
            ? 'The approval definition of before is deleted: an earlier one that this software made is used.'
            : 'The approval definition stands as it should.',
        ),
        usable: { code, keep: asUsed(settling, entryOf(settling, code, { made, version })) },
      };
    }
    case 'TO_OVERWRITE':
      return overwrite(settling, code, verdict.asked);
    case 'DELETED':
      return make(settling);
    case 'UNFIT':
      return { check: fails(verdict.detail, verdict.fix) };
    default:
      return verdict satisfies never;
  }
}

async function make(settling: Settling): Promise<ChosenDefinition> {
  const { setup, app, choice, lock } = settling;
  // Nobody else may be making one: the lease must cover this very call.
  await lock.renew();
  let code: string;
  try {
    code = await setup.saveDefinition(app, buildDefinition());
  } catch (error) {
    if (!isFeishuError(error) || error.code !== 'UNAVAILABLE') throw error;
    return { check: fails(`${error.message} ${MAYBE_MADE}`, MAYBE_MADE_FIX) };
  }
  const keep = asUsed(settling, entryOf(settling, code, { made: true, version: choice.version }));
  await lock.keepDefinitions(keep);
  return {
    check: passed('definition', 'The approval definition was created.'),
    usable: { code, keep },
    written: code,
  };
}

async function overwrite(settling: Settling, code: string, asked: boolean): Promise<ChosenDefinition> {
  const { setup, app, choice, lock } = settling;
  const before = choice.own[code];
  const takeBack: KeptDefinitions = !asked ? {} : before ? { own: [before] } : { disown: code };
  if (asked) {
    // Written first: a replacement whose note is lost would stay somebody else's.
    const intent = entryOf(settling, code, { made: true, version: ABOUT_TO_OVERWRITE });
    await lock.keepDefinitions({ own: [intent] });
  }
  // Nobody else may be saving: the lease must cover this very call, too.
  await lock.renew();
  let answered: string;
  try {
    answered = await setup.saveDefinition(app, buildDefinition(code));
  } catch (error) {
    const refused = isFeishuError(error) && error.code !== 'UNAVAILABLE';
    if (asked && refused) await lock.keepDefinitions(takeBack);
    throw error;
  }
  const written = { made: true, version: choice.version };
  if (answered !== code) {
    const other = entryOf(settling, answered, written);
    await lock.keepDefinitions({ ...takeBack, own: [...(takeBack.own ?? []), other] });
    return {
      check: fails(
        `Feishu did not overwrite the approval definition, but made another one: ${answered}.`,
        `To use the new one, save again with its code (frabit-im enable --approval-code ${answered}).`,
      ),
      written: answered,
    };
  }
  const entry = entryOf(settling, code, written);
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
        `Feishu accepted the overwrite, but the approval definition is not as it was written: ${says}`,
        'Save again in a minute. If it stays so, save with the approval code of another definition (frabit-im enable, --approval-code).',
      ),
      written: code,
    };
  }
  await lock.keepDefinitions({ own: [entry] });
  return {
    check: passed('definition', `The approval definition was ${asked ? 'replaced' : 'brought up to date'}.`),
    usable: { code, keep: asUsed(settling, entry) },
    written: code,
  };
}

const fails = (detail: string, fix: string): Check => ({ name: 'definition', ok: false, detail, fix });

function entryOf(
  { app, choice, now }: Settling,
  code: string,
  { made, version }: { made: boolean | undefined; version: number },
): OwnDefinition {
  const { made: _, ...remembered } = recall(code, choice) ?? { createdAt: now().toISOString() };
  return {
    ...remembered,
    code,
    version,
    domain: app.domain,
    ...(made !== undefined && { made }),
    appId: app.appId,
  };
}

/** Remembers that the app uses it. What it used before is kept as ours, unless it was only named. */
function asUsed({ choice: { known, own } }: Settling, entry: OwnDefinition): KeptDefinitions {
  const { appId, ...definition } = entry;
  const before = known[appId];
  const displaced =
    before && before.code !== entry.code && before.made !== false && !Object.hasOwn(own, before.code)
      ? [{ ...before, appId }]
      : [];
  return {
    used: { appId, definition },
    own: [...displaced, ...(entry.made === false ? [] : [entry])],
  };
}
