import type { FeishuApp } from '../feishu/gateway.ts';
import type { FeishuSetup } from '../feishu/setup-client.ts';
import type { Check } from '../settings/settings.ts';
import { failed, passed } from './check-app.ts';
import { addScope, RELEASE, SAVE_AGAIN } from './fixes.ts';
import { candidatesOf, type DefinitionChoice, judgeDefinition, type Verdict } from './judge-definition.ts';

export const DEFINITION_FIX = `${addScope('approval:approval')} ${RELEASE} Then save again.`;

/** Returns the code of the definition that a save would use; undefined if it would create one. */
export const chosenCode = (choice: DefinitionChoice): string | undefined =>
  choice.approvalCode ?? candidatesOf(choice)[0];

/** Runs the check `definition` without changing anything. */
export async function checkDefinition(
  setup: FeishuSetup,
  app: FeishuApp,
  code: string,
  choice: DefinitionChoice,
  /** Whether to judge the definition as it is, or as a save would leave it. */
  use: 'AS_IT_STANDS' | 'AFTER_A_SAVE',
): Promise<Check> {
  try {
    const verdict = judgeDefinition(await setup.getDefinition(app, code), code, choice);
    return use === 'AS_IT_STANDS' ? asItStands(verdict) : afterASave(verdict);
  } catch (error) {
    return failed('definition', error, DEFINITION_FIX);
  }
}

const fails = (detail: string, fix: string): Check => ({ name: 'definition', ok: false, detail, fix });
const passes = (detail: string): Check => passed('definition', detail);

const USABLE = 'The approval definition can be used.';
const IS_DELETED = 'The approval definition is deleted in Feishu';
const NOT_AS_NEEDED = 'The approval definition is not as this version needs it';

const because = (says: string): string => says && `: ${says}`;

function asItStands(verdict: Verdict): Check {
  switch (verdict.kind) {
    case 'FITS':
      return passes(USABLE);
    case 'DELETED':
      return fails(
        `${IS_DELETED}.`,
        `${SAVE_AGAIN}: the save uses an earlier one that this software made, or creates a new one.`,
      );
    case 'TO_OVERWRITE':
      return fails(
        `${NOT_AS_NEEDED}${because(verdict.says)}.`,
        `${SAVE_AGAIN}: the save brings it up to date.`,
      );
    case 'UNFIT':
      return fails(verdict.detail, verdict.fix);
    default:
      return verdict satisfies never;
  }
}

function afterASave(verdict: Verdict): Check {
  switch (verdict.kind) {
    case 'FITS':
      return passes(USABLE);
    case 'DELETED':
      return passes(
        `${IS_DELETED}. A save uses an earlier one that this software made, or creates a new one.`,
      );
    case 'TO_OVERWRITE':
      return passes(
        `${NOT_AS_NEEDED}${because(verdict.says)}. A save ${verdict.asked ? 'replaces it' : 'brings it up to date'}.`,
      );
    case 'UNFIT':
      return fails(verdict.detail, verdict.fix);
    default:
      return verdict satisfies never;
  }
}
