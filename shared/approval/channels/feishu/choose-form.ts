import { FORM_BUDGETS } from '../../../feishu/form/body.ts';
import { FORM_LEVELS, FORM_WORDINGS, type FormKind } from '../../../feishu/form/form-kind.ts';
import { type FormMemory, mayPass, type SizedForm } from './form-memory.ts';

/** The fields of a form that the choice uses. */
export interface ChosenForm extends SizedForm {
  /** Every statement stands whole on it. */
  whole: boolean;
}

/**
 * The order in which forms are tried: as much as possible, and each level in both wordings before the next lower one,
 * because a refusal does not say whether it is for the size or for the keys.
 */
export const FORM_LADDER: readonly FormKind[] = FORM_LEVELS.flatMap((level) =>
  FORM_WORDINGS.map((wording) => ({ level, wording })),
);

const rankOf = ({ level, wording }: FormKind): number =>
  FORM_LADDER.findIndex((kind) => kind.level === level && kind.wording === wording);

/** What is to be sent next, or why there is nothing: every form was refused, or those left are cut and may not be. */
export type Choice<F> = { form: F } | { none: 'REFUSED' | 'CUT' };

/**
 * Chooses the first form of the ladder that may pass. `build` makes a form, and is called for as few as possible.
 * Pure but for `build`.
 */
export function chooseForm<F extends ChosenForm>(
  build: (kind: FormKind) => F,
  at: {
    /** Forms of this request that were refused. */
    refused: readonly SizedForm[];
    /** What still counts (`recall`). */
    memory: FormMemory;
    /** A form that does not show every statement whole may be sent. */
    mayCut: boolean;
  },
): Choice<F> {
  const start = at.refused.reduce((rank, kind) => Math.max(rank, rankOf(kind) + 1), 0);
  let cut = false;
  let doubtful: F | undefined;
  for (const kind of FORM_LADDER.slice(start)) {
    const form = build(kind);
    if (!form.whole && !at.mayCut) {
      cut = true;
      continue;
    }
    if (isNoShorter(form, at.refused)) continue;
    if (mayPass(form, at.memory)) return { form };
    // What is known may be out of date: rather than nothing, the smallest is tried all the same.
    if (!doubtful || form.bytes <= doubtful.bytes) doubtful = form;
  }
  if (doubtful) return { form: doubtful };
  return { none: cut && !isRefusedWhileSmall(at.refused) ? 'CUT' : 'REFUSED' };
}

/** It is no shorter than a refused one of its wording, or that one already fitted into the budget of its level. */
const isNoShorter = (form: SizedForm, refused: readonly SizedForm[]): boolean =>
  refused.some(
    ({ wording, bytes }) =>
      wording === form.wording &&
      (form.bytes >= bytes || (form.level === 'COMPACT' && bytes <= FORM_BUDGETS.COMPACT)),
  );

/** So small a card is not refused for its size. */
const isRefusedWhileSmall = (refused: readonly SizedForm[]): boolean =>
  refused.some(({ bytes }) => bytes <= FORM_BUDGETS.MINIMAL);
