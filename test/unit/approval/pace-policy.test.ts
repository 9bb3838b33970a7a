import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EMPTY_LEDGER,
  giveBack,
  grant,
  grantTurn,
  holdUntil,
  isSlotUsable,
  isTurnUsable,
  type Lane,
  type Ledger,
  NEAR_MS,
  room,
  SLOT_USABLE_MS,
  type SlotRequest,
  SPOT_MS,
  spacingOf,
  turnsWithin,
} from '../../../shared/approval/plan/pace-policy.ts';
import { CALLS_PER_MINUTE } from '../../../shared/approval/store/pacing.ts';

const MINUTE = 60_000;
const NOW = 1_000_000;
const LIMIT = CALLS_PER_MINUTE.usual;

const ask = (changes: Partial<SlotRequest> = {}): SlotRequest => ({
  now: NOW,
  lane: 'NEW',
  horizonMs: MINUTE,
  ...changes,
});

/** Returns the slots of callers who all ask at the same moment, in milliseconds from then. */
function askTogether(
  callers: number,
  ledger: Ledger = EMPTY_LEDGER,
  how: Partial<SlotRequest> = {},
  limit: number = LIMIT,
): { waits: (number | undefined)[]; ledger: Ledger } {
  const waits: (number | undefined)[] = [];
  for (let caller = 0; caller < callers; caller++) {
    const granted = grant(ledger, ask(how), limit);
    waits.push(granted.slot === undefined ? undefined : granted.slot - (how.now ?? NOW));
    ledger = granted.ledger;
  }
  return { waits, ledger };
}

/** Returns a ledger after this many calls, spread over the last minute. */
function filled(calls: number, lane: Lane = 'WAITING'): Ledger {
  let ledger = EMPTY_LEDGER;
  for (let call = 0; call < calls; call++) {
    const now = NOW - MINUTE + Math.ceil((call * MINUTE) / LIMIT);
    ledger = grant(ledger, ask({ now, lane, horizonMs: 0 }), LIMIT).ledger;
  }
  return ledger;
}

const given = (waits: readonly (number | undefined)[]): number[] =>
  waits.filter((wait) => wait !== undefined);

describe('the slots of an API of Feishu', () => {
  it('are ten at once after a pause, and then ten in four seconds, one each half second', () => {
    const { waits } = askTogether(30);
    expect(waits.slice(0, 10)).toEqual(Array(10).fill(0));
    expect(waits.slice(10)).toEqual(Array.from({ length: 20 }, (_, at) => 4_000 + at * 500));
  });

  it('are handed out for one minute ahead while nobody waits, and no further', () => {
    const { waits } = askTogether(150);
    expect(given(waits)).toHaveLength(100);
    expect(Math.max(...given(waits))).toBeLessThanOrEqual(MINUTE);
    expect(waits.slice(100)).toEqual(Array(50).fill(undefined));
  });

  it('are never beyond the horizon, so that no message is hidden for long while a card is open', () => {
    const { waits } = askTogether(30, EMPTY_LEDGER, { horizonMs: 5_000 });
    expect(given(waits)).toHaveLength(13);
    expect(Math.max(...given(waits))).toBe(5_000);
  });

  it('are not handed out once the limit of a minute is reached', () => {
    expect(given(askTogether(1, filled(100), { horizonMs: 1_000 }).waits)).toEqual([]);
    const later = askTogether(10, filled(100), { lane: 'WAITING' }).waits;
    expect(Math.min(...given(later))).toBeGreaterThan(0);
  });

  it('do not exceed the limit in 61 seconds, because one may be used at once and another 1 s late', () => {
    const slots: number[] = [];
    let ledger = EMPTY_LEDGER;
    for (let now = NOW; now < NOW + 4 * MINUTE; now += 100) {
      const granted = grant(ledger, ask({ now, horizonMs: 0 }), LIMIT);
      ledger = granted.ledger;
      if (granted.slot !== undefined) slots.push(granted.slot);
    }
    const most = slots.map((from) => slots.filter((slot) => slot >= from && slot < from + 61_000).length);
    expect(Math.max(...most)).toBe(LIMIT);
  });

  it('need little room in the stored ledger, whatever the limit', () => {
    let ledger = askTogether(1_200, EMPTY_LEDGER, {}, 99_999).ledger;
    ledger = askTogether(1_200, ledger, { now: NOW + 30_000 }, 99_999).ledger;
    expect(JSON.stringify(ledger).length).toBeLessThan(2_000);
  });

  it('are no longer counted once their minute is over', () => {
    const ledger = askTogether(100).ledger;
    const much = grant(ledger, ask({ now: NOW + 10 * MINUTE }), LIMIT);
    expect(much.slot).toBe(NOW + 10 * MINUTE);
    expect(much.ledger.log?.others.filter((count) => count > 0)).toEqual([1]);
  });
});

describe('a round that has waited', () => {
  const crowd = askTogether(150).ledger;

  it('takes a free slot within five seconds, and nothing further ahead', () => {
    const { waits } = askTogether(30, filled(90), { lane: 'WAITING' });
    expect(given(waits).length).toBeGreaterThan(0);
    expect(Math.max(...given(waits))).toBeLessThanOrEqual(5_000);
    // Ten at once, then nothing for four seconds.
    expect(given(askTogether(30, EMPTY_LEDGER, { lane: 'WAITING' }).waits)).toEqual([
      ...Array<number>(10).fill(0),
      4_000,
      4_500,
      5_000,
    ]);
    expect(given(askTogether(1, crowd, { lane: 'WAITING' }).waits)).toEqual([]);
  });

  it('gets all slots of a minute that no newcomer uses', () => {
    let ledger = EMPTY_LEDGER;
    let calls = 0;
    for (let now = NOW; now < NOW + 10 * MINUTE; now += 500) {
      const granted = grant(ledger, ask({ now, lane: 'WAITING' }), LIMIT);
      ledger = granted.ledger;
      if (granted.slot !== undefined) calls++;
    }
    expect(calls).toBeGreaterThanOrEqual(960);
  });
});

describe('a newcomer while others wait', () => {
  /** A ledger whose minute is used up, with a round that waits. */
  const crowd = (): Ledger => grant(filled(100), ask({ lane: 'WAITING', horizonMs: 0 }), LIMIT).ledger;

  it('gets a slot within seconds, up to ten a minute', () => {
    const { waits } = askTogether(12, crowd());
    expect(given(waits)).toHaveLength(10);
    expect(Math.max(...given(waits))).toBeLessThan(15_000);
  });

  it('gets no more than that ahead, but every slot that is free now', () => {
    const shared = askTogether(12, crowd()).ledger;
    expect(grant(shared, ask(), LIMIT).slot).toBeUndefined();
    const free = { ...grant(EMPTY_LEDGER, ask({ lane: 'WAITING' }), LIMIT).ledger };
    const { waits } = askTogether(40, free);
    expect(given(waits).filter((wait) => wait <= SPOT_MS)).toHaveLength(9);
    expect(given(waits).filter((wait) => wait > SPOT_MS)).toHaveLength(10);
  });

  it('has no limited share two minutes after the last wait', () => {
    const now = NOW + 2 * MINUTE;
    expect(given(askTogether(30, crowd(), { now }).waits)).toHaveLength(30);
  });

  it('does not change the ledger when it must wait', () => {
    const first = askTogether(12, crowd()).ledger;
    const { ledger } = grant(first, ask(), LIMIT);
    expect(ledger).toBe(first);
  });
});

describe('a slot that was handed out earlier', () => {
  const { ledger } = askTogether(20);
  const slot = NOW + 8_000;

  it.each([
    ['is valid before its time', -8_000, true],
    ['is valid at its time', 0, true],
    ['is valid a little later', 999, true],
    ['is void when it is too old', 1_000, false],
  ])('%s', (_, late, expected) => {
    expect(isSlotUsable(slot, ledger, slot + late)).toBe(expected);
  });

  it('is void when Feishu refuses calls at its time', () => {
    expect(isSlotUsable(slot, holdUntil(ledger, slot + 1), NOW)).toBe(false);
    expect(isSlotUsable(slot, holdUntil(ledger, slot), NOW)).toBe(true);
  });

  it('is void when the ledger does not contain it, as after an upgrade', () => {
    expect(isSlotUsable(slot, { tat: NOW + 3_600_000, heldUntil: 0 }, NOW)).toBe(false);
  });

  it('is free for another round once it is given back', () => {
    const full = askTogether(100).ledger;
    expect(grant(full, ask(), LIMIT).slot).toBeUndefined();
    const again = giveBack(full, NOW + 8_000, 'NEW', NOW);
    expect(grant(again, ask(), LIMIT).slot).toBe(NOW + 8_000);
  });

  it('can be given back only once', () => {
    const again = giveBack(ledger, slot, 'NEW', NOW);
    expect(giveBack(again, slot, 'NEW', NOW)).toBe(again);
  });
});

describe('the room that the sweep fills', () => {
  it.each([
    ['a burst at first', EMPTY_LEDGER, 3_000, 10],
    ['nothing while Feishu refuses calls', holdUntil(EMPTY_LEDGER, NOW + 10_000), 3_000, 0],
    ['nothing if all slots are reserved', askTogether(100).ledger, 3_000, 0],
  ])('is %s', (_, ledger, within, expected) => {
    expect(room(ledger, NOW, within, LIMIT)).toBe(expected);
  });
});

interface Caller {
  at: number;
  lane: Lane;
  late: number;
  horizonMs: number;
}

const callers = fc.array(
  fc.record({
    passes: fc.oneof({ weight: 9, arbitrary: fc.nat(1_000) }, { weight: 1, arbitrary: fc.nat(90_000) }),
    skew: fc.integer({ min: -100, max: 100 }),
    lane: fc.constantFrom<Lane>('NEW', 'WAITING'),
    late: fc.nat(SLOT_USABLE_MS - 1),
    horizonMs: fc.constantFrom(5_000, MINUTE),
  }),
  { maxLength: 400, size: 'max' },
);
const limits = fc.integer({ min: CALLS_PER_MINUTE.fewest, max: 150 });

function* inTime(
  asked: readonly (Omit<Caller, 'at'> & { passes: number; skew: number })[],
): Generator<Caller> {
  let now = NOW;
  for (const { passes, skew, ...caller } of asked) {
    now += passes;
    yield { ...caller, at: now + skew };
  }
}

describe('docs/lessons.md 37: for callers at any time, and slots that are used late,', () => {
  it('no sliding minute has more calls than the limit', () => {
    fc.assert(
      fc.property(limits, callers, (limit, asked) => {
        const calls: number[] = [];
        let ledger = EMPTY_LEDGER;
        for (const { at, late, ...how } of inTime(asked)) {
          const granted = grant(ledger, { now: at, ...how }, limit);
          ledger = granted.ledger;
          // A worker that waits calls in time. A hidden message returns up to a second late.
          if (granted.slot !== undefined) calls.push(granted.slot + (granted.slot > at ? late : late / 8));
        }
        const most = calls.map((from) => calls.filter((call) => call >= from && call < from + MINUTE).length);
        expect(Math.max(0, ...most)).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 300 },
    );
  });

  it('a slot is not in the past, not beyond the horizon, and not while calls are refused', () => {
    fc.assert(
      fc.property(limits, callers, fc.nat(120_000), (limit, asked, hold) => {
        let ledger = holdUntil(EMPTY_LEDGER, NOW + hold);
        for (const { at, late: _, ...how } of inTime(asked)) {
          const granted = grant(ledger, { now: at, ...how }, limit);
          ledger = granted.ledger;
          if (granted.slot === undefined) continue;
          expect(granted.slot).toBeGreaterThanOrEqual(Math.max(at, NOW + hold));
          const horizon = how.lane === 'WAITING' ? Math.min(how.horizonMs, NEAR_MS) : how.horizonMs;
          expect(granted.slot - at).toBeLessThanOrEqual(horizon);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('every caller gets a slot while one is free now', () => {
    fc.assert(
      fc.property(limits, callers, (limit, asked) => {
        let ledger = EMPTY_LEDGER;
        for (const { at, late: _, ...how } of inTime(asked)) {
          const free = room(ledger, at, 0, limit) > 0;
          const granted = grant(ledger, { now: at, ...how }, limit);
          if (free) expect(granted.slot).toBe(at);
          ledger = granted.ledger;
        }
      }),
      { numRuns: 100 },
    );
  });

  it('rounds that waited get most slots, and newcomers at least about a tenth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 150 }), fc.integer({ min: 1, max: 5 }), (limit, flood) => {
        const got = { NEW: 0, WAITING: 0 };
        let ledger = grant(EMPTY_LEDGER, ask({ lane: 'WAITING' }), limit).ledger;
        for (let now = NOW; now < NOW + 10 * MINUTE; now += 500) {
          // The sweep calls up as many as there is room for, each second. Newcomers arrive all the time.
          const lanes: Lane[] = [
            ...Array<Lane>(flood).fill('NEW'),
            ...Array<Lane>(now % 1_000 === 0 ? room(ledger, now, 3_000, limit) : 0).fill('WAITING'),
          ];
          for (const lane of lanes) {
            const granted = grant(ledger, ask({ now, lane }), limit);
            ledger = granted.ledger;
            if (granted.slot !== undefined) got[lane]++;
          }
        }
        expect(got.NEW / (got.NEW + got.WAITING)).toBeGreaterThan(0.08);
        expect(got.WAITING / (got.NEW + got.WAITING)).toBeGreaterThan(0.5);
      }),
      { numRuns: 20 },
    );
  });
});

describe('the calls to an OA', () => {
  const SPACINGS = [16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 5_000];

  function turnsTogether(callers: number, ledger: Ledger = EMPTY_LEDGER, how: Partial<SlotRequest> = {}) {
    const waits: (number | undefined)[] = [];
    for (let caller = 0; caller < callers; caller++) {
      const granted = grantTurn(ledger, ask(how));
      waits.push(granted.slot === undefined ? undefined : granted.slot - NOW);
      ledger = granted.ledger;
    }
    return { waits, ledger };
  }

  it('are a quarter of a second apart until their duration is known, and then that duration apart', () => {
    expect(turnsTogether(3).waits).toEqual([0, 250, 500]);
    expect(turnsTogether(3, { ...EMPTY_LEDGER, spacingMs: 4_096 }).waits).toEqual([0, 4_096, 8_192]);
  });

  it('have no burst after a pause', () => {
    expect(turnsTogether(2, { ...EMPTY_LEDGER, tat: NOW - 10 * MINUTE }).waits).toEqual([0, 250]);
  });

  it('are reserved for a minute at most, and then rounds that waited come first', () => {
    const { waits, ledger } = turnsTogether(20, { ...EMPTY_LEDGER, spacingMs: 4_096 });
    expect(given(waits)).toHaveLength(15);
    const soon = { now: NOW + 59_000 };
    expect(grantTurn(ledger, ask(soon)).slot).toBeUndefined();
    expect(grantTurn(ledger, ask({ ...soon, lane: 'WAITING' })).slot).toBe(NOW + 15 * 4_096);
  });

  it('leave room for as many as can begin within a time', () => {
    const slow = { ...EMPTY_LEDGER, spacingMs: 1_024 };
    expect(turnsWithin(slow, NOW, 3_000)).toBe(3);
    expect(turnsWithin({ ...slow, tat: NOW + 3_001 }, NOW, 3_000)).toBe(0);
    expect(turnsTogether(4, slow).waits.filter((wait) => wait !== undefined && wait <= 3_000)).toHaveLength(
      3,
    );
  });

  it.each([
    [0, 16],
    [16, 16],
    [17, 32],
    [1_000, 1_024],
    [1_025, 2_048],
    [4_097, 5_000],
    [60_000, 5_000],
  ])('are %i ms long and %i ms apart', (took, apart) => {
    expect(spacingOf(took)).toBe(apart);
  });

  it('are at least one duration apart, and less than twice that', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), (took) => {
        const apart = spacingOf(took);
        expect(SPACINGS).toContain(apart);
        expect(apart).toBeGreaterThanOrEqual(took);
        expect(apart).toBeLessThan(Math.max(17, 2 * took));
      }),
    );
  });

  it('pause until the OA may be called again, and then continue with the same spacing', () => {
    const until = NOW + 40_000;
    const ledger = holdUntil({ ...EMPTY_LEDGER, spacingMs: 1_024 }, until);
    expect(turnsTogether(2, ledger).waits).toEqual([40_000, 41_024]);
    expect(isTurnUsable(until - 1, ledger, NOW)).toBe(false);
  });
});
