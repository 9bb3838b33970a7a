import { describe, expect, it } from 'vitest';
import {
  type ChosenForm,
  chooseForm,
  FORM_LADDER,
  type FormKind,
} from '../../../shared/approval/channels/choose-form.ts';
import { learn, NOTHING_KNOWN, type SizedForm } from '../../../shared/approval/form-memory.ts';

const NOW = new Date('2026-03-01T08:00:00.000Z');
type Refused = FormKind & SizedForm;

/** A card of much SQL: whole only in its full forms, and half as long in plain text. */
const LARGE: Record<FormKind['level'], number> = { FULL: 180_000, COMPACT: 60_000, MINIMAL: 9_000 };
const large = ({ level, wording }: FormKind): ChosenForm => ({
  level,
  wording,
  bytes: LARGE[level] / (wording === 'PLAIN' ? 2 : 1),
  whole: level === 'FULL',
});
/** A card of little SQL: full and compact say the same. */
const small = ({ level, wording }: FormKind): ChosenForm => ({
  level,
  wording,
  bytes: level === 'MINIMAL' ? 2_000 : 3_000,
  whole: level !== 'MINIMAL',
});

const named = (choice: ReturnType<typeof chooseForm<ChosenForm>>): string =>
  'none' in choice ? choice.none : `${choice.form.level} ${choice.form.wording}`;

/** All forms in the order in which they are sent to a Feishu that refuses each. */
function sequence(
  build: (kind: FormKind) => ChosenForm,
  {
    memory = NOTHING_KNOWN,
    mayCut = true,
    from,
  }: { memory?: typeof NOTHING_KNOWN; mayCut?: boolean; from?: FormKind } = {},
): string[] {
  const refused: Refused[] = [];
  for (;;) {
    const choice = chooseForm(build, { refused, memory, mayCut, from });
    if ('none' in choice) return [...refused.map(({ level, wording }) => `${level} ${wording}`), choice.none];
    refused.push(choice.form);
  }
}

describe('chooseForm', () => {
  it('tries each level in both wordings before it goes down', () => {
    expect(sequence(large)).toEqual([
      'FULL KEYS',
      'FULL PLAIN',
      'COMPACT KEYS',
      'COMPACT PLAIN',
      'MINIMAL KEYS',
      'MINIMAL PLAIN',
      'REFUSED',
    ]);
  });

  it('leaves out a level that says the same as a refused one, but never the lowest', () => {
    expect(sequence(small)).toEqual(['FULL KEYS', 'FULL PLAIN', 'MINIMAL KEYS', 'MINIMAL PLAIN', 'REFUSED']);
  });

  it('sends no cut form where that is refused, and says that this is why', () => {
    expect(sequence(large, { mayCut: false })).toEqual(['FULL KEYS', 'FULL PLAIN', 'CUT']);
  });

  it('begins with what is not known to be refused', () => {
    const memory = learn(
      NOTHING_KNOWN,
      { wording: 'KEYS', bytes: 60_000 },
      [{ wording: 'KEYS', bytes: 180_000 }],
      NOW,
    );
    expect(sequence(large, { memory })).toEqual([
      'FULL PLAIN',
      'COMPACT KEYS',
      'COMPACT PLAIN',
      'MINIMAL KEYS',
      'MINIMAL PLAIN',
      'REFUSED',
    ]);
  });

  it('does not shorten a small card because a large one was refused', () => {
    const memory = learn(
      NOTHING_KNOWN,
      { wording: 'KEYS', bytes: 60_000 },
      [{ wording: 'KEYS', bytes: 180_000 }],
      NOW,
    );
    expect(named(chooseForm(small, { refused: [], memory, mayCut: true }))).toBe('FULL KEYS');
  });

  it('tries the smallest all the same when everything is known to be refused', () => {
    const memory = learn(
      learn(NOTHING_KNOWN, { wording: 'KEYS', bytes: 10 }, [{ wording: 'KEYS', bytes: 100 }], NOW),
      { wording: 'PLAIN', bytes: 10 },
      [{ wording: 'PLAIN', bytes: 100 }],
      NOW,
    );
    expect(named(chooseForm(large, { refused: [], memory, mayCut: true }))).toBe('MINIMAL PLAIN');
  });

  it('goes on from where an earlier round was', () => {
    expect(sequence(large, { from: { level: 'COMPACT', wording: 'PLAIN' } })[0]).toBe('COMPACT PLAIN');
  });

  it('builds no more forms than it needs', () => {
    const built: string[] = [];
    chooseForm(
      (kind) => {
        built.push(`${kind.level} ${kind.wording}`);
        return large(kind);
      },
      { refused: [], memory: NOTHING_KNOWN, mayCut: true },
    );
    expect(built).toEqual(['FULL KEYS']);
  });

  it('has a ladder of every level in every wording', () => {
    expect(FORM_LADDER.map(({ level, wording }) => `${level} ${wording}`)).toHaveLength(6);
  });
});
