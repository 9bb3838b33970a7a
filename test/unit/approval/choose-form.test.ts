import { describe, expect, it } from 'vitest';
import {
  type ChosenForm,
  chooseForm,
  FORM_LADDER,
} from '../../../shared/approval/channels/feishu/choose-form.ts';
import {
  learn,
  NOTHING_KNOWN,
  type SizedForm,
} from '../../../shared/approval/channels/feishu/form-memory.ts';
import type { FormKind } from '../../../shared/feishu/form/form-kind.ts';

const AT = { now: new Date('2026-03-01T08:00:00.000Z'), created: true };
const keys = (bytes: number, level: FormKind['level'] = 'FULL'): SizedForm => ({
  level,
  wording: 'KEYS',
  bytes,
});
const plain = (bytes: number, level: FormKind['level'] = 'FULL'): SizedForm => ({
  level,
  wording: 'PLAIN',
  bytes,
});

/** A card with much SQL: whole only in its full forms, and half as long in plain text. */
const LARGE: Record<FormKind['level'], number> = { FULL: 180_000, COMPACT: 60_000, MINIMAL: 9_000 };
const large = ({ level, wording }: FormKind): ChosenForm => ({
  level,
  wording,
  bytes: LARGE[level] / (wording === 'PLAIN' ? 2 : 1),
  whole: level === 'FULL',
});
/** A card with little SQL: full and compact have the same content. */
const small = ({ level, wording }: FormKind): ChosenForm => ({
  level,
  wording,
  bytes: level === 'MINIMAL' ? 2_000 : 3_000,
  whole: level !== 'MINIMAL',
});

const named = (choice: ReturnType<typeof chooseForm<ChosenForm>>): string =>
  'none' in choice ? choice.none : `${choice.form.level} ${choice.form.wording}`;

/** Returns all forms in the order in which they are sent if Feishu refuses each. */
function sequence(
  build: (kind: FormKind) => ChosenForm,
  { memory = NOTHING_KNOWN, mayCut = true }: { memory?: typeof NOTHING_KNOWN; mayCut?: boolean } = {},
): string[] {
  const refused: SizedForm[] = [];
  for (;;) {
    const choice = chooseForm(build, { refused, memory, mayCut });
    if ('none' in choice) return [...refused.map(({ level, wording }) => `${level} ${wording}`), choice.none];
    refused.push(choice.form);
  }
}

describe('chooseForm', () => {
  it('tries each level in both wordings before the next lower level', () => {
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

  it('skips a level with the same content as a refused one', () => {
    expect(sequence(small)).toEqual(['FULL KEYS', 'FULL PLAIN', 'MINIMAL KEYS', 'MINIMAL PLAIN', 'REFUSED']);
  });

  it('tries a slightly smaller compact form if the full one exceeds the budget of compact forms', () => {
    const just = (kind: FormKind) => ({
      ...large(kind),
      bytes: { FULL: 62_000, COMPACT: 58_000, MINIMAL: 9_000 }[kind.level],
    });
    expect(sequence(just).filter((kind) => kind.startsWith('COMPACT'))).toEqual([
      'COMPACT KEYS',
      'COMPACT PLAIN',
    ]);
  });

  it('does not remove the SQL for a form that is no smaller', () => {
    const tiny = (kind: FormKind) => ({ ...small(kind), bytes: kind.level === 'MINIMAL' ? 4_400 : 3_600 });
    expect(sequence(tiny)).toEqual(['FULL KEYS', 'FULL PLAIN', 'REFUSED']);
  });

  it('chooses no cut form if the settings refuse that, and returns CUT', () => {
    expect(sequence(large, { mayCut: false })).toEqual(['FULL KEYS', 'FULL PLAIN', 'CUT']);
  });

  it('returns REFUSED, not CUT, if Feishu refused a small card', () => {
    expect(sequence(small, { mayCut: false })).toEqual(['FULL KEYS', 'FULL PLAIN', 'REFUSED']);
  });

  it('begins with the first form that is not known to be refused', () => {
    const memory = learn(NOTHING_KNOWN, keys(60_000, 'COMPACT'), [keys(180_000)], AT);
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
    const memory = learn(NOTHING_KNOWN, keys(60_000, 'COMPACT'), [keys(180_000)], AT);
    expect(named(chooseForm(small, { refused: [], memory, mayCut: true }))).toBe('FULL KEYS');
  });

  it('tries the smallest form even if all forms are known to be refused', () => {
    const memory = learn(learn(NOTHING_KNOWN, keys(10), [keys(100)], AT), plain(10), [plain(100)], AT);
    expect(named(chooseForm(large, { refused: [], memory, mayCut: true }))).toBe('MINIMAL PLAIN');
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
