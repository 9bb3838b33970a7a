import { buildDefinition } from '../feishu/definition.ts';
import type { FeishuApp } from '../feishu/gateway.ts';
import type { FeishuSetup } from '../feishu/setup.ts';
import { failed, passed } from './checks.ts';
import { type DefinitionChoice, judgeDefinition, recall } from './definition-verdict.ts';
import { ADD_SCOPE, RELEASE, SAVE_AGAIN } from './fixes.ts';
import type { Check, MadeDefinition } from './settings.ts';
import type { SettingsLock } from './settings-store.ts';

const FAILED_FIX = `${ADD_SCOPE('approval:approval')} ${RELEASE} Then save again.`;

/** The definition that would be used; undefined if one would have to be made. */
export const chosenCode = ({ approvalCode, known, appId }: DefinitionChoice): string | undefined =>
  approvalCode ?? known[appId]?.code;

/** Looks without changing anything. */
export async function inspectDefinition(
  setup: FeishuSetup,
  app: FeishuApp,
  code: string,
  choice: DefinitionChoice,
  /** Whether it is to be used as it stands, or as a save would leave it. */
  use: 'AS_IT_STANDS' | 'AFTER_A_SAVE',
): Promise<Check> {
  const fails = (detail: string, fix: string): Check => ({ name: 'definition', ok: false, detail, fix });
  const passes = passed('definition', 'The approval definition can be used.');
  try {
    const verdict = judgeDefinition(await setup.getDefinition(app, code), code, choice);
    if (verdict.kind === 'UNFIT') return fails(verdict.detail, verdict.fix);
    if (use === 'AFTER_A_SAVE') return passes;
    switch (verdict.kind) {
      case 'FITS':
        return passes;
      case 'DELETED':
        return fails('The approval definition is deleted in Feishu.', `${SAVE_AGAIN}: a new one is made.`);
      case 'TO_OVERWRITE': {
        const why = verdict.says && `: ${verdict.says}`;
        return fails(
          `The approval definition is not as this version needs it${why}.`,
          `${SAVE_AGAIN}: it is brought up to date.`,
        );
      }
    }
    return verdict satisfies never;
  } catch (error) {
    return failed('definition', error, FAILED_FIX);
  }
}

/**
 * Creates, overwrites or adopts the definition. Under the lock: a definition made by API can never be deleted, so
 * its code is written before anything else is done with it (LESSONS row 18). `code` is there if it may be used.
 */
export async function settleDefinition(
  setup: FeishuSetup,
  app: FeishuApp,
  choice: DefinitionChoice,
  lock: Pick<SettingsLock, 'renew' | 'keepDefinition'>,
  now: () => Date,
): Promise<{ check: Check; code?: string }> {
  const { version, known } = choice;
  const use = async (definition: Pick<MadeDefinition, 'code' | 'made'>, detail: string) => {
    const { code, made } = definition;
    const before = known[app.appId];
    const stands =
      before?.code === code &&
      before.version === version &&
      before.domain === app.domain &&
      before.made === made;
    if (!stands) {
      const createdAt = recall(code, known)?.createdAt ?? now().toISOString();
      const entry = { code, version, createdAt, domain: app.domain };
      await lock.keepDefinition(app.appId, { ...entry, ...(made !== undefined && { made }) });
    }
    return { check: passed('definition', detail), code };
  };
  const make = async () => {
    // Nobody else may be making one: the lease must cover this very call.
    await lock.renew();
    const code = await setup.saveDefinition(app, buildDefinition());
    return use({ code, made: true }, 'The approval definition was created.');
  };

  try {
    const code = chosenCode(choice);
    if (code === undefined) return await make();
    const verdict = judgeDefinition(await setup.getDefinition(app, code), code, choice);
    const remembered = recall(code, known);
    switch (verdict.kind) {
      case 'FITS':
        return await use(
          { code, made: remembered === undefined ? false : remembered.made },
          'The approval definition stands as it should.',
        );
      case 'TO_OVERWRITE':
        // Nobody else may be saving: the lease must cover this very call, too.
        await lock.renew();
        await setup.saveDefinition(app, buildDefinition(code));
        return await use(
          { code, made: true },
          `The approval definition was ${verdict.asked ? 'replaced' : 'brought up to date'}.`,
        );
      case 'DELETED':
        return await make();
      case 'UNFIT':
        return { check: { name: 'definition', ok: false, detail: verdict.detail, fix: verdict.fix } };
    }
    verdict satisfies never;
  } catch (error) {
    return { check: failed('definition', error, FAILED_FIX) };
  }
}
